"""The table of who may do what, written out by hand: not derived from the code that it checks."""

from itertools import pairwise

import pytest

from hierarchy.roles import (
    AT_ANY_LEVEL,
    BUILT_IN,
    Effect,
    Level,
    Permission,
    Role,
    completed,
    django_permissions,
    owns,
    permissions_of,
    roles_granting,
)

# permission: level of its noun, and who has it: Owner · Manager · maintainer · viewer
TABLE = {
    "view_organization": ("organization", "OMmv"),
    "view_organization_settings": ("organization", "OM"),
    "change_organization": ("organization", "OM"),
    "delete_organization": ("organization", "O"),
    "transfer_organization": ("organization", "O"),
    "view_organization_member": ("organization", "OM"),
    "invite_organization_member": ("organization", "OM"),
    "change_organization_member": ("organization", "OM"),
    "remove_organization_member": ("organization", "OM"),
    "manage_custom_roles": ("organization", "O"),
    "view_audit_log": ("organization", "OM"),
    "add_workspace": ("organization", "OM"),
    "view_workspace": ("workspace", "OMmv"),
    "view_workspace_settings": ("workspace", "OM"),
    "change_workspace": ("workspace", "OM"),
    "delete_workspace": ("workspace", "O"),
    "transfer_workspace": ("workspace", "O"),
    "view_workspace_member": ("workspace", "OMm"),
    "invite_workspace_member": ("workspace", "OM"),
    "change_workspace_member": ("workspace", "OM"),
    "remove_workspace_member": ("workspace", "OM"),
    "add_application": ("workspace", "OM"),
    "view_application": ("application", "OMmv"),
    "view_application_settings": ("application", "OMm"),
    "change_application": ("application", "OM"),
    "change_production_application": ("application", "OM"),
    "delete_application": ("application", "O"),
    "transfer_application": ("application", "O"),
    "view_application_member": ("application", "OMm"),
    "invite_application_member": ("application", "OM"),
    "change_application_member": ("application", "OM"),
    "remove_application_member": ("application", "OM"),
    "manage_trusted_origins": ("application", "OM"),
    "change_token_requirement": ("application", "O"),
}
LETTERS = {"O": Role.OWNER, "M": Role.MANAGER, "m": Role.MAINTAINER, "v": Role.VIEWER}
# A role reaches the nouns of its own level and below.
REACHES = {
    "organization": {"organization", "workspace", "application"},
    "workspace": {"workspace", "application"},
    "application": {"application"},
}


def granted(role, level):
    """Return what the table grants to `role` held on a node of `level`."""
    return {
        permission
        for permission, (noun, letters) in TABLE.items()
        if noun in REACHES[level] and role in {LETTERS[letter] for letter in letters}
    }


def test_declare_the_permissions_of_the_table():
    assert {permission.value: permission.level.value for permission in Permission} == {
        permission: level for permission, (level, _letters) in TABLE.items()
    }


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("role", BUILT_IN)
def test_grant_what_the_table_says(role, level):
    assert permissions_of(role, level) == granted(role, level)


@pytest.mark.parametrize("level", Level)
def test_an_owner_holds_whatever_can_be_held(level):
    """So nobody holds more than an owner, of which the page of members makes use."""
    known = {permission for permission in Permission if level.reaches(permission.level)}

    assert permissions_of(Role.OWNER, level) == known


@pytest.mark.parametrize("level", Level)
def test_each_role_holds_what_the_next_one_holds(level):
    held = [permissions_of(role, level) for role in BUILT_IN]

    assert held == sorted(held, key=len, reverse=True)
    assert all(lower < higher for higher, lower in pairwise(held))


@pytest.mark.parametrize("permission", Permission)
def test_name_the_roles_that_grant_it(permission):
    assert roles_granting(permission) == [LETTERS[letter] for letter in TABLE[permission][1]]


def test_ask_the_same_question_at_every_level():
    for verb, by_level in AT_ANY_LEVEL.items():
        for level, permission in by_level.items():
            assert permission.level is level
            assert permission.value.startswith(verb.partition("_")[0])


def test_declare_every_codename_once_over_all_models():
    """guardian finds a permission by application and codename alone."""
    codenames = [codename for level in Level for codename, _name in django_permissions(level)]

    assert len(codenames) == len(set(codenames)) == len(TABLE) + len(Role) * len(Level)


@pytest.mark.parametrize("permission", Permission)
def test_say_what_it_allows(permission):
    assert permission.label
    assert permission.full_name == f"hierarchy.{permission.value}"


def test_say_what_roles_and_permissions_are():
    assert [role for role in Role if role.is_custom] == [Role.CUSTOM]
    assert Role.OWNER.description == "Full access to everything here and below."
    assert Permission.DELETE_WORKSPACE.label == "suspend and delete the workspace"


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        ({Permission.VIEW_AUDIT_LOG}, {"view_organization"}),
        ({Permission.ADD_APPLICATION}, {"view_workspace"}),
        ({Permission.VIEW_APPLICATION}, {"view_workspace"}),
        ({Permission.CHANGE_APPLICATION}, {"view_workspace", "view_application"}),
        (set(), set()),
    ],
)
def test_seeing_something_includes_seeing_the_workspace_that_it_is_in(chosen, seen):
    assert completed(chosen) == chosen | seen


# What each can do in the wrong hands, written out by hand: all others read, or can be undone.
PEOPLE = {
    *(f"invite_{level}_member" for level in REACHES),
    *(f"change_{level}_member" for level in REACHES),
    *(f"remove_{level}_member" for level in REACHES),
    "manage_custom_roles",
}
DESTROYS = {f"{verb}_{level}" for verb in ("delete", "transfer") for level in REACHES}
SECURITY = {"change_token_requirement"}
READS = {name for name in TABLE if name.startswith("view_")}


def test_every_permission_says_what_harm_it_can_do():
    by_effect = {effect: set() for effect in Effect}
    for permission in Permission:
        by_effect[permission.effect].add(permission.value)

    assert by_effect == {
        Effect.READS: READS,
        Effect.CHANGES: set(TABLE) - READS - PEOPLE - DESTROYS - SECURITY,
        Effect.PEOPLE: PEOPLE,
        Effect.DESTROYS: DESTROYS,
        Effect.SECURITY: SECURITY,
    }
    assert {p.value for p in Permission if p.is_grave} == PEOPLE | DESTROYS | SECURITY


def test_viewers_hold_nothing_grave():
    assert not any(p.is_grave for level in Level for p in Role.VIEWER.permissions_on(level))


@pytest.mark.parametrize("level", Level)
def test_owning_is_holding_all_that_an_owner_holds(level):
    everything = Role.OWNER.permissions_on(level)

    assert owns(everything, level)
    assert not any(owns(everything - {each}, level) for each in everything)
    assert not any(owns(role.permissions_on(level), level) for role in BUILT_IN[1:])
