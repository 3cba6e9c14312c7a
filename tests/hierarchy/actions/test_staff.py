import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from hierarchy.actions import staff as actions
from hierarchy.models import AuditEvent
from tests.factories import UserFactory
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


def test_change_rights_makes_no_superuser_outside_the_staff(outsider, staff):
    with refused("no_staff", field="is_staff"):
        actions.change_rights(outsider, by=staff, is_staff=False, is_superuser=True, groups=[])
