"""Creating workspaces, and their overview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hierarchy import visible
from hierarchy.console import lookup, paging
from hierarchy.console.lookup import named
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, attempt, render
from hierarchy.console.views.sent_once import once
from hierarchy.effective_settings import effective_settings
from hierarchy.models import Application, Environment, Workspace
from hierarchy.nodes.actions import workspaces
from hierarchy.nodes.actions.slugs import Scope
from hierarchy.nodes.forms.workspaces import NewWorkspaceForm
from hierarchy.nodes.views.nodes import overview
from hierarchy.nodes.views.slugs import slug_of
from hierarchy.roles import Level, Permission

if TYPE_CHECKING:
    from hierarchy.access import Anybody


CHANNELS_AT_ONCE = 20


@dataclass(frozen=True)
class Channel:
    """The applications of one slug: the same thing in several environments."""

    applications: list[Application]  # production first

    @property
    def first(self) -> Application:
        return self.applications[0]


@require_http_methods(["GET", "HEAD", "POST"])
@once
def create(request: Request, organization: str) -> HttpResponse:
    """Create a workspace in an organization."""
    node = lookup.get_organization(request.user, organization, to=Permission.ADD_WORKSPACE)
    form = NewWorkspaceForm(
        request.POST or None,
        place={"new": Level.WORKSPACE.value} | node.slugs,
        inherited=effective_settings(node),
    )
    if form.is_valid():
        slug = slug_of(form, [Scope(Level.WORKSPACE, node)])
        fields = form.cleaned_data | {"slug": slug}
        workspace = attempt(form, lambda: workspaces.create(node, by=request.user, **fields))
        if workspace is not None:
            messages.success(request, _("%(node)s has been created.") % {"node": workspace.name})
            return redirect(node_url(workspace))
    return render(request, "console/workspaces/create.html", node=node, form=form)


@require_safe
def detail(request: Request, organization: str, workspace: str) -> HttpResponse:
    """Show a workspace: its applications, its people and recent activity."""
    node = lookup.get_workspace(request.user, organization, workspace, to=Permission.VIEW_WORKSPACE)
    query = request.GET.get("q", "").strip()
    seen = visible.beneath(request.user, node)
    slugs = seen.filter(named(query)).order_by().values("slug").distinct()
    page = paging.page(request, slugs, by=("slug",), size=CHANNELS_AT_ONCE)
    return render(
        request,
        "console/workspaces/detail.html",
        fragment="console/workspaces/_applications.html",
        node=node,
        section="overview",
        q=query,
        page=page,
        channels=_channels(request.user, node, [row["slug"] for row in page.rows]),
        **overview(request, node),
    )


def _channels(user: Anybody, workspace: Workspace, slugs: list[str]) -> list[Channel]:
    """Return the channels of these slugs, in their order."""
    by_slug: dict[str, list[Application]] = {slug: [] for slug in slugs}
    rows = visible.beneath(user, workspace).filter(slug__in=slugs).order_by()
    seen = visible.hung_on(workspace, rows)
    for application in sorted(seen, key=lambda each: Environment.values.index(each.environment)):
        by_slug[application.slug].append(application)
    return [Channel(applications) for applications in by_slug.values()]
