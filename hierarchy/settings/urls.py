"""The addresses of this room's pages, grouped by noun."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from hierarchy.console.addresses import APPLICATION, at_every_level
from hierarchy.console.navigation import Page, declare
from hierarchy.roles import VIEW_SETTINGS, Level
from hierarchy.settings.views import settings, trusted_origins

declare(
    Page(
        50,
        "origins",
        "trusted-origin-index",
        _("Trusted origins"),
        "globe",
        VIEW_SETTINGS,
        levels=frozenset({Level.APPLICATION}),
    )
)

urlpatterns: list[URLPattern] = [
    # Settings
    *at_every_level("settings/<slug:group>/", settings.change, "settings"),
    # Trusted origins
    path(f"{APPLICATION}origins/", trusted_origins.index, name="trusted-origin-index"),
    path(f"{APPLICATION}origins/add/", trusted_origins.add, name="trusted-origin-add"),
    path(f"{APPLICATION}origins/<int:pk>/", trusted_origins.edit, name="trusted-origin-edit"),
    path(
        f"{APPLICATION}origins/<int:pk>/remove/",
        trusted_origins.remove,
        name="trusted-origin-remove",
    ),
]
