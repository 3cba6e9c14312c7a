"""App for people: accounts, sign-in, profile and devices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They listen for changed addresses.
        from accounts import devices, former_addresses  # noqa: F401
