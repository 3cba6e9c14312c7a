"""Plain SQL, past all our code: no access stays without the membership that it comes from."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from hierarchy import access, grants
from hierarchy.models import Membership, OrganizationGrant, Status, WorkspaceGrant
from hierarchy.roles import Level, Permission, Role
from tests.factories import CustomRoleFactory, MembershipFactory, UserFactory, WorkspaceFactory
from tests.support.postgres import wait_until_somebody_waits


def sql(statement, *parameters):
    """Run a statement and check deferred constraints, as a commit does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def held(user, node):
    access.forget(user)
    return access.held(user, node)


def granted(user):
    """Return (level, name of the role's permission) of all that is stored for a person."""
    return {
        (level.value, row.permission.codename)
        for level, table in access.GRANTS.items()
        for row in table.objects.filter(user=user)
    }


@pytest.fixture
def member(tree):
    """The membership of somebody who owns Acme, with roles of their own beneath."""
    membership = MembershipFactory(node=tree.acme, role=Role.OWNER)
    for node in (tree.shop, tree.production):
        MembershipFactory(user=membership.user, node=node, role=Role.MANAGER)
    return membership


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        (
            "DELETE FROM hierarchy_membership WHERE id = %s",
            {("workspace", "manager_workspace"), ("application", "manager_application")},
        ),
        ("UPDATE hierarchy_membership SET status = 'suspended' WHERE id = %s", set()),
        (
            "UPDATE hierarchy_membership SET role = 'viewer' WHERE id = %s",
            {("workspace", "manager_workspace"), ("application", "manager_application")},
        ),
    ],
)
def test_access_ends_with_what_sql_does_to_the_membership(tree, member, statement, left):
    assert Permission.DELETE_ORGANIZATION in held(member.user, tree.acme)

    sql(statement, member.pk)

    assert granted(member.user) == left
    assert held(member.user, tree.acme) == set()
    assert not [drift for drift in grants.resync(check=True) if drift.kind == "stray"]


def test_access_ends_with_what_the_orm_does_to_memberships(tree, member, viewer):
    memberships = Membership.objects.filter(user__in=[member.user, viewer], workspace=None)

    memberships.update(status=Status.SUSPENDED)

    assert granted(member.user) == granted(viewer) == set()


def test_a_suspension_by_sql_ends_what_is_beneath_and_nothing_beside(tree, member):
    press = MembershipFactory(user=member.user, node=tree.press)

    sql(
        "UPDATE hierarchy_membership SET status = 'suspended' WHERE user_id = %s"
        " AND workspace_id = %s AND application_id IS NULL",
        member.user_id,
        tree.shop.pk,
    )

    assert granted(member.user) == {
        ("organization", "owner_organization"),
        ("workspace", "viewer_workspace"),
    }
    assert WorkspaceGrant.objects.get(user=member.user).membership == press
    assert grants.resync(check=True) == []


def test_a_suspended_membership_that_sql_adds_ends_what_is_beneath(tree, guest):
    sql(
        "INSERT INTO hierarchy_membership (user_id, organization_id, role, status, created_at)"
        " VALUES (%s, %s, 'viewer', 'suspended', now())",
        guest.pk,
        tree.acme.pk,
    )

    assert granted(guest) == set()


def test_access_takes_over_other_dates(tree, viewer):
    membership = Membership.objects.get(user=viewer)
    ended = timezone.now() - timedelta(days=1)
    later = timezone.now() + timedelta(days=1)

    sql("UPDATE hierarchy_membership SET ends_at = %s WHERE id = %s", ended, membership.pk)
    left = held(viewer, tree.acme)
    sql("UPDATE hierarchy_membership SET ends_at = %s WHERE id = %s", later, membership.pk)

    assert left == set()
    assert Permission.VIEW_ORGANIZATION in held(viewer, tree.acme)
    assert grants.resync(check=True) == []


def test_access_ends_when_sql_gives_the_membership_to_another_person(tree, viewer, outsider):
    sql("UPDATE hierarchy_membership SET user_id = %s WHERE user_id = %s", outsider.pk, viewer.pk)

    assert granted(viewer) == granted(outsider) == set()


def test_access_ends_when_sql_hangs_the_membership_elsewhere(tree, guest):
    sql(
        "UPDATE hierarchy_membership SET workspace_id = %s WHERE user_id = %s",
        tree.press.pk,
        guest.pk,
    )

    assert granted(guest) == set()
    assert held(guest, tree.shop) == held(guest, tree.press) == set()


def test_access_from_above_stays_behind_when_sql_moves_a_workspace(tree, owner, guest):
    elsewhere = WorkspaceFactory()

    sql(
        "UPDATE hierarchy_workspace SET organization_id = %s WHERE id = %s",
        elsewhere.organization_id,
        tree.shop.pk,
    )

    tree.shop.refresh_from_db()
    assert held(owner, tree.shop) == set()
    assert granted(guest) == {("workspace", "maintainer_workspace")}
    assert grants.resync(check=True) == []


def test_access_ends_where_sql_moves_a_workspace_to_who_has_suspended_the_person(tree, guest):
    elsewhere = MembershipFactory(user=guest, status=Status.SUSPENDED).organization

    sql(
        "UPDATE hierarchy_workspace SET organization_id = %s WHERE id = %s",
        elsewhere.pk,
        tree.shop.pk,
    )

    assert granted(guest) == set()


def test_access_follows_a_composed_role_that_sql_changes(tree, outsider):
    role = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "view_audit_log"]
    )
    MembershipFactory(user=outsider, node=tree.acme, role=Role.CUSTOM, custom_role=role)

    sql(
        "UPDATE hierarchy_customrole SET permissions = '{view_organization}' WHERE id = %s", role.pk
    )

    assert held(outsider, tree.acme) == {Permission.VIEW_ORGANIZATION}


def test_access_ends_when_sql_gives_another_composed_role(tree, outsider):
    role, other = CustomRoleFactory.create_batch(2, organization=tree.acme)
    MembershipFactory(user=outsider, node=tree.acme, role=Role.CUSTOM, custom_role=role)

    sql(
        "UPDATE hierarchy_membership SET custom_role_id = %s WHERE user_id = %s",
        other.pk,
        outsider.pk,
    )

    assert granted(outsider) == set()


def test_nothing_is_left_of_a_person_whom_sql_deletes(tree, member):
    sql("DELETE FROM account_emailaddress WHERE user_id = %s", member.user_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = %s", [member.user_id])
        cursor.execute("DELETE FROM hierarchy_membership WHERE user_id = %s", [member.user_id])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert granted(member.user_id) == set()


def test_an_account_that_sql_deactivates_holds_nothing(tree, member):
    sql("UPDATE accounts_user SET is_active = false WHERE id = %s", member.user_id)

    assert held(member.user, tree.acme) == set()


def test_what_grants_nothing_may_change_without_a_grant_being_touched(tree, viewer):
    before = OrganizationGrant.objects.get(user=viewer).pk

    sql("UPDATE hierarchy_membership SET reminded_days = 7 WHERE user_id = %s", viewer.pk)

    assert OrganizationGrant.objects.get(user=viewer).pk == before


@pytest.mark.parametrize(
    "wrong", ["user", "content_object", "permission", "custom_role", "ends_at", "starts_at"]
)
@pytest.mark.parametrize("way", ["insert", "update"])
def test_refuse_a_grant_that_says_more_than_its_membership(tree, viewer, wrong, way):
    right = OrganizationGrant.objects.get(user=viewer)
    values = {
        "user": UserFactory,
        "content_object": lambda: MembershipFactory().organization,
        "permission": lambda: DjangoPermission.objects.get(codename="owner_organization"),
        "custom_role": lambda: CustomRoleFactory(organization=tree.acme),
        "ends_at": lambda: timezone.now() + timedelta(days=1),
        "starts_at": timezone.now,
    }
    setattr(right, wrong, values[wrong]())
    if way == "insert":
        OrganizationGrant.objects.filter(pk=right.pk).delete()
        right.pk = None

    with pytest.raises(IntegrityError, match="a grant says what its membership implies"):
        save(right)


def save(row):
    with transaction.atomic():
        row.save()


@pytest.mark.parametrize("place", ["acme", "shop"])
def test_refuse_a_grant_of_a_membership_that_is_suspended_or_silenced(tree, guest, place):
    grant = WorkspaceGrant.objects.get(user=guest)
    if place == "acme":
        MembershipFactory(user=guest, node=tree.acme, status=Status.SUSPENDED)
    else:
        Membership.objects.filter(user=guest).update(status=Status.SUSPENDED)
    grant.pk = None

    with pytest.raises(IntegrityError, match="a grant says what its membership implies"):
        save(grant)


def test_refuse_a_grant_without_a_membership(tree, outsider):
    permission_id = access.role_ids()[Level.ORGANIZATION, Role.OWNER]
    for membership_id in (None, 0):
        with pytest.raises(IntegrityError):
            save(
                OrganizationGrant(
                    membership_id=membership_id,
                    user=outsider,
                    content_object=tree.acme,
                    permission_id=permission_id,
                )
            )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["acme", "shop"])
def test_a_suspension_at_the_same_instant_finds_the_grant_that_is_being_written(tree, guest, place):
    grant = WorkspaceGrant.objects.get(user=guest)
    above = MembershipFactory(user=guest, node=tree.acme)
    suspended = (
        above if place == "acme" else Membership.objects.get(user=guest, workspace=tree.shop)
    )
    WorkspaceGrant.objects.filter(pk=grant.pk).delete()

    with ThreadPoolExecutor() as others, transaction.atomic():
        grant.save(force_insert=True)
        suspending = others.submit(_suspend, suspended.pk)
        wait_until_somebody_waits()
    suspending.result()

    assert not WorkspaceGrant.objects.filter(user=guest).exists()


def _suspend(pk):
    try:
        Membership.objects.filter(pk=pk).update(status=Status.SUSPENDED)
    finally:
        connection.close()
