"""First page: what this is, or where the person can go."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_alone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hierarchy import access, visible
from hierarchy.access import grant_map
from hierarchy.console import drawings, paging
from hierarchy.console.existence import exist
from hierarchy.console.navigation import node_url
from hierarchy.console.views import waiting
from hierarchy.console.views.pages import Request, render
from hierarchy.console.views.waiting import FEW
from hierarchy.home.views.switcher import pinned, pins_of, recent
from hierarchy.models import (
    Application,
    EmailDomain,
    Environment,
    Membership,
    Organization,
    Workspace,
)
from hierarchy.roles import Level, Permission

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.membership import MembershipQuerySet
    from hierarchy.models.node import AnyNode

MOST_ORGANIZATIONS = 20
MOST_WORKSPACES = 6


@dataclass(frozen=True)
class Place:
    """An organization with what one sees of it; without `may_open`, only its name is told."""

    organization: Organization
    may_open: bool
    workspaces: list[Workspace] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    has_more: bool = False

    @property
    def nodes(self) -> list[AnyNode]:
        """Places that can be opened, the highest alone where it contains the rest."""
        if self.may_open:
            return [self.organization]
        return [*self.workspaces, *self.applications]


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the way: signed out, what this is; with a single place to go, straight there."""
    if not request.user.is_authenticated:
        return render_alone(request, "console/home/landing.html", {"tree": _example()})
    return _signed_in(cast("Request", request))


def _signed_in(request: Request) -> HttpResponse:
    lists, may_rest, may_keep = _perhaps_filled(request.user)
    templates, shown = waiting.found(request, lists)
    page = paging.page(request, _organizations(request.user), size=MOST_ORGANIZATIONS)
    places = _places(request.user, page.rows)
    single = _single(places)
    if single and page.is_all and not templates and not request.GET:
        return redirect(node_url(single))
    rest = _resting(request.user) if may_rest else Membership.objects.none()
    resting = paging.page(request, rest, by=paging.NEWEST, size=FEW, parameter="resting")
    return render(
        request,
        "console/home/index.html",
        section="home",
        waiting=templates,
        resting=resting,
        askable=_askable(request.user, resting.rows),
        places=places,
        page=page,
        pinned=pinned(request.user) if may_keep else [],
        recent=recent(request),
        **shown,
    )


def _perhaps_filled(user: User) -> tuple[list[waiting.WaitingList], bool, bool]:
    """Return the lists that may have anything in them, and whether rest and pins may: one query."""
    lists = waiting.declared()
    narrow = [each.maybe(user) for each in lists]
    *answers, may_rest, may_keep = exist(*narrow, _at_rest(user), pins_of(user))
    return list(compress(lists, answers)), may_rest, may_keep


def _example() -> SafeString:
    """Return the picture with which the landing page shows what a tree is."""
    shop = [
        drawings.Node(_("Web shop"), "", environment, note=str(environment.label))
        for environment in Environment
    ]
    workspaces = [
        drawings.Node(_("Retail"), "", "workspace", shop),
        drawings.Node(_("Logistics"), "", "workspace"),
    ]
    return drawings.tree(drawings.Node(_("Your organization"), "", "organization", workspaces))


def _resting(user: User) -> QuerySet[Membership]:
    """Return the person's memberships that grant nothing at present, where the node is alive."""
    return _at_rest(user).alive().with_nodes()


def _at_rest(user: User) -> MembershipQuerySet:
    return Membership.objects.resting().filter(user=user)


def _askable(user: User, rows: list[Membership]) -> set[int]:
    """Return those of the resting memberships that `user`, whose access has ended, may ask for."""
    over = [row for row in rows if row.is_active and row.has_ended and row.workspace_id is None]
    doors = {row.organization_id for row in over if row.organization.may_ask_to_join}
    if len(doors) < len(over):
        doors |= set(EmailDomain.objects.open_to(user).values_list("organization", flat=True))
    return {row.pk for row in over if row.organization_id in doors}


def _organizations(user: User) -> QuerySet[Organization]:
    """Return the organizations in which `user` sees something, be it one application.

    Each with its `first`: the ids of the first workspaces that they see there, one more than are
    shown. Of each organization the index is read that far, however many workspaces it has.
    """
    grants = grant_map(user)
    ids = set(grants.nodes(Level.ORGANIZATION, Permission.VIEW_ORGANIZATION))
    workspaces = grants.nodes(Level.WORKSPACE, Permission.VIEW_WORKSPACE)
    applications = grants.nodes(Level.APPLICATION, Permission.VIEW_APPLICATION)
    below = [
        model.objects.alive().filter(visible.among("pk", held)).order_by()
        for model, held in ((Workspace, workspaces), (Application, applications))
    ]
    of_workspaces, of_applications = (rows.values_list("organization_id") for rows in below)
    ids |= {pk for (pk,) in of_workspaces.union(of_applications)}
    workspaces_there = visible.workspaces_for(user).filter(organization=OuterRef("pk"))
    first = workspaces_there.order_by("name", "id").values("pk")[: MOST_WORKSPACES + 1]
    rows = Organization.objects.alive().filter(visible.among("pk", ids))
    return rows.annotate(first=ArraySubquery(first))


def _places(user: User, organizations: list[Organization]) -> list[Place]:
    """Return the organizations with their first workspaces, and what is held of applications."""
    workspaces = _first_workspaces(organizations)
    applications = _applications_alone(user, organizations)
    seen = grant_map(user).held[Level.ORGANIZATION]
    return [
        Place(
            organization,
            may_open=Permission.VIEW_ORGANIZATION in seen.get(organization.pk, ()),
            workspaces=workspaces.get(organization.pk, [])[:MOST_WORKSPACES],
            applications=applications.get(organization.pk, []),
            has_more=len(workspaces.get(organization.pk, [])) > MOST_WORKSPACES,
        )
        for organization in organizations
    ]


def _first_workspaces(organizations: list[Organization]) -> dict[int, list[Workspace]]:
    """Return the `first` workspaces of each organization, those that are there."""
    ids = [pk for each in organizations for pk in each.first or ()]  # type: ignore[attr-defined]
    known = {each.pk: each for each in organizations}
    found: dict[int, list[Workspace]] = {}
    for workspace in Workspace.objects.filter(pk__in=ids).order_by("name", "id"):
        workspace.organization = known[workspace.organization_id]
        found.setdefault(workspace.organization_id, []).append(workspace)
    return found


def _applications_alone(
    user: User, organizations: list[Organization]
) -> dict[int, list[Application]]:
    """Return the applications that are seen without their workspaces."""
    held = grant_map(user).nodes(Level.APPLICATION, Permission.VIEW_APPLICATION)
    rows = Application.objects.alive().with_parents().filter(visible.among("pk", held))
    found: dict[int, list[Application]] = {}
    for application in rows.filter(organization__in=organizations).order_by("name", "id"):
        if Permission.VIEW_WORKSPACE not in access.held(user, application.workspace):
            found.setdefault(application.organization_id, []).append(application)
    return found


def _single(places: list[Place]) -> AnyNode | None:
    nodes = [node for place in places for node in place.nodes]
    has_more = any(place.has_more for place in places if not place.may_open)
    return nodes[0] if len(nodes) == 1 and not has_more else None
