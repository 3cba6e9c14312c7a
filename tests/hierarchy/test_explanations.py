"""What is explained is what is decided: both are asked about everybody, everything, everywhere."""

from datetime import timedelta
from functools import cache
from itertools import product

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.utils import timezone

from accounts.models import User
from config.web import request_context
from config.web.request_context import ADMIN, CONSOLE, RequestFacts
from hierarchy import access, explanations
from hierarchy.models import Membership, Status
from hierarchy.refusals import NotAllowed
from hierarchy.roles import BUILT_IN, CHANGE_MEMBER, VIEW_MEMBER, Level, Permission, Role
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    MembershipFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.hierarchy.test_access import SUBTREE, fresh
from tests.hierarchy.test_roles import granted
from tests.support.planted import planted

PLACES = ("acme", "shop", "production")
NODES = ("acme", "shop", "press", "development", "production", "abroad", "elsewhere")
HOUR = timedelta(hours=1)


@pytest.fixture
def tree(tree):
    """The tree, and a workspace and an application of another organization."""
    tree.elsewhere = planted("elsewhere", _elsewhere)
    tree.abroad = tree.elsewhere.workspace
    return tree


def _elsewhere():
    return ApplicationFactory(workspace=WorkspaceFactory(), environment="production")


@pytest.fixture
def people(tree):
    """One person for each way to hold something, or to have held it."""
    return [fresh(user) for user in planted("people", lambda: _people(tree), beside=_ids(tree))]


def _ids(tree):
    return (tree.acme.pk, tree.elsewhere.pk)


def _people(tree):
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
    lapsed = MembershipFactory(node=tree.acme, role=Role.OWNER, ends_at=now - HOUR).user
    MembershipFactory(node=tree.shop, role=Role.VIEWER, user=lapsed)
    foreign = MembershipFactory(node=tree.elsewhere.organization, role=Role.OWNER).user
    return [*found, silenced, split, lapsed, foreign, UserFactory()]


@pytest.fixture
def staff_people(tree):
    """The same of the staff: who holds everything, a part, nothing any more, and is a member."""
    part = DjangoPermission.objects.filter(
        codename__in=["change_application", "view_workspace", "delete_organization"]
    )
    limited = [UserFactory(is_staff=is_staff) for is_staff in (True, True, False)]
    for user in limited:
        user.user_permissions.set(part)
    members = [UserFactory(is_staff=True, is_superuser=True), *limited[1:]]
    for user in members:
        MembershipFactory(node=tree.shop, role=Role.MAINTAINER, user=user)
    closed = UserFactory(is_staff=True, is_superuser=True, is_active=False)
    superuser = UserFactory(is_staff=True, is_superuser=True)
    return [fresh(user) for user in [*limited, members[0], closed, superuser]]


def _without_place(way):
    return {name: value for name, value in way.items() if name != "at"}


STATES = [  # of which of the nodes, and which
    *product([None], [None]),
    *product(["suspended_at", "deleted_at"], ["acme", "shop", "production"]),
]


def _in_state(tree, name, state, where):
    """Return the node as the next request loads it, with something on its path in that state."""
    node = getattr(tree, name)
    if state:
        place = getattr(tree, where)
        type(place).objects.filter(pk=place.pk).update(**{state: timezone.now()})
    return type(node).objects.with_parents().get(pk=node.pk)


@pytest.mark.parametrize(("state", "where"), STATES)
def test_explain_what_is_decided(tree, people, state, where):
    """A suspended node can be read by those who could; a deleted one is nobody's."""
    for name in NODES:
        node = _in_state(tree, name, state, where)

        for user, permission in product(people, Permission):
            explanation = explanations.explain(user, permission, node)

            assert explanation.is_allowed is access.can(user, permission, node)
            assert explanation.is_allowed is (permission in access.held(user, node))
            assert explanation.is_allowed is (bool(explanation.sources) and not node.is_deleted)
            assert not explanation.is_global


@pytest.mark.parametrize("door", ["", ADMIN, CONSOLE])
@pytest.mark.parametrize(("state", "where"), STATES)
def test_explain_what_is_decided_about_staff(tree, staff_people, state, where, door):
    """What they hold everywhere is a reason by whatever door they come, for the console has none.

    It counts on what is deleted, too, and there is no way to use it in the console.
    """
    for name in NODES:
        node = _in_state(tree, name, state, where)

        with request_context.serving(RequestFacts(door=door)):
            for user, permission in product(staff_people, Permission):
                explanation = explanations.explain(user, permission, node)
                as_member = bool(explanation.sources) and not node.is_deleted

                assert explanation.is_allowed is (as_member or explanation.is_global)
                assert as_member is (permission in access.held(user, node))
                is_usable = as_member if door == CONSOLE else explanation.is_allowed
                assert access.can(user, permission, node) is is_usable
                is_held = user.is_superuser or permission in (
                    "change_application",
                    "view_workspace",
                    "delete_organization",
                )
                assert explanation.is_global is (user.is_active and user.is_staff and is_held)


@pytest.mark.parametrize("role", BUILT_IN)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("who", ["owner", "superuser"])
def test_explain_what_is_decided_while_seeing_it_as_a_role(tree, place, role, who):
    is_staff = who == "superuser"
    user = UserFactory(is_staff=is_staff, is_superuser=is_staff)
    MembershipFactory(node=tree.acme, role=Role.OWNER, user=user)
    part = getattr(tree, place)
    access.view_as(user, part, role)

    with request_context.serving(RequestFacts(door=CONSOLE)):
        for name, permission in product(NODES, Permission):
            explanation = explanations.explain(user, permission, getattr(tree, name))
            shown = name in SUBTREE[place] and permission in granted(role, part.level)

            assert access.can(user, permission, getattr(tree, name)) is shown
            assert explanation.sources == ([part] if shown else [])
            assert explanation.is_allowed is (shown or is_staff)


@pytest.mark.parametrize("state", [None, "suspended_at"])
@pytest.mark.parametrize("name", NODES)
def test_list_exactly_those_who_may_and_why(tree, people, staff_people, name, state):
    """In the console, where it is shown: everybody by each role that grants it, and nobody else."""
    node = _in_state(tree, name, state, "acme")
    everybody = list(User.objects.filter(pk__in=Membership.objects.values("user")))

    with request_context.serving(RequestFacts(door=CONSOLE)):
        for permission in Permission:
            listed = {
                (row.user, part)
                for part in node.path
                for row in explanations.granting([permission], part).select_related("user")
            }
            assert listed == {
                (user, part)
                for user in everybody
                for part in explanations.explain(user, permission, node).sources
            }
            able = {user for user in everybody if access.can(user, permission, node)}
            assert {user for user, _part in listed} == able
            assert set(explanations.holders([permission], node, most=1_000)) == able


@pytest.mark.parametrize("name", NODES)
def test_list_exactly_those_who_may_use_it_in_production(tree, people, name):
    """Whether it is decided is asked of the check of every action that changes a node."""
    node = getattr(tree, name)
    everybody = [fresh(m.user) for m in Membership.objects.select_related("user")]

    for permission in access.GUARDED:
        able = {
            row.user
            for part in node.path
            for row in explanations.able(permission, part, node).select_related("user")
        }
        assert able == {user for user in everybody if _may_change(user, permission, node)}
        for user in everybody:
            asked = [
                explanations.explain(user, each, node) for each in access.needed(permission, node)
            ]
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
    person_of = cache(fresh)

    for permission in Permission:
        for user in explanations.grantors(permission, node, most=1_000):
            person = person_of(user)
            assert access.can(person, permission, node)
            assert any(
                access.can(person, Permission(f"change_{part.level}_member"), part)
                for part in node.path
            )


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("most", [2, 1_000])
def test_name_the_nearest_of_those_whose_memberships_grant_it(tree, people, name, most):
    """What is stored of grants names the very people whom their memberships do, in that order."""
    node = getattr(tree, name)

    for permission in Permission:
        able = _named_by_memberships(node, most, permission)
        givers = _named_by_memberships(node, most, permission, VIEW_MEMBER, CHANGE_MEMBER)
        assert explanations.holders({permission}, node, most) == able, permission
        assert explanations.grantors(permission, node, most) == givers, permission


def _named_by_memberships(node, most, permission, *by_level):
    found = {}
    for part in reversed(node.path):
        needed = {permission, *(each[part.level] for each in by_level)}
        rows = explanations.granting(needed, part).order_by("id")
        found |= dict.fromkeys(row.user for row in rows.select_related("user")[:most])
    return list(found)[:most]


def test_name_them_in_one_query(tree, people, django_assert_num_queries):
    access.role_ids()

    with django_assert_num_queries(1):
        explanations.grantors(Permission.CHANGE_APPLICATION, tree.production)


def test_explain_what_staff_hold_everywhere(tree):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(DjangoPermission.objects.get(codename="change_application"))

    explanation = explanations.explain(fresh(user), Permission.CHANGE_APPLICATION, tree.production)

    assert (explanation.is_allowed, explanation.sources, explanation.is_global) == (True, [], True)
