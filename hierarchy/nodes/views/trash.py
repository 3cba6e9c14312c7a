"""Pages of the trash: what was deleted, until when it can be restored, and restoring it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hierarchy import visible
from hierarchy.console import paging
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, press, render
from hierarchy.nodes.actions import nodes
from hierarchy.roles import Level

LAST_DELETED = ("-deleted_at", "-id")


@require_safe
def index(request: Request) -> HttpResponse:
    """List what the person could bring back, the latest first, one list for each level."""
    titles = (_("Organizations"), _("Workspaces"), _("Applications"))
    lists = [
        (level, title, _page(request, level)) for level, title in zip(Level, titles, strict=True)
    ]
    return render(
        request,
        "console/trash/index.html",
        section="trash",
        lists=[(level, title, page) for level, title, page in lists if page.rows],
    )


@require_POST
def restore(request: Request, level: str, pk: int) -> HttpResponse:
    """Bring a node back, with everything that was beneath it."""
    if level not in set(Level):
        raise Http404
    node = get_object_or_404(visible.restorable_for(request.user, Level(level)), pk=pk)
    done = _("%(node)s has been restored, along with everything in it.") % {"node": node.name}
    if press(request, nodes.restore, node, done):
        return redirect(node_url(node))
    return redirect("console:trash")


def _page(request: Request, level: Level) -> paging.Page[object]:
    rows = visible.restorable_for(request.user, level).select_related("deleted_by")
    return paging.page(request, rows, by=LAST_DELETED, parameter=level.value)
