"""The role table as it is enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from hierarchy.console import lookup
from hierarchy.console.views.pages import Request, render
from hierarchy.models import CustomRole, Membership
from hierarchy.roles import BUILT_IN, VIEW_MEMBER, Level, Permission, Role, roles_granting

if TYPE_CHECKING:
    from hierarchy.models import Organization


@require_safe
def index(request: Request, organization: str) -> HttpResponse:
    """Say what each role may do, built from the table that decides."""
    node = lookup.get_organization(request.user, organization, to=VIEW_MEMBER[Level.ORGANIZATION])
    return render(
        request,
        "console/roles/index.html",
        node=node,
        section="roles",
        roles=BUILT_IN,
        groups=[(level, _permissions_on(level)) for level in Level],
        custom_roles=_custom_roles(node),
    )


def _custom_roles(node: Organization) -> QuerySet[CustomRole]:
    """Return the organization's own roles, each with the number of people who are `holders`."""
    held = Membership.objects.filter(custom_role=OuterRef("pk")).order_by()
    number = (
        held.values("custom_role").annotate(number=Count("user", distinct=True)).values("number")
    )
    roles = CustomRole.objects.in_use().filter(organization=node)
    return roles.annotate(holders=Coalesce(Subquery(number), 0))


def _permissions_on(level: Level) -> list[tuple[str, list[tuple[Role, bool]]]]:
    """Return (what it lets a person do, whether each role does) for the permissions of a level."""
    return [
        (permission.label, [(role, role in roles_granting(permission)) for role in BUILT_IN])
        for permission in Permission
        if permission.level is level
    ]
