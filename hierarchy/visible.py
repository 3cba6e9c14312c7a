"""Nodes that a person may see or restore, and the rows that hang on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from django.db import models
from django.db.models import Q, QuerySet

from hierarchy.access import NODES, Anybody, GrantMap, grant_map
from hierarchy.models import Application, Organization, Workspace
from hierarchy.roles import DELETE, VIEW, ByLevel, Level, Permission

# Beyond this many ids, one array parameter costs less to plan than a list of them.
LONGEST_ID_LIST = 50


class AnyOf(models.Lookup):
    """`column = ANY(array)`: one parameter for any number of ids."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::bigint[])", [*parameters, list(self.rhs)]


models.BigAutoField.register_lookup(AnyOf)
models.ForeignKey.register_lookup(AnyOf)


def organizations_for(
    user: Anybody, *, to: Permission = Permission.VIEW_ORGANIZATION, as_staff: bool = False
) -> QuerySet[Organization]:
    """Return the living organizations on which `user` may do `to`.

    With `as_staff`, what is held globally counts too, and deleted ones are included.
    """
    return _visible(user, Level.ORGANIZATION, to, as_staff)


def workspaces_for(
    user: Anybody, *, to: Permission = Permission.VIEW_WORKSPACE, as_staff: bool = False
) -> QuerySet[Workspace]:
    """Return the living workspaces on which `user` may do `to`; see `organizations_for`."""
    return _visible(user, Level.WORKSPACE, to, as_staff)


def applications_for(
    user: Anybody, *, to: Permission = Permission.VIEW_APPLICATION, as_staff: bool = False
) -> QuerySet[Application]:
    """Return the living applications on which `user` may do `to`; see `organizations_for`."""
    return _visible(user, Level.APPLICATION, to, as_staff)


VISIBLE: Final[dict[Level, Callable[[Anybody], QuerySet[Any]]]] = {
    Level.ORGANIZATION: organizations_for,
    Level.WORKSPACE: workspaces_for,
    Level.APPLICATION: applications_for,
}


def beneath(user: Anybody, node: Organization | Workspace) -> QuerySet[Any]:
    """Return the living nodes right beneath the living `node` that `user` may see.

    What `workspaces_for` or `applications_for` finds there, in less: what is held on the node and
    above it is known, and so is what is loaded with it.
    """
    children = node.workspaces if isinstance(node, Organization) else node.applications
    level: Level = children.model.level
    living: QuerySet[Any] = children.filter(deleted_at=None)
    grants = grant_map(user)
    if VIEW[level] in grants.on(node):
        return living
    return living.filter(among("pk", grants.nodes(level, VIEW[level])))


def hung_on(workspace: Workspace, applications: Iterable[Application]) -> list[Application]:
    """Return applications of `workspace`, which know its organization without loading it."""
    found = list(applications)
    for application in found:
        application.organization = workspace.organization
    return found


def restorable_for(user: Anybody, level: Level) -> QuerySet[Any]:
    """Return the deleted nodes of `level` that `user` may still restore."""
    nodes = NODES[level].objects.in_trash().with_parents()
    return nodes.filter(_where_held(grant_map(user), level, DELETE[level]))


def paths_for(user: Anybody, permissions: ByLevel) -> Q:
    """Return the condition on rows that hang on nodes where `user` holds the level's permission."""
    condition = Q(pk__in=[])
    for level in Level:
        condition |= paths_at(level, user, permissions[level])
    return condition


def paths_at(level: Level, user: Anybody, permission: Permission) -> Q:
    """Return the condition on rows that hang on nodes of `level` where `user` holds it."""
    shape = {f"{lower}": None for lower in Level if lower.depth > level.depth}
    at_level = Q(**{f"{level}__isnull": False, **shape})
    return at_level & _where_held(grant_map(user), level, permission, prefix=True)


def near(user: Anybody, *permissions: ByLevel) -> Q:
    """Return the condition on rows that hang on or beneath nodes where `user` holds any of these.

    Of any level: it is wider than `paths_for`, and cheap. It answers whether to ask that at all.
    """
    grants = grant_map(user)
    condition = Q(pk__in=[])
    for above in Level:
        lower = [level for level in Level if above.reaches(level)]
        meant = {by_level[level] for by_level in permissions for level in lower}
        condition |= among(f"{above}_id", grants.nodes_with_any(above, meant))
    return condition


def _visible(user: Anybody, level: Level, permission: Permission, as_staff: bool) -> QuerySet[Any]:
    nodes = NODES[level].objects.with_parents()
    if as_staff and user.has_perm(permission.full_name):
        return nodes
    condition = _where_held(grant_map(user), level, permission)
    return nodes.alive().filter(condition)


def _where_held(
    grants: GrantMap, level: Level, permission: Permission, *, prefix: bool = False
) -> Q:
    """Return the condition that `permission` is held on a row's node, with literal ids.

    Literals, since the planner can estimate them: with sub-queries in their place the cost of a
    page grows with the whole table (docs/decisions/grant-map.md).
    """
    condition = Q(pk__in=[])
    for above in Level:
        if above.reaches(level):
            column = "pk" if above is level and not prefix else f"{above}_id"
            condition |= among(column, grants.nodes(above, permission))
    return condition


def among(column: str, ids: Collection[int]) -> Q:
    """Return the condition that `column` is one of `ids`, be they few or thousands."""
    if len(ids) <= LONGEST_ID_LIST:
        return Q(**{f"{column}__in": ids})
    # A set, because Django looks at each value of a list, in case it were an expression.
    return Q(**{f"{column}__any_of": frozenset(ids)})
