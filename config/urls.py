"""Every address: accounts, the staff admin, the console. Health is answered by a middleware."""

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
    from config.development import dev_mail

    urlpatterns.append(path("dev/mail/", dev_mail.index, name="dev-mail"))

handler400 = "config.web.errors.bad_request"
handler403 = "config.web.errors.permission_denied"
handler404 = "config.web.errors.not_found"
handler500 = "config.web.errors.server_error"
