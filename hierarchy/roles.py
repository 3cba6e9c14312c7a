"""Roles, permissions, and the one table that joins them.

A permission held on a node is held on the whole subtree. A role holds a permission only where the
role's node is at or above the level of the permission's noun: an owner of a
workspace holds nothing of the organization.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

APP_LABEL = "hierarchy"


class Level(StrEnum):
    """Three kinds of node, from the top of the tree down."""

    ORGANIZATION = "organization"
    WORKSPACE = "workspace"
    APPLICATION = "application"

    @property
    def depth(self) -> int:
        return list(Level).index(self)

    def reaches(self, other: Level) -> bool:
        """Return whether a node of this level can be at or above one of `other`."""
        return self.depth <= other.depth


class Role(models.TextChoices):
    """Built-in roles; `CUSTOM` stands for a role of the organization's own."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    MAINTAINER = "maintainer", _("Maintainer")
    VIEWER = "viewer", _("Viewer")
    CUSTOM = "custom", _("Custom role")

    @property
    def description(self) -> str:
        return str(_DESCRIPTIONS[self])

    @property
    def is_custom(self) -> bool:
        return self is Role.CUSTOM

    def permissions_on(self, level: Level) -> frozenset[Permission]:
        """Return what the role grants when it is held on a node of `level`, there and beneath."""
        return permissions_of(self, level)

    def codename(self, level: Level) -> str:
        """Return the codename of the guardian permission that stands for this role on `level`."""
        return f"{self.value}_{level.value}"


_DESCRIPTIONS = {
    Role.OWNER: _("Full access to everything here and below."),
    Role.MANAGER: _(
        "Full access, except to delete it, hand it over, change its security or manage its owners."
    ),
    Role.MAINTAINER: _(
        "Read-only access, including application settings, and who is a member of workspaces and"
        " applications."
    ),
    Role.VIEWER: _("Read-only access, without members or settings."),
    Role.CUSTOM: _("Permissions chosen by the organization."),
}
BUILT_IN = (Role.OWNER, Role.MANAGER, Role.MAINTAINER, Role.VIEWER)


class Effect(StrEnum):
    """Harm that a permission can do in the wrong hands."""

    READS = "reads"
    CHANGES = "changes"  # what can be changed back
    PEOPLE = "people"  # decides who has access, or as what
    DESTROYS = "destroys"  # suspends, deletes or gives away
    SECURITY = "security"  # lowers what protects an application


class Permission(StrEnum):
    """Every permission of the hierarchy, as `hierarchy.<verb>_<noun>` in Django's terms."""

    VIEW_ORGANIZATION = "view_organization"
    VIEW_ORGANIZATION_SETTINGS = "view_organization_settings"
    CHANGE_ORGANIZATION = "change_organization"
    DELETE_ORGANIZATION = "delete_organization"
    TRANSFER_ORGANIZATION = "transfer_organization"
    VIEW_ORGANIZATION_MEMBER = "view_organization_member"
    INVITE_ORGANIZATION_MEMBER = "invite_organization_member"
    CHANGE_ORGANIZATION_MEMBER = "change_organization_member"
    REMOVE_ORGANIZATION_MEMBER = "remove_organization_member"
    MANAGE_CUSTOM_ROLES = "manage_custom_roles"
    VIEW_AUDIT_LOG = "view_audit_log"
    ADD_WORKSPACE = "add_workspace"
    VIEW_WORKSPACE = "view_workspace"
    VIEW_WORKSPACE_SETTINGS = "view_workspace_settings"
    CHANGE_WORKSPACE = "change_workspace"
    DELETE_WORKSPACE = "delete_workspace"
    TRANSFER_WORKSPACE = "transfer_workspace"
    VIEW_WORKSPACE_MEMBER = "view_workspace_member"
    INVITE_WORKSPACE_MEMBER = "invite_workspace_member"
    CHANGE_WORKSPACE_MEMBER = "change_workspace_member"
    REMOVE_WORKSPACE_MEMBER = "remove_workspace_member"
    ADD_APPLICATION = "add_application"
    VIEW_APPLICATION = "view_application"
    VIEW_APPLICATION_SETTINGS = "view_application_settings"
    CHANGE_APPLICATION = "change_application"
    CHANGE_PRODUCTION_APPLICATION = "change_production_application"
    DELETE_APPLICATION = "delete_application"
    TRANSFER_APPLICATION = "transfer_application"
    VIEW_APPLICATION_MEMBER = "view_application_member"
    INVITE_APPLICATION_MEMBER = "invite_application_member"
    CHANGE_APPLICATION_MEMBER = "change_application_member"
    REMOVE_APPLICATION_MEMBER = "remove_application_member"
    MANAGE_TRUSTED_ORIGINS = "manage_trusted_origins"
    CHANGE_TOKEN_REQUIREMENT = "change_token_requirement"  # noqa: S105

    @property
    def level(self) -> Level:
        """Level of the noun: the permission can be held there or on any level above."""
        return _TABLE[self][0]

    @property
    def label(self) -> str:
        """Label of what it lets a person do, to be read after "can"."""
        return str(_TABLE[self][1])

    @property
    def effect(self) -> Effect:
        return _EFFECTS[_TABLE[self][3]]

    @property
    def is_grave(self) -> bool:
        """True if no one should get it by a choice that was made for them."""
        return self.effect not in (Effect.READS, Effect.CHANGES)

    @property
    def full_name(self) -> str:
        """Name that Django's `user.has_perm` takes."""
        return f"{APP_LABEL}.{self.value}"


_O = Level.ORGANIZATION
_W = Level.WORKSPACE
_A = Level.APPLICATION
_P = Permission

# permission: (level of its noun, what it lets a person do, Owner · Manager · maintainer · viewer,
# what it touches: reads · changes · people · destroys · security)
_TABLE: dict[Permission, tuple[Level, object, str, str]] = {
    _P.VIEW_ORGANIZATION: (_O, _("see the organization"), "OMmv", "r"),
    _P.VIEW_ORGANIZATION_SETTINGS: (_O, _("see the organization's settings"), "OM", "r"),
    _P.CHANGE_ORGANIZATION: (_O, _("change the organization"), "OM", "c"),
    _P.DELETE_ORGANIZATION: (_O, _("suspend and delete the organization"), "O", "d"),
    _P.TRANSFER_ORGANIZATION: (_O, _("hand the organization over to another owner"), "O", "d"),
    _P.VIEW_ORGANIZATION_MEMBER: (_O, _("see the organization's members"), "OM", "r"),
    _P.INVITE_ORGANIZATION_MEMBER: (_O, _("invite people to the organization"), "OM", "p"),
    _P.CHANGE_ORGANIZATION_MEMBER: (_O, _("change members of the organization"), "OM", "p"),
    _P.REMOVE_ORGANIZATION_MEMBER: (_O, _("remove members of the organization"), "OM", "p"),
    _P.MANAGE_CUSTOM_ROLES: (_O, _("manage custom roles"), "O", "p"),
    _P.VIEW_AUDIT_LOG: (_O, _("read the activity log"), "OM", "r"),
    _P.ADD_WORKSPACE: (_O, _("create workspaces"), "OM", "c"),
    _P.VIEW_WORKSPACE: (_W, _("see the workspace"), "OMmv", "r"),
    _P.VIEW_WORKSPACE_SETTINGS: (_W, _("see the workspace's settings"), "OM", "r"),
    _P.CHANGE_WORKSPACE: (_W, _("change the workspace"), "OM", "c"),
    _P.DELETE_WORKSPACE: (_W, _("suspend and delete the workspace"), "O", "d"),
    _P.TRANSFER_WORKSPACE: (_W, _("hand the workspace over to another organization"), "O", "d"),
    _P.VIEW_WORKSPACE_MEMBER: (_W, _("see the workspace's members"), "OMm", "r"),
    _P.INVITE_WORKSPACE_MEMBER: (_W, _("invite people to the workspace"), "OM", "p"),
    _P.CHANGE_WORKSPACE_MEMBER: (_W, _("change members of the workspace"), "OM", "p"),
    _P.REMOVE_WORKSPACE_MEMBER: (_W, _("remove members of the workspace"), "OM", "p"),
    _P.ADD_APPLICATION: (_W, _("create applications"), "OM", "c"),
    _P.VIEW_APPLICATION: (_A, _("see the application"), "OMmv", "r"),
    _P.VIEW_APPLICATION_SETTINGS: (_A, _("see the application's settings"), "OMm", "r"),
    _P.CHANGE_APPLICATION: (_A, _("change the application"), "OM", "c"),
    _P.CHANGE_PRODUCTION_APPLICATION: (_A, _("change applications in production"), "OM", "c"),
    _P.DELETE_APPLICATION: (_A, _("suspend and delete the application"), "O", "d"),
    _P.TRANSFER_APPLICATION: (_A, _("hand the application over to another workspace"), "O", "d"),
    _P.VIEW_APPLICATION_MEMBER: (_A, _("see the application's members"), "OMm", "r"),
    _P.INVITE_APPLICATION_MEMBER: (_A, _("invite people to the application"), "OM", "p"),
    _P.CHANGE_APPLICATION_MEMBER: (_A, _("change members of the application"), "OM", "p"),
    _P.REMOVE_APPLICATION_MEMBER: (_A, _("remove members of the application"), "OM", "p"),
    _P.MANAGE_TRUSTED_ORIGINS: (_A, _("manage trusted origins"), "OM", "c"),
    _P.CHANGE_TOKEN_REQUIREMENT: (_A, _("change whether tokens must be signed"), "O", "s"),
}
_KNOWN = frozenset(Permission)
_LETTERS = {"O": Role.OWNER, "M": Role.MANAGER, "m": Role.MAINTAINER, "v": Role.VIEWER}
_EFFECTS = {effect.value[0]: effect for effect in Effect}

ByLevel = Mapping[Level, Permission]

# The same question at each level, for pages and actions that serve all three.
VIEW: ByLevel = {level: Permission(f"view_{level}") for level in Level}
VIEW_SETTINGS: ByLevel = {level: Permission(f"view_{level}_settings") for level in Level}
CHANGE: ByLevel = {level: Permission(f"change_{level}") for level in Level}
DELETE: ByLevel = {level: Permission(f"delete_{level}") for level in Level}
TRANSFER: ByLevel = {level: Permission(f"transfer_{level}") for level in Level}
VIEW_MEMBER: ByLevel = {level: Permission(f"view_{level}_member") for level in Level}
INVITE_MEMBER: ByLevel = {level: Permission(f"invite_{level}_member") for level in Level}
CHANGE_MEMBER: ByLevel = {level: Permission(f"change_{level}_member") for level in Level}
REMOVE_MEMBER: ByLevel = {level: Permission(f"remove_{level}_member") for level in Level}

# What it takes, on the node above, to put a node of the level there.
RECEIVE: ByLevel = {
    Level.WORKSPACE: Permission.ADD_WORKSPACE,
    Level.APPLICATION: Permission.ADD_APPLICATION,
}

# The names under which templates ask them about the node of the page.
AT_ANY_LEVEL: dict[str, ByLevel] = {
    "view": VIEW,
    "view_settings": VIEW_SETTINGS,
    "change": CHANGE,
    "delete": DELETE,
    "transfer": TRANSFER,
    "view_member": VIEW_MEMBER,
    "invite_member": INVITE_MEMBER,
    "change_member": CHANGE_MEMBER,
    "remove_member": REMOVE_MEMBER,
}


@cache
def permissions_of(role: Role, level: Level) -> frozenset[Permission]:
    """Return what the built-in `role` grants when it is held on a node of `level`."""
    return frozenset(
        permission
        for permission, (noun_level, _label, letters, _effect) in _TABLE.items()
        if level.reaches(noun_level) and role in {_LETTERS[letter] for letter in letters}
    )


def owns(permissions: Collection[Permission], level: Level) -> bool:
    """Return whether `permissions` on a node of `level` include all that its owner holds.

    Roles are compared by what they contain, so a custom role of all of them counts as well.
    """
    return permissions_of(Role.OWNER, level) <= frozenset(permissions)


def composed(names: Iterable[str], level: Level) -> frozenset[Permission]:
    """Return what a custom role of these permissions grants when it is held on a `level`.

    A name that is no longer in the table grants nothing.
    """
    known = (Permission(name) for name in names if name in _KNOWN)
    return frozenset(permission for permission in known if level.reaches(permission.level))


def in_order(permissions: Collection[Permission]) -> list[Permission]:
    """Return `permissions` in the order of the table."""
    return [permission for permission in Permission if permission in permissions]


def completed(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """Return `permissions` plus those to see what they are about: nobody acts on the unseen.

    An application is found in its workspace, so that is included too, but not the organization: its
    name leads to both, and a role can be meant for a workspace or an application alone.
    """
    chosen = frozenset(permissions)
    levels = {permission.level for permission in chosen}
    if Level.APPLICATION in levels:
        levels.add(Level.WORKSPACE)
    return chosen | {VIEW[level] for level in levels}


def roles_granting(permission: Permission) -> list[Role]:
    """Return the built-in roles that grant `permission`, the least powerful last."""
    return [_LETTERS[letter] for letter in _TABLE[permission][2]]


def django_permissions(level: Level) -> list[tuple[str, StrOrPromise]]:
    """Return the (codename, name) pairs to declare on the model of `level`: its nouns and roles."""
    pairs: list[tuple[str, StrOrPromise]] = [
        (permission.value, f"May {permission.value.replace('_', ' ')}")
        for permission in Permission
        if permission.level == level
    ]
    pairs += [(role.codename(level), f"Is {role.value} of the {level.value}") for role in Role]
    return pairs
