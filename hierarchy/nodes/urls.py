"""The addresses of this room's pages, grouped by noun."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from hierarchy.console.addresses import (
    APPLICATION,
    ORGANIZATION,
    WORKSPACE,
    at_every_level,
    below_an_organization,
)
from hierarchy.console.navigation import Page, declare
from hierarchy.console.views.waiting import WaitingList
from hierarchy.console.views.waiting import declare as declare_waiting
from hierarchy.nodes.views import (
    applications,
    logos,
    nodes,
    organizations,
    slugs,
    transfers,
    trash,
    waiting,
    workspaces,
)
from hierarchy.roles import VIEW, VIEW_SETTINGS

declare(
    Page(10, "overview", "detail", _("Overview"), "layout-dashboard", VIEW),
    Page(70, "settings", "edit", _("Settings"), "settings", VIEW_SETTINGS, "s"),
)
declare_waiting(
    WaitingList(30, "console/home/_transfers.html", waiting.incoming, waiting.maybe_incoming)
)

urlpatterns: list[URLPattern] = [
    # From everywhere
    path("trash/", trash.index, name="trash"),
    path("trash/<slug:level>/<int:pk>/restore/", trash.restore, name="restore"),
    path("slugs/check/", slugs.check, name="slug-check"),
    # Organizations
    path("organizations/new/", organizations.create, name="organization-create"),
    path(ORGANIZATION, organizations.detail, name="detail"),
    path(f"{ORGANIZATION}logo/", logos.show, name="logo"),
    # Workspaces
    path(f"{ORGANIZATION}workspaces/new/", workspaces.create, name="workspace-create"),
    path(WORKSPACE, workspaces.detail, name="detail"),
    path(f"{WORKSPACE}logo/", logos.show, name="logo"),
    # Applications
    path(f"{WORKSPACE}applications/new/", applications.create, name="application-create"),
    path(APPLICATION, applications.detail, name="detail"),
    # Nodes of every level
    *at_every_level("pin/", nodes.pin, "pin"),
    *at_every_level("unpin/", nodes.unpin, "unpin"),
    *at_every_level("settings/", nodes.edit, "edit"),
    *at_every_level("settings/suspend/", nodes.suspend, "suspend"),
    *at_every_level("settings/resume/", nodes.resume, "resume"),
    *at_every_level("settings/delete/", nodes.delete, "delete"),
    # Transfers
    *below_an_organization("settings/transfer/", transfers.transfer, "transfer"),
    *below_an_organization("settings/transfer/withdraw/", transfers.withdraw, "transfer-withdraw"),
    path("transfers/<int:pk>/", transfers.detail, name="transfer-offer"),
    path("transfers/<int:pk>/accept/", transfers.accept, name="transfer-accept"),
    path("transfers/<int:pk>/decline/", transfers.decline, name="transfer-decline"),
]
