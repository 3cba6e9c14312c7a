"""Creating organizations, and their overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hierarchy import access, visible
from hierarchy.console import lookup, paging
from hierarchy.console.lookup import named
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, attempt, render
from hierarchy.console.views.sent_once import once
from hierarchy.members.actions import owners, ownership, ownership_recoveries
from hierarchy.models import Membership, Organization, Workspace
from hierarchy.nodes import tree_picture
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
    workspaces = visible.beneath(request.user, node)
    page = paging.page(request, workspaces.filter(named(query)), size=WORKSPACES_AT_ONCE)
    is_first_page = "after" not in request.GET
    first = page.rows if is_first_page else tree_picture.first_of(workspaces)
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
        tree=tree_picture.draw(request.user, node, first) if first and not query else "",
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
