"""What somebody who lacks a permission can do about it: whom to turn to, and asking for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from hierarchy import access
from hierarchy.actions import access_requests, blocks
from hierarchy.models.invitation import LONGEST_MESSAGE
from hierarchy.navigation import node_url
from hierarchy.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class Missing:
    """A permission that the person lacks on `node`; `ask_url` only where they can ask for it."""

    permission: Permission
    node: AnyNode
    grantors: list[User] = field(default_factory=list)
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

    Without `may_ask`, nothing is to be asked for; while a role is previewed, nothing at all can
    be done: it is the role that lacks it.
    """
    if hasattr(request, "preview"):
        return Missing(permission, node)
    grantors = access.grantors(permission, node)
    user = cast("User", request.user)
    place = access_requests.place_to_ask(user, permission, node) if may_ask else None
    if place is None or blocks.is_blocked(user, place.organization):
        return Missing(permission, node, grantors)
    if access_requests.has_asked(user, place):
        return Missing(permission, node, grantors, has_asked=True)
    return Missing(permission, node, grantors, node_url(place, "access-request-ask"))
