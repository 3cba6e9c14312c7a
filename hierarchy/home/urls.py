"""The addresses of this room's pages, grouped by noun."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from hierarchy.console.addresses import at_every_level
from hierarchy.console.navigation import Page, declare
from hierarchy.home.views import access, home, search, switcher, view_as
from hierarchy.roles import VIEW_MEMBER

declare(Page(40, "access", "access", _("Access"), "key-round", VIEW_MEMBER))

urlpatterns: list[URLPattern] = [
    # From everywhere
    path("", home.home, name="home"),
    path("switcher/", switcher.switcher, name="switcher"),
    path("search/", search.search, name="search"),
    # Access
    *at_every_level("access/", access.index, "access"),
    *at_every_level("access/view-as/", view_as.start, "view-as"),
    path("view-as/leave/", view_as.leave, name="view-as-leave"),
]
