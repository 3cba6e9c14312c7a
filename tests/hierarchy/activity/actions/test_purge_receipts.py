"""An organization goes for good with its record, and leaves one receipt that names nobody."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from config.web.request_context import CONSOLE, RequestFacts, serving
from hierarchy import audit
from hierarchy.models import (
    AuditEvent,
    Identity,
    Membership,
    Organization,
    PurgeReceipt,
    Whereabouts,
    Workspace,
)
from hierarchy.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory
from tests.support.acting import memberships, nodes, purge_receipts

TRASH = timedelta(days=settings.TRASH_DAYS)


@pytest.fixture
def expired(tree, owner):
    """Acme with a history, for so long in the trash that it may go; and one that stays."""
    other = OrganizationFactory(name="Stays")
    MembershipFactory(user=owner, node=other, role=Role.OWNER)
    with serving(RequestFacts(address="192.0.2.7", user_agent="Firefox", door=CONSOLE)):
        nodes.edit(tree.shop, by=owner, name="Renamed")
        memberships.remove(MembershipFactory(node=tree.shop), by=owner)
        nodes.edit(other, by=owner, name="Stays here")
        nodes.delete(tree.acme, by=owner)
    Organization.objects.filter(pk=tree.acme.pk).update(deleted_at=timezone.now() - TRASH)
    return tree.acme


def _sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def test_purge_removes_the_record_and_leaves_one_receipt(expired, owner):
    members = Membership.objects.filter(organization=expired).count()

    assert nodes.purge_expired() == 1

    assert set(AuditEvent.objects.values_list("node_label", flat=True)) == {"Stays here"}
    assert not Identity.objects.filter(organization_id=expired.pk).exists()
    assert Identity.objects.get().person_id == owner.pk
    assert Whereabouts.objects.count() == 1
    receipt = PurgeReceipt.objects.get()
    assert receipt.organization_public_id == expired.public_id
    assert receipt.purged_by == audit.SYSTEM
    assert receipt.events == 4  # edit, remove, delete, purge
    assert receipt.removed["membership"] == members
    assert (receipt.removed["workspace"], receipt.removed["application"]) == (2, 2)
    assert (receipt.removed["auditevent"], receipt.removed["identity"]) == (4, 2)


def test_the_receipt_names_nobody(expired):
    nodes.purge_expired()

    ((text,),) = _sql("SELECT row_to_json(r)::text FROM hierarchy_purgereceipt AS r")

    for word in ("@", "Owner", "Acme", "acme", "192.0.2.7"):
        assert word not in text


def test_the_checksum_is_over_number_and_content(expired):
    audit.record("organization.purge", by=None, node=expired)
    rows = _sql(
        "SELECT number, to_jsonb(e)::text FROM hierarchy_auditevent AS e"
        " WHERE organization_id = %s ORDER BY number",
        expired.pk,
    )
    digest = ""
    for number, content in rows:
        digest = hashlib.sha256(f"{digest} {number} {content}".encode()).hexdigest()

    assert purge_receipts.issue(expired).checksum == digest


def test_purge_refuses_an_organization_that_is_in_use(tree, owner):
    nodes.edit(tree.shop, by=owner, name="Renamed")

    with pytest.raises(DatabaseError, match="in the trash"), transaction.atomic():
        purge_receipts.issue(tree.acme)

    assert AuditEvent.objects.exists()


def test_keep_everything_when_the_purge_is_broken_off(expired):
    _sql(
        """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
        CREATE TRIGGER broken BEFORE DELETE ON hierarchy_organization
        FOR EACH ROW EXECUTE FUNCTION fail();
        """
    )
    before = AuditEvent.objects.count()

    with pytest.raises(DatabaseError, match="broken"), transaction.atomic():
        nodes.purge(expired)

    assert (AuditEvent.objects.count(), PurgeReceipt.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM hierarchy_identity",
        "DELETE FROM hierarchy_whereabouts",
        "TRUNCATE hierarchy_identity CASCADE",
        "TRUNCATE hierarchy_whereabouts",
        "UPDATE hierarchy_purgereceipt SET events = 0",
        "DELETE FROM hierarchy_purgereceipt",
        "TRUNCATE hierarchy_purgereceipt",
        "INSERT INTO hierarchy_purgereceipt (organization_public_id, created_at, deleted_at,"
        " purged_at, purged_by, events, removed, checksum)"
        " VALUES (gen_random_uuid(), now(), now(), now(), 'me', 0, '{}', '')",
    ],
)
def test_nothing_else_removes_what_the_record_consists_of(expired, owner, statement):
    nodes.purge_expired()
    with serving(RequestFacts(address="192.0.2.7", door=CONSOLE)):
        audit.record("account.reactivate", by=owner, node=None, target=owner)
    _sql("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        _sql(statement)


def test_purge_a_workspace_and_keep_its_record(tree, owner):
    nodes.delete(tree.shop, by=owner)

    with time_machine.travel(timezone.now() + TRASH):
        nodes.purge_expired()

    assert not Workspace.objects.filter(pk=tree.shop.pk).exists()
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["workspace.delete", "workspace.purge"]
    assert not PurgeReceipt.objects.exists()
