"""Asking for access: where one can, whether one has or may not, and who is to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from hierarchy import access, visible
from hierarchy.models import AccessRequest, BlockedPerson
from hierarchy.roles import CHANGE_MEMBER, INVITE_MEMBER, VIEW, VIEW_MEMBER, Level, Permission

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models import Organization
    from hierarchy.models.access_request import AccessRequestQuerySet
    from hierarchy.models.node import AnyNode


def requests_to_answer(user: User) -> AccessRequestQuerySet:
    """Return the requests of others that `user` may answer now, on nodes that aren't suspended.

    Each has its `is_member`.
    """
    rows = AccessRequest.objects.pending().alive().exclude(user=user).with_is_member()
    active = {f"{level}__suspended_at": None for level in Level}
    rows = rows.filter(visible.paths_for(user, VIEW_MEMBER), **active)
    rows = rows.filter(
        Q(visible.paths_for(user, CHANGE_MEMBER), is_member=True)
        | Q(visible.paths_for(user, INVITE_MEMBER), is_member=False)
    )
    return rows.with_nodes().select_related("user")


def requests_near(user: User) -> AccessRequestQuerySet:
    """Return the requests on nodes where `user` may answer some: those to answer are among them.

    It reads no other table, so that it can be asked on every page whether there are any.
    """
    return AccessRequest.objects.pending().filter(visible.near(user, CHANGE_MEMBER, INVITE_MEMBER))


def place_to_ask(user: User, permission: Permission, node: AnyNode) -> AnyNode | None:
    """Return the node on which `user`, who lacks `permission` on `node`, can ask for it.

    That is the node itself, or its ancestor of the level that the permission speaks of. None
    where the person doesn't see that one, or nothing can be changed.
    """
    place = node.path[min(node.level.depth, permission.level.depth)]
    sees_it = VIEW[place.level] in access.held(user, place)
    return place if sees_it and not place.suspended_by else None


def has_asked(user: User, node: AnyNode) -> bool:
    """Return whether a request of `user` on the node itself waits for its answer."""
    return AccessRequest.objects.at(node).pending().filter(user=user).exists()


def is_blocked(user: User, organization: Organization) -> bool:
    """Return whether `user` may neither ask in the organization nor join it."""
    return BlockedPerson.objects.about(user).filter(organization=organization).exists()
