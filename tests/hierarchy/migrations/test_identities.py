"""Names in events from before go beside them, and come back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.erasure import erase
from config.web.request_context import (CONSOLE, RequestFacts, serving)
from hierarchy import audit
from tests.support.acting import (invitations, memberships, ownership)
from hierarchy.models import (AuditEvent, Identity)
from hierarchy.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.support.sampling import IS_THOROUGH

BEFORE = [("hierarchy", "0036_identities")]


def _migrate(targets=None):
    executor = MigrationExecutor(connection)
    targets = targets or executor.loader.graph.leaf_nodes()
    if executor.migration_plan(targets):  # or it would build all models to do nothing
        executor.migrate(targets)


@pytest.fixture
def before(transactional_db):
    """Be in the database as it was before, when told to, and in today's afterwards."""
    yield lambda: _migrate(BEFORE)
    _migrate()


def _rows():
    columns = "actor_label, target_label, address, user_agent, changes"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM hierarchy_auditevent ORDER BY id")
        return cursor.fetchall()


def _told():
    events = AuditEvent.objects.with_people().order_by("id")
    return [
        (told.actor, told.target, told.address, told.user_agent, told.changes)
        for told in audit.tell(events, to_staff=True)
    ]


@pytest.mark.parametrize("batch", [1_000, 2] if IS_THOROUGH else [2])
def test_move_names_there_and_back(before, monkeypatch, batch):
    from importlib import import_module

    migration = import_module("hierarchy.migrations.0037_take_people_out_of_events")
    monkeypatch.setattr(migration, "BATCH", batch)
    acme = OrganizationFactory(name="Acme")
    owner = UserFactory(email="ada@example.com", first_name="Ada", last_name="Lovelace")
    MembershipFactory(node=acme, user=owner, role=Role.OWNER)
    heir = MembershipFactory(node=acme, user__email="heir@example.com", role=Role.MANAGER)
    gone = UserFactory(email="gone@example.com", first_name="Gone", last_name="")
    with serving(RequestFacts(address="192.0.2.7", user_agent="Firefox", door=CONSOLE)):
        invitations.send(acme, "new@example.com", Role.VIEWER, by=owner)
        ownership.name_successor(acme, heir.user, by=owner)
        memberships.remove(heir, by=owner)
        audit.record("account.close", by=gone, node=None, target=gone)
    audit.record("organization.edit", by=None, node=acme)
    told = _told()

    before()
    rows = _rows()
    erase(gone)  # as closing an account did then: its events went on naming it
    _migrate()

    assert [row[:4] for row in rows] == [each[:4] for each in told]
    assert "heir@example.com" in str(rows[1][4])
    after = _told()
    assert after[:3] + after[4:] == told[:3] + told[4:]
    assert after[3] == ("a former member", "a former member", None, "", {})
    assert not Identity.objects.filter(email="gone@example.com").exists()
    numbers = AuditEvent.objects.filter(organization_id=acme.pk).order_by("number")
    assert list(numbers.values_list("number", flat=True)) == [1, 2, 3, 4]
