from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from hierarchy.actions import accounts, jobs, mails, memberships
from hierarchy.actions import staff as actions
from hierarchy.models import AuditEvent, MailState, OutgoingMail
from hierarchy.roles import Role
from tests.factories import UserFactory, failed_job
from tests.refusals import refused

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
