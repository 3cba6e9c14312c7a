"""What a migration does to mails that wait."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from hierarchy.models import (Invitation, OutgoingMail)
from tests.factories import InvitationFactory

LINK = "https://canopy.example.com/invitations/secret-token/"


@pytest.fixture
def former(db):
    """The models as they were while mails said in clear what they say."""
    loader = MigrationLoader(connection)
    return loader.project_state([("hierarchy", "0030_seal_mails")]).apps


def _stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT context::text, about, sealed FROM hierarchy_outgoingmail ORDER BY id")
        return cursor.fetchall()


@pytest.mark.parametrize("batch", [500, 1])
def test_seal_mails_that_wait_and_unseal_them_again(former, monkeypatch, batch):
    migration = import_module("hierarchy.migrations.0030_seal_mails")
    monkeypatch.setattr(migration, "BATCH", batch)
    mails = former.get_model("hierarchy", "OutgoingMail").objects
    invited = mails.create(message_id="1", context={"link": LINK})
    mails.create(message_id="2", context={"node": "Acme", "about": "accessrequest 7"})
    mails.create(message_id="3", state="sent", sent_at="2026-01-01T00:00Z")
    invitation = InvitationFactory(mail=OutgoingMail.objects.get(pk=invited.pk))
    before = _stored()

    for _run in range(2):  # again changes nothing more
        migration.seal_all(former, None)

    assert [(context, about) for context, about, _sealed in _stored()] == [
        ("{}", f"invitation {invitation.pk}"),
        ("{}", "accessrequest 7"),
        ("{}", ""),
    ]
    assert "secret-token" not in str(_stored())
    contexts = [mail.context for mail in OutgoingMail.objects.order_by("id")]
    assert contexts == [{"link": LINK}, {"node": "Acme"}, {}]

    Invitation.objects.update(mail=None)
    migration.unseal_all(former, None)

    before[0] = (f'{{"link": "{LINK}", "about": "invitation {invitation.pk}"}}', "", "")
    assert _stored() == before
