"""Every address: accounts, the staff admin, the console. Health is answered by config.health."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("hierarchy.urls")),
]
if settings.DEBUG:
    from config import dev_mail

    urlpatterns.append(path("dev/mail/", dev_mail.index, name="dev-mail"))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
