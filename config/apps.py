"""The project's own app (commands of the house) and Django's admin with our site in it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import database_roles  # noqa: F401  # registers its check


class AdminConfig(DjangoAdminConfig):
    default_site = "config.admin_site.AdminSite"
