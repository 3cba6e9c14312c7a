"""What is explained is what is decided: both are asked about everybody, everything, everywhere."""

from datetime import timedelta
from itertools import product

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.utils import timezone

from hierarchy import access
from hierarchy.models import Membership, Status
from hierarchy.refusals import NotAllowed
from hierarchy.roles import BUILT_IN, Level, Permission, Role
from tests.factories import CustomRoleFactory, MembershipFactory, UserFactory
from tests.hierarchy.test_access import fresh

PLACES = ("acme", "shop", "production")
NODES = ("acme", "shop", "press", "development", "production")
HOUR = timedelta(hours=1)


@pytest.fixture
def people(tree):
    """One person for each way to hold something, or to have held it."""
    now = timezone.now()
    ways = [{"role": role} for role in BUILT_IN]
    ways += [
        {"role": Role.MANAGER, "status": Status.SUSPENDED},
        {"role": Role.MANAGER, "ends_at": now - HOUR},
        {"role": Role.MANAGER, "starts_at": now + HOUR},
        {"role": Role.MANAGER, "ends_at": now + HOUR},
        {"role": Role.MANAGER, "user__is_active": False},
    ]
    for level, place in zip(Level, PLACES, strict=True):
        names = [f"view_{level}", "change_application", f"change_{level}_member"]
        role = CustomRoleFactory(organization=tree.acme, permissions=names)
        ways.append({"role": Role.CUSTOM, "custom_role": role, "at": place})
    split = UserFactory()
    halves = ("change_application", "change_production_application")
    for place, name in zip(PLACES, halves, strict=False):
        role = CustomRoleFactory(organization=tree.acme, permissions=["view_application", name])
        MembershipFactory(node=getattr(tree, place), role=Role.CUSTOM, custom_role=role, user=split)
    found = [
        MembershipFactory(node=getattr(tree, way.get("at", place)), **_without_place(way)).user
        for way, place in product(ways, PLACES)
    ]
    silenced = MembershipFactory(node=tree.acme, status=Status.SUSPENDED).user
    MembershipFactory(node=tree.shop, role=Role.OWNER, user=silenced)
    return [fresh(user) for user in [*found, silenced, split, UserFactory()]]


def _without_place(way):
    return {name: value for name, value in way.items() if name != "at"}


@pytest.mark.parametrize("name", NODES)
def test_explain_what_is_decided(tree, people, name):
    node = getattr(tree, name)

    for user, permission in product(people, Permission):
        explanation = access.explain(user, permission, node)

        assert explanation.is_allowed is access.can(user, permission, node)
        assert explanation.is_allowed is (permission in access.held(user, node))
        assert explanation.is_allowed is bool(explanation.sources)


@pytest.mark.parametrize("name", NODES)
def test_list_exactly_those_who_may(tree, people, name):
    node = getattr(tree, name)
    everybody = {m.user for m in Membership.objects.select_related("user")}

    for permission in Permission:
        listed = {
            row.user
            for part in node.path
            for row in access.granting([permission], part).select_related("user")
        }
        assert listed == {u for u in everybody if access.can(fresh(u), permission, node)}


@pytest.mark.parametrize("name", NODES)
def test_list_exactly_those_who_may_use_it_in_production(tree, people, name):
    """Whether it is decided is asked of the check of every action that changes a node."""
    node = getattr(tree, name)
    everybody = {m.user for m in Membership.objects.select_related("user")}

    for permission in access.GUARDED:
        able = {
            row.user
            for part in node.path
            for row in access.able(permission, part, node).select_related("user")
        }
        assert able == {u for u in everybody if _may_change(fresh(u), permission, node)}
        for user in map(fresh, everybody):
            asked = [access.explain(user, each, node) for each in access.needed(permission, node)]
            assert all(each.is_allowed for each in asked) is (user in able)


def _may_change(user, permission, node):
    try:
        access.require_change(user, permission, node)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("name", NODES)
def test_name_as_those_who_can_give_only_those_who_may(tree, people, name):
    node = getattr(tree, name)

    for permission in Permission:
        for user in access.grantors(permission, node, most=1_000):
            person = fresh(user)
            assert access.can(person, permission, node)
            assert any(
                access.can(person, Permission(f"change_{part.level}_member"), part)
                for part in node.path
            )


def test_explain_what_staff_hold_everywhere(tree):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(DjangoPermission.objects.get(codename="change_application"))

    explanation = access.explain(fresh(user), Permission.CHANGE_APPLICATION, tree.production)

    assert (explanation.is_allowed, explanation.sources, explanation.is_global) == (True, [], True)


def test_explain_that_a_deleted_node_is_nobodys(tree, owner):
    type(tree.shop).objects.filter(pk=tree.shop.pk).update(deleted_at=timezone.now())
    shop = type(tree.shop).objects.with_parents().get(pk=tree.shop.pk)

    assert not access.explain(fresh(owner), Permission.VIEW_WORKSPACE, shop).is_allowed
