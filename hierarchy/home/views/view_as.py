"""Beginning and ending to see the console as a role would."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hierarchy.console import lookup
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request
from hierarchy.home import view_as
from hierarchy.roles import CHANGE_MEMBER


@require_POST
def start(request: Request, **path: str) -> HttpResponse:
    """See the node as the chosen role would."""
    node = lookup.get_node(request.user, path, to=CHANGE_MEMBER)
    if view_as.begin(request, node, request.POST.get("role", "")):
        return redirect(node_url(node))
    messages.error(request, _("Choose one of the roles that you can give."))
    return redirect(node_url(node, "access"))


@require_POST
def leave(request: Request) -> HttpResponse:
    """Come back to one's own view, where it began."""
    viewed: view_as.ViewAs | None = getattr(request, "view_as", None)
    view_as.end(request)
    return redirect(node_url(viewed.node, "access") if viewed else "console:home")
