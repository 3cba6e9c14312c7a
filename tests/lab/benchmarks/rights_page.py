"""A page of workspaces with what somebody may do about each: once on `access`, once on guardian.

Both have the same template, so only where the rows and the rights come from differs.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hierarchy import access, visible
from hierarchy.roles import Permission
from tests.lab.benchmarks.peers.guardian_project import views as guardian

PAGE = 50
RIGHTS = {
    "may_change": Permission.CHANGE_WORKSPACE,
    "may_invite": Permission.INVITE_WORKSPACE_MEMBER,
    "may_delete": Permission.DELETE_WORKSPACE,
}


def on_access(request: HttpRequest) -> HttpResponse:
    found = visible.workspaces_for(request.user).order_by("name", "id")[:PAGE]
    return _render(request, found, lambda name, row: name in access.held(request.user, row))


def on_guardian(request: HttpRequest) -> HttpResponse:
    found = guardian.workspaces_for(request.user)[:PAGE]
    return _render(request, found, lambda name, row: guardian.has_perm(request.user, name, row))


def _render(request, found, may) -> HttpResponse:
    rows = [
        {"workspace": row, **{key: may(name, row) for key, name in RIGHTS.items()}} for row in found
    ]
    return render(request, "benchmarks/workspaces.html", {"rows": rows})
