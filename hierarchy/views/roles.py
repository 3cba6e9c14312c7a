"""The role table as it is enforced."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from hierarchy import access
from hierarchy.roles import BUILT_IN, VIEW_MEMBER, Level, Permission, Role, roles_granting
from hierarchy.views.pages import Request, render


@require_safe
def index(request: Request, organization: str) -> HttpResponse:
    """Say what each role may do, built from the table that decides."""
    node = access.get_organization(request.user, organization, to=VIEW_MEMBER[Level.ORGANIZATION])
    return render(
        request,
        "console/roles/index.html",
        node=node,
        section="roles",
        roles=BUILT_IN,
        groups=[(level, _permissions_on(level)) for level in Level],
    )


def _permissions_on(level: Level) -> list[tuple[str, list[tuple[Role, bool]]]]:
    """Return (what it lets one do, whether each role does) for the permissions of a level."""
    return [
        (permission.label, [(role, role in roles_granting(permission)) for role in BUILT_IN])
        for permission in Permission
        if permission.level is level
    ]
