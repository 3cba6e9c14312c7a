"""Creating organizations, and their overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hierarchy import access, visible
from hierarchy.console import drawings, lookup, paging
from hierarchy.console.lookup import named
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, attempt, render
from hierarchy.console.views.sent_once import once
from hierarchy.members.actions import owners, ownership, ownership_recoveries
from hierarchy.models import Application, Membership, Organization, Workspace
from hierarchy.nodes.actions import organizations
from hierarchy.nodes.actions.slugs import Scope
from hierarchy.nodes.forms.organizations import NewOrganizationForm
from hierarchy.nodes.views.nodes import overview
from hierarchy.nodes.views.slugs import limit_asking, slug_of
from hierarchy.roles import Level, Permission

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.access import Anybody

WORKSPACES_AT_ONCE = 20
# A picture of more would no longer be an overview; the list beneath it has them all.
MOST_DRAWN_WORKSPACES = 8
MOST_DRAWN_APPLICATIONS = 6


@require_http_methods(["GET", "HEAD", "POST"])
@once
def create(request: Request) -> HttpResponse:
    """Create an organization, with its creator as the owner."""
    form = NewOrganizationForm(request.POST or None, place={"new": Level.ORGANIZATION.value})
    if form.is_valid():
        if limited := limit_asking(request):
            return limited
        slug = slug_of(form, [Scope(Level.ORGANIZATION)])
        fields = form.cleaned_data | {"slug": slug}
        organization = attempt(form, lambda: organizations.create(by=request.user, **fields))
        if organization is not None:
            messages.success(request, _("%(node)s has been created.") % {"node": organization.name})
            return redirect(node_url(organization))
    return render(request, "console/organizations/create.html", form=form)


@require_safe
def detail(request: Request, organization: str) -> HttpResponse:
    """Show an organization: its tree, its workspaces, its people and recent activity."""
    node = lookup.get_organization(request.user, organization, to=Permission.VIEW_ORGANIZATION)
    query = request.GET.get("q", "").strip()
    workspaces = visible.workspaces_for(request.user).filter(organization=node)
    page = paging.page(request, workspaces.filter(named(query)), size=WORKSPACES_AT_ONCE)
    counts = _application_counts(request.user, page.rows)
    return render(
        request,
        "console/organizations/detail.html",
        fragment="console/organizations/_workspaces.html",
        node=node,
        section="overview",
        q=query,
        page=page,
        rows=[(workspace, counts.get(workspace.pk, 0)) for workspace in page.rows],
        tree=_tree(request.user, node, workspaces) if page.rows and not query else "",
        recovery=ownership_recoveries.running(node),
        needs_an_heir=_needs_an_heir(request.user, node),
        **overview(request, node),
    )


def _needs_an_heir(user: User, organization: Organization) -> bool:
    """Return whether nobody could decide without `user`, in something that others work in, too."""
    if Permission.TRANSFER_ORGANIZATION not in access.held(user, organization):
        return False
    if not owners.is_only_owner(user, organization):
        return False
    members = Membership.objects.at(organization).exclude(user=user)
    return members.exists() and ownership.successor(organization) is None


def _application_counts(user: Anybody, workspaces: Sequence[Workspace]) -> dict[int, int]:
    seen = visible.applications_for(user).filter(workspace__in=workspaces).order_by()
    counted = seen.values("workspace").annotate(number=Count("pk"))
    return dict(counted.values_list("workspace", "number"))


def _tree(user: Anybody, organization: Organization, workspaces: QuerySet[Workspace]) -> SafeString:
    """Return the picture of the first workspaces; of few, with their applications."""
    found = list(workspaces.order_by("name", "id")[: MOST_DRAWN_WORKSPACES + 1])
    drawn = found[:MOST_DRAWN_WORKSPACES]
    is_all = len(found) == len(drawn)
    beneath = _first_applications(user, drawn) if is_all else {}
    children = [
        drawings.Node(
            workspace.name, node_url(workspace), "workspace", _boxes(beneath.get(workspace.pk, []))
        )
        for workspace in drawn
    ]
    if not is_all:
        children.append(drawings.Node(_("and more, listed below"), "", "more"))
    root = drawings.Node(organization.name, node_url(organization), "organization", children)
    return drawings.tree(root)


def _first_applications(
    user: Anybody, workspaces: Sequence[Workspace]
) -> dict[int, list[Application]]:
    """Return the first applications of each workspace, and one more to show that there is more."""
    place = Window(RowNumber(), partition_by=F("workspace_id"), order_by=("name", "id"))
    seen = visible.applications_for(user).filter(workspace__in=workspaces)
    first = seen.annotate(place=place).filter(place__lte=MOST_DRAWN_APPLICATIONS + 1)
    found: dict[int, list[Application]] = {}
    for application in first.order_by("name", "id"):
        found.setdefault(application.workspace_id, []).append(application)
    return found


def _boxes(applications: Sequence[Application]) -> list[drawings.Node]:
    boxes = [
        drawings.Node(
            application.name,
            node_url(application),
            application.environment,
            note=str(application.get_environment_display()),
        )
        for application in applications[:MOST_DRAWN_APPLICATIONS]
    ]
    if len(applications) > MOST_DRAWN_APPLICATIONS:
        boxes.append(drawings.Node(_("and more"), "", "more"))
    return boxes
