"""Grants from before they named their membership."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from hierarchy import (access, grants)
from hierarchy.models import (Membership, OrganizationGrant, Status)
from hierarchy.roles import (Level, Role)
from tests.factories import CustomRoleFactory, MembershipFactory
from tests.support.postgres import without_triggers

MIGRATION = import_module("hierarchy.migrations.0027_fill_in_memberships_of_grants")


@pytest.fixture
def before(tree, owner, guest, outsider):
    """What is stored as it was: no grant names its membership, and some are of none."""
    role = CustomRoleFactory(organization=tree.acme)
    MembershipFactory(user=outsider, node=tree.acme, role=Role.CUSTOM, custom_role=role)
    MembershipFactory(user=owner, node=tree.production)
    expected = _stored()
    suspended, promoted, ended = (MembershipFactory(node=tree.acme) for _ in range(3))
    beneath = MembershipFactory(node=tree.shop)
    MembershipFactory(user=beneath.user, node=tree.acme)
    with connection.cursor() as cursor:
        for table in access.GRANTS.values():
            name = table._meta.db_table
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT {name}_has_membership")
    with without_triggers():
        for table in access.GRANTS.values():
            table.objects.update(membership=None)
        Membership.objects.filter(pk=suspended.pk).update(status=Status.SUSPENDED)
        Membership.objects.filter(pk=promoted.pk).update(role=Role.OWNER)
        Membership.objects.filter(pk=ended.pk).delete()
        above = Membership.objects.filter(user=beneath.user, workspace=None)
        above.update(status=Status.SUSPENDED)
    return expected


def _stored():
    """Return {(level, grant): membership}."""
    return {
        (level, row.pk): row.membership_id
        for level, table in access.GRANTS.items()
        for row in table.objects.all()
    }


def _fill_in():
    with connection.schema_editor(atomic=False) as editor:
        MIGRATION.fill_in(apps, editor)


def test_each_grant_gets_its_membership_and_strays_go(before, caplog):
    _fill_in()
    _fill_in()

    assert _stored() == before
    assert sorted(record.args[0] for record in caplog.records) == [
        *["viewer_organization"] * 4,
        "viewer_workspace",
    ]
    (missing,) = grants.resync(check=True)
    assert (missing.kind, missing.codename) == ("missing", "owner_organization")


def test_fill_in_goes_on_where_it_stopped(before, monkeypatch):
    monkeypatch.setattr(MIGRATION, "BATCH", 1)
    first = OrganizationGrant.objects.order_by("pk")[0]
    with without_triggers():
        OrganizationGrant.objects.filter(pk=first.pk).update(
            membership=before[Level.ORGANIZATION, first.pk]
        )

    _fill_in()

    assert _stored() == before
