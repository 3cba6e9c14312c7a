from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from hierarchy import audit
from hierarchy.models import AuditEvent, MailState, OutgoingMail
from hierarchy.roles import Role
from tests.factories import UserFactory, failed_job
from tests.support.acting import accounts, jobs, mails, memberships
from tests.support.acting import staff as actions
from tests.support.activity import changes_told
from tests.support.refusals import refused

NONE = {"is_staff": False, "is_superuser": False, "groups": []}


@pytest.fixture
def group(db):
    return Group.objects.create(name="Support")


def test_change_rights_sets_them_all(outsider, staff, group):
    actions.change_rights(outsider, by=staff, is_staff=True, is_superuser=False, groups=[group])

    outsider.refresh_from_db()
    assert (outsider.is_staff, outsider.is_superuser) == (True, False)
    assert list(outsider.groups.all()) == [group]
    assert AuditEvent.objects.get().changes == {
        "is_staff": [False, True],
        "groups": [[], ["Support"]],
    }


def test_change_rights_of_nobody_whose_account_is_closed(outsider, staff):
    accounts.erase(outsider, by=staff)

    with refused("closed"):
        actions.change_rights(outsider, by=staff, is_staff=True, is_superuser=False, groups=[])


def test_change_rights_takes_them_away(staff, group):
    other = UserFactory(is_staff=True, is_superuser=True)
    other.groups.add(group)

    actions.change_rights(other, by=staff, **NONE)

    other.refresh_from_db()
    assert (other.is_staff, other.is_superuser, other.groups.count()) == (False, False, 0)


def test_change_rights_records_nothing_where_nothing_changes(outsider, staff):
    actions.change_rights(outsider, by=staff, **NONE)

    assert not AuditEvent.objects.exists()


def test_change_rights_is_for_superusers(outsider):
    clerk = UserFactory(is_staff=True)

    with refused("not_allowed"):
        actions.change_rights(outsider, by=clerk, is_staff=True, is_superuser=False, groups=[])


def test_change_rights_refuses_ones_own(staff):
    with refused("own"):
        actions.change_rights(staff, by=staff, **NONE)


def test_change_rights_asks_what_the_superuser_is_by_now(staff):
    other = UserFactory(is_staff=True, is_superuser=True)
    User.objects.filter(pk=other.pk).update(is_superuser=False)

    with refused("not_allowed"):
        actions.change_rights(staff, by=other, **NONE)


@pytest.mark.parametrize(
    ("codename", "act"),
    [
        ("invite_organization_member", lambda w, by: w.add(by)),
        ("change_user", lambda w, by: accounts.deactivate(w.person, by=by)),
        ("change_outgoingmail", lambda w, by: mails.resend(w.mail, by=by)),
        ("change_procrastinatejob", lambda w, by: jobs.retry(w.job, by=by)),
    ],
)
def test_a_right_that_was_taken_away_meanwhile_does_not_count(tree, outsider, group, codename, act):
    permission = Permission.objects.get(codename=codename)
    group.permissions.add(permission)
    clerk = UserFactory(is_staff=True)
    clerk.groups.add(group)
    world = SimpleNamespace(
        person=outsider,
        mail=OutgoingMail.objects.create(recipient="a@example.com", state=MailState.FAILED),
        job=failed_job(),
        add=lambda by: memberships.add(tree.acme, outsider, Role.VIEWER, by=by),
    )
    assert clerk.has_perm(f"{permission.content_type.app_label}.{codename}")
    Group.objects.get(pk=group.pk).permissions.clear()

    with refused("not_allowed"):
        act(world, clerk)


def test_change_rights_makes_no_superuser_outside_the_staff(outsider, staff):
    with refused("no_staff", field="is_staff"):
        actions.change_rights(outsider, by=staff, is_staff=False, is_superuser=True, groups=[])


# --- Staff groups, and factors that were lost ----------------------------------------------------


@pytest.fixture
def view_users(db):
    return Permission.objects.get(codename="view_user")


def test_save_a_group_says_what_it_gives(staff, group, view_users):
    actions.save_group(group, name="Clerks", permissions=[view_users], by=staff)

    event = AuditEvent.objects.get()
    assert list(group.permissions.all()) == [view_users]
    assert event.changes == {
        "name": ["Support", "Clerks"],
        "permissions": [[], ["accounts.view_user"]],
    }
    assert [change.label for change in audit.changes_of(event)] == ["Name", "Permissions"]


def test_save_a_group_as_it_was_records_nothing(staff, group):
    actions.save_group(group, name="Support", permissions=[], by=staff)

    assert not AuditEvent.objects.exists()


def test_save_a_group_refuses_a_name_that_is_taken(staff, group):
    with refused("duplicate", "name"):
        actions.save_group(Group(), name="Support", permissions=[], by=staff)


def test_delete_a_group_says_from_whom_it_takes_what(staff, group, view_users, outsider):
    group.permissions.add(view_users)
    outsider.groups.add(group)

    actions.delete_group(group, by=staff)

    assert not Group.objects.exists()
    assert changes_told(AuditEvent.objects.get()) == {
        "name": ["Support", None],
        "permissions": [["accounts.view_user"], None],
        "people": [["Outsider <outsider@example.com>"], None],
    }
    with refused("gone"):
        actions.delete_group(Group(pk=group.pk or 1), by=staff)


def test_take_a_factor_and_the_recovery_codes_with_the_last_one(staff, outsider):
    TOTP.activate(outsider, "SECRETSECRETSECRET")
    RecoveryCodes.activate(outsider)
    factor = Authenticator.objects.get(type=Authenticator.Type.TOTP)

    actions.take_factor(factor, by=staff)

    assert not Authenticator.objects.exists()
    event = AuditEvent.objects.get()
    assert (event.target_id, event.target_label) == (outsider.pk, "Outsider <outsider@example.com>")
    assert event.changes == {"second_factors": [["TOTP Authenticator", "Recovery codes"], []]}
    with refused("gone"):
        actions.take_factor(factor, by=staff)


def test_groups_and_factors_are_for_superusers(outsider, group):
    clerk = UserFactory(is_staff=True)
    factor = Authenticator.objects.create(user=outsider, type=Authenticator.Type.TOTP, data={})

    for act in (
        lambda: actions.save_group(group, name="Mine", permissions=[], by=clerk),
        lambda: actions.delete_group(group, by=clerk),
        lambda: actions.take_factor(factor, by=clerk),
    ):
        with refused("not_allowed"):
            act()
