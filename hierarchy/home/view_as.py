"""Seeing the console as a role would: in one's own session, for a while, and reading only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.middleware.csrf import rotate_token

from config.clock import is_ahead
from hierarchy import access
from hierarchy.access import Anybody
from hierarchy.console.forms.roles import value_of
from hierarchy.models import AnyRole
from hierarchy.roles import CHANGE_MEMBER, Level

if TYPE_CHECKING:
    from django.http import HttpRequest

    from hierarchy.models.node import AnyNode

KEY = "view_as"
LONGEST_SECONDS = 30 * 60


@dataclass(frozen=True)
class ViewAs:
    """A role on a node: what it grants there is all that the console knows of."""

    node: AnyNode
    role: AnyRole


def offered(user: Anybody, node: AnyNode) -> list[tuple[str, str]]:
    """Return (value, label) of the roles that `user` may view as: those that they may give."""
    if CHANGE_MEMBER[node.level] not in access.held(user, node):
        return []
    return [(value_of(role), str(role.label)) for role in access.roles_to_give(user, node)]


def begin(request: HttpRequest, node: AnyNode, role: str) -> bool:
    """Begin to see `node` as `role` would, for half an hour at most; False if one may not."""
    if role not in dict(offered(request.user, node)):
        return False
    until = int(time.time()) + LONGEST_SECONDS
    request.session[KEY] = {"level": node.level, "pk": node.pk, "role": role, "until": until}
    return True


def end(request: HttpRequest) -> None:
    """Return to one's own permissions. Forms shown during the preview are no longer accepted."""
    request.session.pop(KEY, None)
    rotate_token(request)


def current(request: HttpRequest) -> ViewAs | None:
    """Return what this session views as; None once it is over, or no longer allowed."""
    wanted = request.session.get(KEY)
    if wanted is None:
        return None
    nodes = access.NODES[Level(wanted["level"])].objects.alive().with_parents()
    node = nodes.filter(pk=wanted["pk"]).first()
    is_over = wanted["until"] < time.time() or is_ahead(wanted["until"] - LONGEST_SECONDS)
    if node is None or is_over or wanted["role"] not in dict(offered(request.user, node)):
        end(request)
        return None
    roles = access.roles_to_give(request.user, node)
    return ViewAs(node, next(role for role in roles if value_of(role) == wanted["role"]))
