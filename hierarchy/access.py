"""Access: the grants of a person, and the questions that they answer.

A permission held on a node is held on its whole subtree. What a person holds through memberships
is fetched by one query, kept on the user object of the request and never longer; every check and
every list of that request is answered from it. What staff hold globally comes from Django's own
permissions and counts in the admin and in actions, but opens no page of the console.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection

from accounts.models import User
from config.web import request_context
from hierarchy.models import (
    AnyRole,
    Application,
    ApplicationGrant,
    CustomRole,
    Organization,
    OrganizationGrant,
    Path,
    Workspace,
    WorkspaceGrant,
)
from hierarchy.refusals import NotAllowed
from hierarchy.roles import (
    APP_LABEL,
    AT_ANY_LEVEL,
    BUILT_IN,
    DELETE,
    Level,
    Permission,
    Role,
    composed,
    permissions_of,
)

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

Anybody: TypeAlias = User | AnonymousUser

NODES: Final[dict[Level, type[Organization] | type[Workspace] | type[Application]]] = {
    Level.ORGANIZATION: Organization,
    Level.WORKSPACE: Workspace,
    Level.APPLICATION: Application,
}
GRANTS: Final[dict[Level, Any]] = {
    Level.ORGANIZATION: OrganizationGrant,
    Level.WORKSPACE: WorkspaceGrant,
    Level.APPLICATION: ApplicationGrant,
}
NOTHING: Final[frozenset[Permission]] = frozenset()
# What changes an application, its settings or its origins: production guards these.
GUARDED: Final = frozenset(
    {
        Permission.CHANGE_APPLICATION,
        Permission.MANAGE_TRUSTED_ORIGINS,
        Permission.CHANGE_TOKEN_REQUIREMENT,
    }
)


# --- What a person holds -------------------------------------------------------------------------


@dataclass(frozen=True)
class GrantMap:
    """Everything that a person holds through memberships, on every node of every tree."""

    held: Mapping[Level, Mapping[int, frozenset[Permission]]]

    def on(self, node: AnyNode) -> frozenset[Permission]:
        """Return what is held on the node: there and on its ancestors, whatever their state."""
        return self._on_path(part.pk for part in node.path)

    def where(self, row: Path) -> frozenset[Permission]:
        """Return what is held on the node that `row` hangs on, which isn't loaded for it."""
        return self._on_path((row.organization_id, row.workspace_id, row.application_id))

    def _on_path(self, ids: Iterable[int | None]) -> frozenset[Permission]:
        parts = zip(Level, ids, strict=False)
        held = (self.held[level].get(pk, NOTHING) for level, pk in parts if pk is not None)
        return NOTHING.union(*held)

    def holds(self, node: AnyNode, permission: Permission) -> bool:
        """Return whether `permission` is held on `node` itself, not by what is held above it."""
        return permission in self.held[node.level].get(node.pk, NOTHING)

    def nodes(self, level: Level, permission: Permission) -> list[int]:
        """Return the ids of the nodes of `level` on which `permission` itself is held."""
        return [pk for pk, held in self.held[level].items() if permission in held]

    def nodes_with_any(self, level: Level, permissions: Collection[Permission]) -> list[int]:
        """Return the ids of the nodes of `level` on which one of `permissions` itself is held."""
        return [pk for pk, held in self.held[level].items() if not held.isdisjoint(permissions)]


_INACTIVE = "inactive"
_COMPOSED = f"(SELECT permissions FROM {CustomRole._meta.db_table} WHERE id = custom_role_id)"  # noqa: S608
# By the database's clock: access begins and ends at the instant, whatever jobs do or don't.
IN_TIME = (
    "(starts_at IS NULL OR starts_at <= statement_timestamp())"
    " AND (ends_at IS NULL OR ends_at > statement_timestamp())"
)
# One arm for each level, and one that says whether the account has since been deactivated.
_GRANTS_OF_USER = " UNION ALL ".join(
    [
        *(
            f"SELECT '{level}', content_object_id, permission_id, {_COMPOSED}"  # noqa: S608
            f" FROM {table._meta.db_table} WHERE user_id = %(user)s AND {IN_TIME}"
            for level, table in GRANTS.items()
        ),
        f"SELECT '{_INACTIVE}', 0, 0, NULL FROM {User._meta.db_table}"  # noqa: S608
        " WHERE id = %(user)s AND NOT is_active",
    ]
)


def grant_map(user: Anybody) -> GrantMap:
    """Return what `user` holds through memberships: one query per user object, then none."""
    known: GrantMap | None = getattr(user, "_view_as", None) or getattr(user, "_grant_map", None)
    if known is None:
        known = GrantMap(_read_grants(user))
        user._grant_map = known  # type: ignore[union-attr]
    return known


def view_as(user: User, node: AnyNode, role: AnyRole) -> None:
    """Let `user` hold only what `role` grants on `node`, until the end of the request.

    Never more than they hold themselves.
    """
    permissions = role.permissions_on(node.level) & held(user, node)
    only = {level: {node.pk: permissions} if level is node.level else {} for level in Level}
    user._view_as = GrantMap(only)  # type: ignore[attr-defined]


def forget(user: Anybody) -> None:
    """Drop what is remembered on the user object: the next question asks the database."""
    for name in ("_grant_map", "_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        with suppress(AttributeError):
            delattr(user, name)  # not from its `__dict__`: a request's user is a lazy object


def _read_grants(user: Anybody) -> Mapping[Level, Mapping[int, frozenset[Permission]]]:
    held: dict[Level, dict[int, frozenset[Permission]]] = {level: {} for level in Level}
    if not user.is_authenticated:
        return held
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS_OF_USER, {"user": user.pk})
        rows = cursor.fetchall()
    if any(name == _INACTIVE for name, *_rest in rows):
        return held
    # Some people hold thousands of roles: little may happen for each.
    by_name = {level.value: held[level] for level in Level}
    meanings = _meanings()
    for name, node_id, permission_id, names in rows:
        granted = composed(names, Level(name)) if names else meanings.get(permission_id, NOTHING)
        on_level = by_name[name]
        on_level[node_id] = on_level[node_id] | granted if node_id in on_level else granted
    return held


@cache
def role_ids() -> Mapping[tuple[Level, Role], int]:
    """Return the id of the guardian permission that stands for each role on each level."""
    ids = dict(
        DjangoPermission.objects.filter(content_type__app_label=APP_LABEL).values_list(
            "codename", "id"
        )
    )
    return {(level, role): ids[role.codename(level)] for level in Level for role in Role}


@cache
def _meanings() -> Mapping[int, frozenset[Permission]]:
    return {pk: permissions_of(role, level) for (level, role), pk in role_ids().items()}


def forget_permission_ids(**_signal: Any) -> None:
    """Read the ids of permissions again: a migration may have changed them."""
    role_ids.cache_clear()
    _meanings.cache_clear()


# --- Questions about one node --------------------------------------------------------------------


def held(user: Anybody, node: AnyNode) -> frozenset[Permission]:
    """Return what `user` may do on `node` as a member; nothing when it is deleted."""
    return NOTHING if node.is_deleted else grant_map(user).on(node)


def held_anyhow(user: Anybody, node: AnyNode) -> frozenset[Permission]:
    """Return what `user` holds on `node`, deleted or not, as a member or globally, as staff."""
    as_member = grant_map(user).on(node)
    return as_member | {p for p in Permission if p not in as_member and is_global(user, p)}


def held_here(user: Anybody, node: AnyNode) -> frozenset[Permission]:
    """Return what `user` can use on `node` through the door that they came by.

    In the console that is what they hold as a member, elsewhere as `held_anyhow`.
    """
    return held_anyhow(user, node) if staff_rights_count() else grant_map(user).on(node)


def lacking_to_own(user: Anybody, node: AnyNode) -> frozenset[Permission]:
    """Return what an owner of `node` holds there and `user` doesn't: nothing if they own it.

    They may hold it by any roles, there or above: see `held_here`.
    """
    return permissions_of(Role.OWNER, node.level) - held_here(user, node)


def is_global(user: Anybody, permission: Permission) -> bool:
    """Return whether `user` holds `permission` on every tree, as a member of staff."""
    return user.is_staff and user.has_perm(permission.full_name)


def staff_rights_count() -> bool:
    """Return whether what staff hold globally counts: never for what comes from the console."""
    return request_context.current().door != request_context.CONSOLE


def can(user: Anybody, permission: Permission, node: AnyNode) -> bool:
    """Return whether `user` may do `permission` on `node`: as a member, or as staff there.

    Unlike `user.has_perm`, which says yes to a superuser through any door: in the console
    they do what their role may.
    """
    as_staff = staff_rights_count() and is_global(user, permission)
    return as_staff or permission in held(user, node)


def require(user: User, permission: Permission, node: AnyNode) -> None:
    """Raise NotAllowed unless `user` may do `permission` on `node` at this moment.

    Asks the database again: what was true when the request began may no longer be.
    """
    forget(user)
    if not can(user, permission, node):
        raise NotAllowed(permission, node)


def guards(node: AnyNode) -> frozenset[Permission]:
    """Return the extra permission to change `node`, its settings or origins in production."""
    is_guarded = isinstance(node, Application) and node.is_guarded
    return frozenset({Permission.CHANGE_PRODUCTION_APPLICATION}) if is_guarded else NOTHING


def needed(permission: Permission, node: AnyNode) -> frozenset[Permission]:
    """Return `permission` with the others that using it on `node` takes; see `guards`."""
    return frozenset({permission}) | (guards(node) if permission in GUARDED else NOTHING)


def require_change(user: User, permission: Permission, node: AnyNode) -> None:
    """Raise NotAllowed unless `user` may do `permission`, which changes `node`; see `guards`."""
    require(user, permission, node)
    for guard in guards(node):
        if not can(user, guard, node):
            raise NotAllowed(guard, node)


def roles_to_give(user: Anybody, node: AnyNode) -> list[AnyRole]:
    """Return the roles that `user`, a member, may give on `node`: never more than they hold."""
    permissions = held(user, node)
    roles: list[AnyRole] = [*BUILT_IN, *custom_roles_for(node)]
    return [role for role in roles if role.permissions_on(node.level) <= permissions]


def custom_roles_for(node: AnyNode) -> list[CustomRole]:
    """Return the organization's own roles that make sense on a node of that level."""
    roles = CustomRole.objects.in_use().filter(organization=node.organization.pk)
    return [role for role in roles if role.suits(node.level)]


def may_restore(user: Anybody, node: AnyNode) -> bool:
    """Return whether `user` could delete the deleted `node`, and so may restore it.

    Asks the database again, as `require` does.
    """
    forget(user)
    return DELETE[node.level] in held_here(user, node)


def abilities(user: Anybody, node: AnyNode | None) -> dict[str, bool]:
    """Return answers for templates: `can.<permission>`, or `can.<verb>` of the node's own level."""
    if node is None:
        return {}
    permissions = held(user, node)
    general = {name: by[node.level] in permissions for name, by in AT_ANY_LEVEL.items()}
    return {permission.value: True for permission in permissions} | general
