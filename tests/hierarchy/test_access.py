import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.auth.models import Permission as DjangoPermission
from django.http import Http404
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from config.web import request_context
from config.web.request_context import ADMIN, CONSOLE, RequestFacts
from hierarchy import access, explanations, grants, visible
from hierarchy.console import lookup
from hierarchy.models import (
    Application,
    ApplicationGrant,
    Invitation,
    Membership,
    Organization,
    Status,
    Workspace,
)
from hierarchy.models.path import path_of
from hierarchy.refusals import NotAllowed
from hierarchy.roles import BUILT_IN, VIEW, Level, Permission, Role
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    InvitationFactory,
    MembershipFactory,
    SettingValueFactory,
    TrustedOriginFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.hierarchy.test_roles import TABLE, granted
from tests.support.acting import memberships
from tests.support.postgres import without_triggers

NODES = ["acme", "shop", "press", "development", "production", "elsewhere"]
# Held on the first, a role is held on all of these.
SUBTREE = {
    "acme": {"acme", "shop", "press", "development", "production"},
    "shop": {"shop", "development", "production"},
    "press": {"press"},
    "development": {"development"},
    "production": {"production"},
}
LISTS = {
    Organization: visible.organizations_for,
    Workspace: visible.workspaces_for,
    Application: visible.applications_for,
}


@pytest.fixture
def world(tree):
    """The tree, and an application of another organization."""
    tree.elsewhere = ApplicationFactory(slug="web", environment="production")
    return tree


def fresh(user):
    """Return the person as the next request loads them."""
    return User.objects.get(pk=user.pk)


def held(user, node):
    """Return what Django's own question finds, permission by permission."""
    return {name for name in TABLE if user.has_perm(f"hierarchy.{name}", node)}


def _set(node, **state):
    type(node).objects.filter(pk=node.pk).update(**state)


@pytest.mark.parametrize("at", SUBTREE)
@pytest.mark.parametrize("role", BUILT_IN)
def test_hold_what_the_table_says_on_the_subtree_and_nowhere_else(world, role, at):
    level = getattr(world, at).level
    user = fresh(MembershipFactory(node=getattr(world, at), role=role).user)

    for name in NODES:
        expected = granted(role, level) if name in SUBTREE[at] else set()
        assert held(user, getattr(world, name)) == expected, name
        assert access.held(user, getattr(world, name)) == expected, name


@pytest.mark.parametrize("at", SUBTREE)
def test_list_what_is_held_and_nothing_else(world, at):
    """Every list asks the reverse of the question about one node."""
    user = fresh(MembershipFactory(node=getattr(world, at), role=Role.MAINTAINER).user)
    nodes = [getattr(world, name) for name in NODES]

    for permission in Permission:
        for model, listed in LISTS.items():
            if permission.level.reaches(model.level) or permission.level is model.level:
                expected = {
                    node.pk
                    for node in nodes
                    if isinstance(node, model) and user.has_perm(permission.full_name, node)
                }
                found = listed(user, to=permission).values_list("pk", flat=True)
                assert set(found) == expected, (permission, model)


def test_hold_the_union_of_what_is_held_on_the_path(world):
    user = MembershipFactory(node=world.acme, role=Role.VIEWER).user
    MembershipFactory(user=user, node=world.shop, role=Role.MANAGER)

    user = fresh(user)

    assert held(user, world.acme) == granted(Role.VIEWER, "organization")
    assert held(user, world.press) == granted(Role.VIEWER, "organization")
    both = granted(Role.VIEWER, "organization") | granted(Role.MANAGER, "workspace")
    assert held(user, world.shop) == held(user, world.production) == both


@pytest.mark.parametrize("row", ["membership", "invitation", "setting", "origin"])
def test_answer_for_rows_that_hang_on_a_node(world, row, guest):
    rows = {
        "membership": MembershipFactory(node=world.production),
        "invitation": InvitationFactory(node=world.production),
        "setting": SettingValueFactory(node=world.production, key="time_zone", value="UTC"),
        "origin": TrustedOriginFactory(node=world.production),
    }

    assert guest.has_perm("hierarchy.view_application_settings", rows[row])
    assert not guest.has_perm("hierarchy.change_application", rows[row])


@pytest.mark.parametrize("status", Status)
def test_hold_nothing_while_suspended(world, status):
    user = MembershipFactory(node=world.acme, role=Role.OWNER, status=status).user
    MembershipFactory(user=user, node=world.shop, role=Role.MANAGER)

    user = fresh(user)

    assert bool(held(user, world.acme)) is (status == Status.ACTIVE)
    assert bool(held(user, world.production)) is (status == Status.ACTIVE)


def test_hold_nothing_when_deactivated(world):
    user = MembershipFactory(node=world.acme, role=Role.OWNER).user
    session = fresh(user)  # loaded before
    _set(user, is_active=False)

    for person in (session, fresh(user)):
        assert held(person, world.acme) == set()
        for listed in LISTS.values():
            assert not listed(person).exists()


@pytest.mark.parametrize("deleted", ["acme", "shop", "production"])
def test_hold_nothing_on_what_is_deleted(world, owner, deleted):
    _set(getattr(world, deleted), deleted_at=timezone.now())

    for name in NODES:
        node = type(getattr(world, name)).objects.get(pk=getattr(world, name).pk)
        exists = name in SUBTREE["acme"] and name not in SUBTREE[deleted]
        assert bool(held(owner, node)) is exists, name
        assert LISTS[type(node)](owner).filter(pk=node.pk).exists() is exists


@pytest.mark.parametrize("suspended", ["acme", "shop", "production"])
def test_suspended_nodes_can_be_read_by_those_who_could(world, guest, suspended):
    _set(getattr(world, suspended), suspended_at=timezone.now())

    assert held(fresh(guest), world.production) == granted(Role.MAINTAINER, "workspace")


@pytest.mark.parametrize("somebody", [AnonymousUser(), None])
def test_hold_nothing_without_a_membership(world, outsider, somebody):
    user = somebody or outsider

    for name in NODES:
        assert held(user, getattr(world, name)) == set()
    for listed in LISTS.values():
        assert not listed(user).exists()


def test_hold_nothing_by_another_name(world, owner):
    for name in (
        "view_organization",
        "accounts.view_organization",
        "zoo.view_organization",
        "hierarchy.owner_organization",
        "hierarchy.delete_everything",
        "hierarchy.",
        "",
    ):
        assert not owner.has_perm(name, world.acme), name


def test_hold_globally_what_a_group_of_django_holds(world, owner):
    clerks = Group.objects.create(name="Clerks")
    clerks.permissions.add(DjangoPermission.objects.get(codename="view_application"))
    clerk = UserFactory(is_staff=True)
    clerk.groups.add(clerks)

    for node in (world.production, world.elsewhere):
        assert held(fresh(clerk), node) == {"view_application"}
    assert held(fresh(clerk), world.shop) == {"view_application"}


def test_superusers_hold_everything(world, staff):
    for name in NODES:
        assert held(staff, getattr(world, name)) == set(TABLE)


def test_the_console_ignores_what_is_held_globally(world, staff):
    path = {"organization": "acme", "workspace": "shop"}

    with pytest.raises(Http404):
        lookup.get_node(staff, path, to=VIEW)
    assert access.held(staff, world.acme) == set()
    assert access.abilities(staff, world.acme)["view"] is False
    for model, listed in LISTS.items():
        assert not listed(staff).exists()
        assert listed(staff, as_staff=True).count() == model.objects.count()
    assert not visible.restorable_for(staff, Level.ORGANIZATION).exists()


def test_superusers_do_in_the_console_what_their_role_may(world, staff):
    """Django's own question says yes to them before anybody is asked."""
    MembershipFactory(node=world.acme, user=staff)

    for door, may in ((CONSOLE, False), (ADMIN, True)):
        with request_context.serving(RequestFacts(door=door)):
            assert access.can(staff, Permission.VIEW_WORKSPACE, world.shop)
            assert access.can(staff, Permission.CHANGE_WORKSPACE, world.shop) is may
            assert access.can(staff, Permission.VIEW_APPLICATION, world.elsewhere) is may


def test_staff_see_deleted_nodes_in_the_admin(world, staff, owner):
    _set(world.shop, deleted_at=timezone.now())

    assert world.shop in visible.workspaces_for(staff, as_staff=True)
    assert world.shop not in visible.workspaces_for(owner, as_staff=True)


def test_limited_staff_see_the_nodes_that_they_were_granted(world):
    limited = MembershipFactory(node=world.shop, user__is_staff=True).user

    assert list(visible.workspaces_for(limited, as_staff=True)) == [world.shop]


def test_ask_the_database_once(world, owner, django_assert_num_queries):
    access.can(owner, Permission.VIEW_ORGANIZATION, world.acme)  # reads the ids, once per process
    owner = fresh(owner)

    with django_assert_num_queries(1):
        assert access.can(owner, Permission.CHANGE_APPLICATION, world.production)
    with django_assert_num_queries(0):
        for name in NODES[:-1]:
            assert held(owner, getattr(world, name)) == set(TABLE)
        assert access.abilities(owner, world.shop)["change"] is True
        assert access.abilities(owner, world.shop)["change_application"] is True


def test_lists_take_the_same_number_of_queries_for_any_length(world, django_assert_num_queries):
    def person(count):
        user = UserFactory()
        for _ in range(count):
            MembershipFactory(user=user, node=WorkspaceFactory())
        return fresh(user)

    for user in (person(1), person(60)):
        with django_assert_num_queries(2):
            found = len(visible.workspaces_for(user))
        assert found == user.memberships.count()


def test_revoking_is_effective_at_the_next_request(world, owner, guest):
    session = fresh(guest)
    assert access.can(session, Permission.VIEW_WORKSPACE, world.shop)

    memberships.remove(Membership.objects.get(user=guest), by=owner)

    assert not access.can(fresh(guest), Permission.VIEW_WORKSPACE, world.shop)


def test_never_share_what_is_remembered(world, guest):
    one = fresh(guest)
    other = fresh(guest)

    assert access.grant_map(one) is access.grant_map(one)
    assert access.grant_map(one) is not access.grant_map(other)


@pytest.mark.parametrize("at", SUBTREE)
def test_paths_for_finds_rows_by_what_is_held_on_their_node(world, at):
    for name in NODES:
        InvitationFactory(node=getattr(world, name))
    user = fresh(MembershipFactory(node=getattr(world, at)).user)

    found = Invitation.objects.filter(visible.paths_for(user, VIEW))

    assert {row.node for row in found} == {getattr(world, name) for name in SUBTREE[at]}


def test_grantors_can_really_give_it(world, owner, manager, maintainer):
    shop_owner = MembershipFactory(node=world.shop, role=Role.OWNER).user
    MembershipFactory(node=world.shop, role=Role.OWNER, status=Status.SUSPENDED)
    MembershipFactory(node=world.shop, role=Role.OWNER, user__is_active=False)

    found = explanations.grantors(Permission.DELETE_WORKSPACE, world.shop)

    assert {owner, shop_owner} <= set(found)
    assert all(access.can(fresh(user), Permission.DELETE_WORKSPACE, world.shop) for user in found)
    assert manager in explanations.grantors(Permission.CHANGE_WORKSPACE, world.shop)


def test_grantors_are_five_at_most_the_nearest_first(world):
    near = MembershipFactory.create_batch(2, node=world.shop, role=Role.MANAGER)
    MembershipFactory.create_batch(4, node=world.acme, role=Role.MANAGER)

    found = explanations.grantors(Permission.CHANGE_WORKSPACE, world.shop)

    assert found[:2] == [row.user for row in near]
    assert len(found) == len(set(found)) == 5


def test_roles_to_give_are_those_that_one_holds(world, owner, manager, viewer):
    assert access.roles_to_give(owner, world.acme) == list(BUILT_IN)
    assert access.roles_to_give(manager, world.acme) == list(BUILT_IN)[1:]
    assert access.roles_to_give(viewer, world.acme) == [Role.VIEWER]


def test_a_stray_row_of_guardian_that_names_no_role_grants_nothing(world, outsider):
    membership = MembershipFactory(user=outsider, node=world.production)
    with without_triggers():
        ApplicationGrant.objects.filter(membership=membership).update(
            permission=DjangoPermission.objects.get(codename="view_application")
        )

    assert held(outsider, world.production) == set()


def test_path_of_a_node_is_what_its_rows_carry(world):
    assert list(path_of(world.production).values()) == [world.acme, world.shop, world.production]
    assert list(path_of(world.shop).values()) == [world.acme, world.shop, None]
    assert list(path_of(world.acme).values()) == [world.acme, None, None]


def test_hold_the_union_of_two_rows_on_one_node(world):
    user = MembershipFactory(node=world.production, role=Role.OWNER).user
    ids = access.role_ids()
    with without_triggers():
        ApplicationGrant.objects.create(
            membership=MembershipFactory(node=world.shop),
            user=user,
            content_object=world.production,
            permission_id=ids[Level.APPLICATION, Role.VIEWER],
        )

    assert held(fresh(user), world.production) == granted(Role.OWNER, "application")


def test_list_all_permissions_on_a_node(world, guest):
    expected = {f"hierarchy.{name}" for name in granted(Role.MAINTAINER, "workspace")}

    assert guest.get_all_permissions(world.shop) == expected
    assert guest.get_all_permissions() == set()


def test_a_change_takes_its_own_permission_and_the_guard(world, owner, viewer):
    change = Permission.CHANGE_APPLICATION
    builder = MembershipFactory(
        node=world.acme,
        role=Role.CUSTOM,
        custom_role=CustomRoleFactory(
            organization=world.acme,
            permissions=["view_organization", "view_application", "change_application"],
        ),
    ).user

    access.require_change(owner, change, world.production)
    access.require_change(builder, change, world.development)
    with pytest.raises(NotAllowed) as guarded:
        access.require_change(builder, change, world.production)
    assert guarded.value.permission is Permission.CHANGE_PRODUCTION_APPLICATION
    for node in (world.development, world.production):
        with pytest.raises(NotAllowed) as refused:
            access.require_change(viewer, change, node)
        assert refused.value.permission is change


def test_ask_anew_before_restoring(world, owner):
    access.grant_map(owner)
    Membership.objects.filter(user=owner).delete()
    grants.derive(fresh(owner), world.acme)

    assert not access.may_restore(owner, world.shop)


@pytest.mark.parametrize("name", ["acme", "shop", "production"])
def test_view_as_nothing_but_the_one_node(world, owner, name):
    node = getattr(world, name)
    access.view_as(owner, node, Role.MAINTAINER)

    expected = {level: {} for level in Level} | {
        node.level: {node.pk: granted(Role.MAINTAINER, node.level.value)}
    }
    assert access.grant_map(owner).held == expected


@pytest.mark.parametrize("above", ["acme", "shop"])
def test_who_is_suspended_above_grants_nothing(world, above):
    user = MembershipFactory(node=getattr(world, above), status=Status.SUSPENDED).user
    MembershipFactory(node=world.production, user=user, role=Role.OWNER)

    found = explanations.granting({Permission.DELETE_APPLICATION}, world.production)

    assert not found.filter(user=user).exists()
    assert not access.can(fresh(user), Permission.DELETE_APPLICATION, world.production)


def test_one_array_for_many_ids_and_a_list_for_few():
    longest = visible.LONGEST_ID_LIST

    for count in (0, 1, longest):
        assert visible.among("pk", range(count)).children[0][0] == "pk__in"
    for count in (longest + 1, 5 * longest):
        assert visible.among("pk", range(count)).children[0][0] == "pk__any_of"


def test_list_what_is_beneath_many_organizations(world):
    user = UserFactory()
    for _ in range(visible.LONGEST_ID_LIST + 1):
        workspace = WorkspaceFactory()
        MembershipFactory(user=user, node=workspace.organization)

    assert visible.workspaces_for(fresh(user)).count() == visible.LONGEST_ID_LIST + 1


def test_forget_the_ids_of_permissions(world, owner):
    held(owner, world.acme)

    access.forget_permission_ids()

    assert access.role_ids.cache_info().currsize == 0
    assert access._meanings.cache_info().currsize == 0


def test_global_rights_end_with_being_staff(world):
    clerks = Group.objects.create(name="Clerks")
    clerks.permissions.add(DjangoPermission.objects.get(codename="view_application"))
    clerk = UserFactory()
    clerk.groups.add(clerks)

    assert held(fresh(clerk), world.production) == set()


def test_require_asks_anew_for_the_lazy_person_of_a_request(tree, manager):
    """As middleware makes them: what is remembered lies on what the lazy object wraps."""
    person = SimpleLazyObject(lambda: User.objects.get(pk=manager.pk))
    access.require(person, Permission.CHANGE_ORGANIZATION, tree.acme)
    Membership.objects.filter(user=manager).update(role=Role.VIEWER)
    grants.derive(manager, tree.acme)

    with pytest.raises(NotAllowed):
        access.require(person, Permission.CHANGE_ORGANIZATION, tree.acme)


def test_forget_what_staff_hold_as_well(staff):
    person = SimpleLazyObject(lambda: User.objects.get(pk=staff.pk))
    assert access.is_global(person, Permission.CHANGE_ORGANIZATION)
    User.objects.filter(pk=staff.pk).update(is_superuser=False)
    staff.user_permissions.clear()
    staff.groups.clear()
    person.is_superuser = False

    access.forget(person)

    assert not access.is_global(person, Permission.CHANGE_ORGANIZATION)
