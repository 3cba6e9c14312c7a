"""`manage.py resync_permissions`"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from hierarchy import grants
from hierarchy.models import Membership, OrganizationGrant
from tests.support.acting import memberships
from tests.support.postgres import wait_until_somebody_waits, without_triggers


@pytest.fixture
def drift(tree, owner):
    """A membership whose stored permission is missing."""
    OrganizationGrant.objects.filter(user=owner).delete()
    return f"missing: owner_organization of user {owner.pk} on organization {tree.acme.pk}\n"


def test_say_that_nothing_differs(tree, owner, capsys):
    call_command("resync_permissions", check=True)

    assert capsys.readouterr().out == "Nothing differs.\n"


def test_check_fails_and_changes_nothing(drift, owner, capsys):
    with pytest.raises(CommandError) as failure:
        call_command("resync_permissions", check=True)

    assert failure.value.returncode == 1
    assert capsys.readouterr().out == drift
    assert not OrganizationGrant.objects.filter(user=owner).exists()


def test_repair(drift, owner, capsys):
    call_command("resync_permissions")
    call_command("resync_permissions", check=True)

    assert capsys.readouterr().out == f"{drift}1 repaired.\nNothing differs.\n"
    assert OrganizationGrant.objects.filter(user=owner).exists()


def test_remove_what_no_membership_implies(tree, owner, viewer, capsys):
    ownership = OrganizationGrant.objects.get(user=owner).permission
    grants_of_viewer = OrganizationGrant.objects.filter(user=viewer)
    with without_triggers():
        grants_of_viewer.update(permission=ownership)

    call_command("resync_permissions")

    assert capsys.readouterr().out == (
        f"missing: viewer_organization of user {viewer.pk} on organization {tree.acme.pk}\n"
        f"stray: owner_organization of user {viewer.pk} on organization {tree.acme.pk}\n"
        "2 repaired.\n"
    )
    assert [row.permission.codename for row in grants_of_viewer] == ["viewer_organization"]


@pytest.mark.django_db(transaction=True)
def test_check_sees_what_changes_meanwhile_whole_or_not_at_all(tree, owner, viewer):
    membership = Membership.objects.get(user=viewer)
    with ThreadPoolExecutor() as others, transaction.atomic():
        with connection.cursor() as cursor:  # until the commit the check waits for the grants
            cursor.execute("LOCK TABLE hierarchy_organizationgrant IN ACCESS EXCLUSIVE MODE")
        check = others.submit(_check)
        wait_until_somebody_waits()
        memberships.remove(membership, by=owner)

    assert check.result() == []


def _check():
    try:
        return grants.resync(check=True)
    finally:
        connection.close()
