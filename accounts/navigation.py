"""The side bar of the account pages, which belong to no node."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from config.navigation import Item, Navigation, Section


def of_account(request: HttpRequest) -> Navigation:
    """Return the shell of the account page that the request is for."""
    pages = [
        (_("Profile"), reverse("accounts:profile"), "user"),
        (_("E-mail"), reverse("account_email"), "mail"),
        (_("Password"), reverse("account_change_password"), "key-round"),
        (_("Two-factor"), reverse("mfa_index"), "shield-check"),
        (_("Devices"), reverse("usersessions_list"), "monitor"),
        (_("Close account"), reverse("console:account-close"), "user-x"),
    ]
    items = [Item(label, url, icon, request.path.startswith(url)) for label, url, icon in pages]
    home = Item(_("Home"), "/", "house", go="h")
    return Navigation([Section("", [home]), Section(_("Your account"), items)])


def account_navigation(request: HttpRequest) -> dict[str, object]:
    """Give templates of account pages their shell (a context processor: most are allauth's)."""
    if request.path.startswith("/accounts/") and request.user.is_authenticated:
        return {"navigation": of_account(request)}
    return {}
