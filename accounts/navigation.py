"""The side bar of the account pages, which belong to no node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Item:
    """A link of the side bar."""

    label: str
    url: str
    icon: str
    is_current: bool = False
    go: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    items: list[Item]


@dataclass(frozen=True)
class Navigation:
    """What the shell shows around an account page."""

    sections: list[Section]
    breadcrumbs: list[tuple[str, str | None]] = field(default_factory=list)


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
    home = Item(_("Home"), "/", "house", go="o")
    return Navigation([Section("", [home]), Section(_("Your account"), items)])


def account_navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates of account pages their shell (a context processor: most are allauth's)."""
    if request.path.startswith("/accounts/") and request.user.is_authenticated:
        return {"navigation": of_account(request)}
    return {}
