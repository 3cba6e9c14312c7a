"""Remedies for a person who lacks a permission: people to turn to, and asking for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from hierarchy import access, asking, explanations
from hierarchy.console.navigation import node_url
from hierarchy.models.invitation import LONGEST_MESSAGE
from hierarchy.roles import VIEW_MEMBER, Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class Missing:
    """A permission that the person lacks on `node`; `ask_url` only where they can ask for it.

    `grantors` are named; their addresses are for who `may_see_members`.
    """

    permission: Permission
    node: AnyNode
    grantors: list[User] = field(default_factory=list)
    may_see_members: bool = False
    ask_url: str = ""
    has_asked: bool = False
    longest_message: int = LONGEST_MESSAGE

    @property
    def is_production_guard(self) -> bool:
        return self.permission is Permission.CHANGE_PRODUCTION_APPLICATION


def missing(
    request: HttpRequest, permission: Permission, node: AnyNode, *, may_ask: bool = True
) -> Missing:
    """Return `permission` with what can be done about lacking it on `node`.

    Without `may_ask`, nothing is to be asked for; while one views as a role, nothing at all can be
    done: it is the role that lacks it.
    """
    if hasattr(request, "view_as"):
        return Missing(permission, node)
    user = cast("User", request.user)
    found = Missing(
        permission,
        node,
        explanations.grantors(permission, node),
        may_see_members=VIEW_MEMBER[node.level] in access.held(user, node),
    )
    place = asking.place_to_ask(user, permission, node) if may_ask else None
    if place is None or asking.is_blocked(user, place.organization):
        return found
    if asking.has_asked(user, place):
        return replace(found, has_asked=True)
    return replace(found, ask_url=node_url(place, "access-request-ask"))
