import json

from django.db import migrations, transaction
from django.utils import timezone

from accounts.models import NOWHERE
from hierarchy.identities import (Person, labels_in, mentioned, read, refer)

BATCH = 1_000  # events at once
TRIGGER = "ALTER TABLE hierarchy_auditevent %s TRIGGER hierarchy_auditevent_append_only"
MOVE = """
    UPDATE hierarchy_auditevent SET actor_identity_id = %s, target_identity_id = %s,
    whereabouts_id = %s, target_label = %s, changes = %s, actor_label = '', address = NULL,
    user_agent = '' WHERE id = %s
"""
PUT_BACK = """
    UPDATE hierarchy_auditevent SET actor_label = %s, target_label = %s, address = %s,
    user_agent = %s, changes = %s, actor_identity_id = NULL, target_identity_id = NULL,
    whereabouts_id = NULL WHERE id = %s
"""


class People:
    """Who the labels of a batch are: by the account that has the address now, or had it."""

    def __init__(self, apps, events, closed):
        self.closed = closed
        self.identity = apps.get_model("hierarchy", "Identity")
        user = apps.get_model("accounts", "User")
        labels = [event.actor_label for event in events]
        labels += [event.target_name for event in events]
        found = {p.email for label in labels if (p := read(label))}
        found |= {p.email for event in events for p in mentioned(event.changes)}
        rows = user.objects.filter(email__in=found)
        self.by_email = {row.email: row for row in rows}
        ids = {event.actor_id for event in events}
        ids |= {event.target_id for event in events if event.target_type == "user"}
        self.by_id = user.objects.in_bulk(ids - {None})

    def account(self, pk, label):
        """Return the person of an account, who is nobody if it was closed."""
        account = self.by_id.get(pk)
        if account is not None and account.email.endswith(f"@{NOWHERE}"):
            return Person(account.email, "", account.pk)
        named = read(label) or Person("", label)
        return Person(named.email, named.name[:121], pk)

    def target(self, event):
        if event.target_type == "user":
            return self.account(event.target_id, event.target_name)
        named = read(event.target_name)
        return self.known(named) if named else None

    def known(self, person):
        """Return the same person as the account that they have now, or had, if they had one."""
        account = self.by_email.get(person.email)
        if account is None and person.email in self.closed:
            return Person(f"@{NOWHERE}", "", self.closed[person.email])
        if account is None:
            return person
        name = f"{account.first_name} {account.last_name}".strip()
        return Person(account.email, name, account.pk)

    def identity_of(self, organization_id, person):
        own = {"organization_id": organization_id}
        own |= {"person_id": person.id} if person.id else {"person_id": None, "email": person.email}
        if person.id is None:
            own["erased_at"] = None
        erased = {"erased_at": timezone.now(), "name": "", "email": ""}
        named = erased if person.is_closed else {"name": person.name, "email": person.email}
        row, _is_new = self.identity.objects.get_or_create(**own, defaults=named)
        return row


def move(apps, schema_editor):
    """Put references in the place of names: each batch is done or not, and none is done twice."""
    event = apps.get_model("hierarchy", "AuditEvent")
    whereabouts = apps.get_model("hierarchy", "Whereabouts")
    closed = _closed(event, apps.get_model("accounts", "User"))
    with schema_editor.connection.cursor() as cursor:
        while True:
            with transaction.atomic():  # nobody sees the events without their trigger
                cursor.execute(TRIGGER % "DISABLE")
                events = list(event.objects.exclude(actor_label="").order_by("id")[:BATCH])
                people = People(apps, events, closed)
                for row in events:
                    cursor.execute(MOVE, _moved(row, people, whereabouts))
                cursor.execute(TRIGGER % "ENABLE")
            if not events:
                return


def _closed(event, user):
    """Return {address: id} of accounts that were closed, as their own events name them."""
    ids = user.objects.filter(email__endswith=f"@{NOWHERE}").values("pk")
    acted = event.objects.filter(actor_id__in=ids).exclude(actor_label="").order_by()
    labels = acted.values_list("actor_label", "actor_id").distinct()
    return {named.email: pk for label, pk in labels if (named := read(label))}


def _moved(event, people, whereabouts):
    place = event.organization_id
    acting = people.account(event.actor_id, event.actor_label)
    actor = people.identity_of(place, acting) if event.actor_id else None
    here = None
    if actor and (event.address or event.user_agent) and actor.erased_at is None:
        own = {"address": event.address, "user_agent": event.user_agent}
        here, _is_new = whereabouts.objects.get_or_create(identity=actor, **own)
    named = people.target(event)
    target = people.identity_of(place, named) if named else None
    known = {p.key: people.identity_of(place, people.known(p)) for p in mentioned(event.changes)}
    return [
        actor and actor.pk,
        target and target.pk,
        here and here.pk,
        "" if target else event.target_name,
        json.dumps(refer(event.changes, known)),
        event.pk,
    ]


def put_back(apps, schema_editor):
    """Write the names into the events again, those that are known still."""
    event = apps.get_model("hierarchy", "AuditEvent")
    with schema_editor.connection.cursor() as cursor:
        while True:
            with transaction.atomic():
                cursor.execute(TRIGGER % "DISABLE")
                rows = event.objects.filter(actor_label="").order_by("id")
                rows = rows.select_related("actor_identity", "target_identity", "whereabouts")
                events = list(rows[:BATCH])
                in_words = labels_in(row.changes for row in events)
                for row in events:
                    cursor.execute(PUT_BACK, _put_back(row, in_words))
                cursor.execute(TRIGGER % "ENABLE")
            if not events:
                break
    apps.get_model("hierarchy", "Whereabouts").objects.all().delete()
    apps.get_model("hierarchy", "Identity").objects.all().delete()


def _put_back(event, in_words):
    actor, target, here = event.actor_identity, event.target_identity, event.whereabouts
    return [
        _label(actor) if actor else "Canopy",
        _label(target) if target else event.target_name,
        here and here.address,
        here.user_agent if here else "",
        json.dumps(in_words(event.changes)),
        event.pk,
    ]


def _label(identity):
    if identity.erased_at is not None:
        return "a former member"
    return str(Person(identity.email, identity.name)) or "a former member"


class Migration(migrations.Migration):
    """Names and addresses go from the events to the identities.

    People who have closed their account are erased with that. Backwards, those stay former members.
    """

    atomic = False  # each batch is committed by itself, and it can begin again

    dependencies = [("hierarchy", "0036_identities")]

    operations = [migrations.RunPython(move, put_back, elidable=True)]
