"""What can be known of events from before: as what somebody acted."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from config.web.request_context import (ADMIN, RequestFacts, serving)
from hierarchy import audit
from hierarchy.models import AuditEvent

MIGRATION = import_module("hierarchy.migrations.0025_tell_members_from_others_in_older_events")


def _as_before():
    """Let events say nothing of it, as those from before the column."""
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.TRIGGER % "DISABLE")
        cursor.execute("UPDATE hierarchy_auditevent SET acted_as = ''")
        cursor.execute(MIGRATION.TRIGGER % "ENABLE")


def _number_from_one():
    """Let there be no more batches than there are events, whatever other tests have numbered."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE hierarchy_auditevent_id_seq RESTART")


@pytest.mark.parametrize("batch", [10_000, 1])
def test_say_of_older_events_as_what_somebody_acted(
    tree, owner, outsider, staff, monkeypatch, batch
):
    monkeypatch.setattr(MIGRATION, "BATCH", batch)
    _number_from_one()
    audit.record("workspace.purge", by=None, node=tree.shop)
    audit.record("workspace.edit", by=owner, node=tree.shop)
    audit.record("invitation.decline", by=outsider, node=tree.shop)
    audit.record("account.close", by=outsider, node=None)
    audit.record("workspace.edit", by=staff, node=tree.shop)  # by a command
    with serving(RequestFacts(door=ADMIN)):
        audit.record("workspace.edit", by=staff, node=tree.shop)
    events = AuditEvent.objects.order_by("id")
    written = list(events.values_list("acted_as", flat=True))
    _as_before()

    for _run in range(2):  # again changes nothing more
        with connection.schema_editor(atomic=False) as editor:
            MIGRATION.fill(apps, editor)

    assert list(events.values_list("acted_as", flat=True)) == written
    assert written == ["system", "member", "outsider", "outsider", "staff", "staff"]
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        events.update(acted_as="")
