"""Reasons for what a person may do, and the people who may do or give something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from hierarchy.access import GRANTS, IN_TIME, Anybody, grant_map, held, is_global, needed, role_ids
from hierarchy.models import CustomRole, Membership, Status
from hierarchy.roles import BUILT_IN, CHANGE_MEMBER, VIEW_MEMBER, Level, Permission, Role

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class Explanation:
    """Answer to whether a person can do something on a node, with every reason for it.

    `sources` are the nodes on the path where a role of theirs grants it, `is_global` says that
    they hold it on every tree, as staff. While the node is deleted, only the latter counts.
    """

    permission: Permission
    node: AnyNode
    is_allowed: bool
    sources: list[AnyNode]
    is_global: bool


def explain(user: Anybody, permission: Permission, node: AnyNode) -> Explanation:
    """Return why `user` may, or may not, do `permission` on `node`, from what decides it."""
    grants = grant_map(user)
    everywhere = is_global(user, permission)
    return Explanation(
        permission,
        node,
        is_allowed=everywhere or permission in held(user, node),
        sources=[part for part in node.path if grants.holds(part, permission)],
        is_global=everywhere,
    )


def granting(permissions: Iterable[Permission], part: AnyNode) -> QuerySet[Membership]:
    """Return the memberships on `part` itself that grant all of `permissions` at this moment."""
    needed = frozenset(permissions)
    roles = [role for role in BUILT_IN if needed <= role.permissions_on(part.level)]
    by_role = Q(role__in=roles)
    if all(part.level.reaches(permission.level) for permission in needed):
        by_role |= Q(custom_role__permissions__contains=sorted(needed))
    silenced = Q(pk__in=[])
    for above in part.path[:-1]:
        suspended = Membership.objects.at(above).filter(status=Status.SUSPENDED)
        silenced |= Q(Exists(suspended.filter(user=OuterRef("user"))))
    return Membership.objects.at(part).in_force().filter(by_role).exclude(silenced)


def able(permission: Permission, part: AnyNode, node: AnyNode) -> QuerySet[Membership]:
    """Return the memberships on `part` that grant `permission`, of people who may use it on `node`.

    The other permissions it takes there may come from another membership on the path.
    """
    rows = granting([permission], part)
    for guard in needed(permission, node) - {permission}:
        guarded = Q(pk__in=[])
        for each in node.path:
            guarded |= Q(Exists(granting([guard], each).filter(user=OuterRef("user"))))
        rows = rows.filter(guarded)
    return rows


def grantors(permission: Permission, node: AnyNode, most: int = 5) -> list[User]:
    """Return some people who can give `permission` on `node` to someone, the nearest first.

    To give it, they have to see the members.
    """

    def needed(part: AnyNode) -> set[Permission]:
        return {permission, VIEW_MEMBER[part.level], CHANGE_MEMBER[part.level]}

    return _nearest(node, most, needed)


def holders(permissions: Collection[Permission], node: AnyNode, most: int) -> list[User]:
    """Return some people whom one role gives all of `permissions` on `node`, the nearest first."""
    return _nearest(node, most, lambda _part: permissions)


# Grants, not memberships: what is stored is active, and silenced by nothing above it. One arm for
# each node and role, each of which walks an index as far as it must.
_ARM = (
    "(SELECT {depth} AS depth, membership_id, user_id FROM {table}"  # noqa: S608
    f" JOIN {User._meta.db_table} person ON person.id = user_id AND person.is_active"
    f" WHERE content_object_id = %s AND permission_id = %s AND {IN_TIME}"
)
_COMPOSED_OF = (
    f" AND custom_role_id IN (SELECT id FROM {CustomRole._meta.db_table}"  # noqa: S608
    " WHERE permissions @> %s::varchar[])"
)
_FIRST = " ORDER BY membership_id LIMIT %s)"
_PEOPLE = (
    f"SELECT person.* FROM ({{arms}}) found JOIN {User._meta.db_table} person"  # noqa: S608
    " ON person.id = found.user_id ORDER BY found.depth DESC, found.membership_id"
)


def _nearest(
    node: AnyNode, most: int, needed_on: Callable[[AnyNode], Collection[Permission]]
) -> list[User]:
    """Return the people whom `granting` finds, in one query: the nearest first, then the eldest."""
    arms: list[str] = []
    values: list[object] = []
    for part in reversed(node.path):
        for role, more in _roles_that_grant(frozenset(needed_on(part)), part.level):
            arm = _ARM.format(depth=part.level.depth, table=GRANTS[part.level]._meta.db_table)
            arms.append(f"{arm}{_COMPOSED_OF if more else ''}{_FIRST}")
            values += [part.pk, role_ids()[part.level, role], *more, most]
    if not arms:
        return []
    people = User.objects.raw(_PEOPLE.format(arms=" UNION ALL ".join(arms)), values)
    return list(dict.fromkeys(people))[:most]


def _roles_that_grant(
    needed: frozenset[Permission], level: Level
) -> Iterator[tuple[Role, list[list[Permission]]]]:
    """Yield the roles that grant all of `needed` on a `level`; a custom one if composed of it."""
    for role in BUILT_IN:
        if needed <= role.permissions_on(level):
            yield role, []
    if all(level.reaches(permission.level) for permission in needed):
        yield Role.CUSTOM, [sorted(needed)]
