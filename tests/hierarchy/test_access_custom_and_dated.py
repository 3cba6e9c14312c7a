"""What custom roles grant, and between which instants memberships do."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from hierarchy import access, explanations
from hierarchy.models import CustomRole, Membership
from hierarchy.roles import BUILT_IN, Permission, Role
from tests.factories import ApplicationFactory, CustomRoleFactory, MembershipFactory
from tests.hierarchy.test_access import LISTS, fresh, held

SECOND = timedelta(seconds=1)


@pytest.fixture
def world(tree):
    tree.elsewhere = ApplicationFactory(slug="web", environment="production")
    return tree


def test_hold_what_a_custom_role_is_composed_of(world):
    role = CustomRoleFactory(
        organization=world.acme,
        permissions=["view_workspace", "view_organization", "view_audit_log", "no_more_known"],
    )
    everywhere = MembershipFactory(node=world.acme, role=Role.CUSTOM, custom_role=role).user
    below = MembershipFactory(node=world.shop, role=Role.CUSTOM, custom_role=role).user

    of_organization = {"view_workspace", "view_organization", "view_audit_log"}
    assert held(fresh(everywhere), world.acme) == of_organization
    assert held(fresh(everywhere), world.production) == of_organization
    assert held(fresh(below), world.shop) == {"view_workspace"}
    assert held(fresh(below), world.acme) == set()


def test_hold_what_a_custom_role_has_become_at_the_next_request(world):
    role = CustomRoleFactory(organization=world.acme, permissions=["view_workspace"])
    user = MembershipFactory(node=world.shop, role=Role.CUSTOM, custom_role=role).user
    CustomRole.objects.filter(pk=role.pk).update(permissions=["view_workspace", "add_application"])

    assert held(fresh(user), world.shop) == {"view_workspace", "add_application"}


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        (None, SECOND * 60, True),
        (-SECOND * 60, None, True),
        (-SECOND * 60, SECOND * 60, True),
        (SECOND * 60, None, False),
        (None, -SECOND, False),
        (-SECOND * 60, -SECOND, False),
    ],
)
def test_hold_only_from_the_beginning_until_the_end(world, starts, ends, holds):
    dates = {
        name: timezone.now() + distance if distance else None
        for name, distance in (("starts_at", starts), ("ends_at", ends))
    }
    membership = MembershipFactory(node=world.acme, role=Role.OWNER, **dates)

    assert bool(held(fresh(membership.user), world.production)) is holds
    for listed in LISTS.values():
        assert listed(fresh(membership.user)).exists() is holds
    assert Membership.objects.in_force().filter(pk=membership.pk).exists() is holds
    assert membership.is_in_force is holds


def test_end_at_the_instant_within_a_session(world):
    """No job runs: the same person asks twice, and the second time is too late."""
    ends_at = timezone.now() + timedelta(seconds=0.4)
    user = MembershipFactory(node=world.acme, ends_at=ends_at).user

    before = held(fresh(user), world.acme)
    time.sleep(0.5)

    assert before
    assert held(fresh(user), world.acme) == set()


def test_give_custom_roles_that_make_sense_and_grant_no_more_than_is_held(world):
    below = CustomRoleFactory(organization=world.acme, permissions=["view_workspace"])
    above = CustomRoleFactory(
        organization=world.acme, permissions=["view_organization", "delete_workspace"]
    )
    CustomRoleFactory(organization=world.elsewhere.organization, permissions=["view_workspace"])
    owner = fresh(MembershipFactory(node=world.acme, role=Role.OWNER).user)
    manager = fresh(MembershipFactory(node=world.acme, role=Role.MANAGER).user)

    assert access.roles_to_give(owner, world.acme) == [*BUILT_IN, above]
    assert access.roles_to_give(manager, world.acme) == list(BUILT_IN)[1:]
    assert access.roles_to_give(manager, world.shop) == [*BUILT_IN[1:], below]
    assert access.roles_to_give(owner, world.production) == list(BUILT_IN)


def test_name_holders_of_custom_roles_as_those_who_can_give(world):
    role = CustomRoleFactory(
        organization=world.acme,
        permissions=[
            *("view_workspace", "add_application"),
            *("view_workspace_member", "change_workspace_member"),
        ],
    )
    ended = timezone.now() - SECOND
    holder = MembershipFactory(node=world.shop, role=Role.CUSTOM, custom_role=role).user
    MembershipFactory(node=world.shop, role=Role.CUSTOM, custom_role=role, ends_at=ended)

    assert explanations.grantors(Permission.ADD_APPLICATION, world.shop)[:1] == [holder]
    assert explanations.grantors(Permission.DELETE_WORKSPACE, world.shop)[1:] == []
