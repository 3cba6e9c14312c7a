"""Every address: accounts, the staff admin, the console, health."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("hierarchy.urls")),
]
