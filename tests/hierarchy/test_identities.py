"""Who the record names, beside the events: found once, brought up to date, erased for good."""

import json
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.former_addresses import remember
from config.web.request_context import CONSOLE, RequestFacts, serving
from hierarchy import audit, identities, review_files
from hierarchy.console.navigation import node_url
from hierarchy.exports import FORMATS
from hierarchy.identities import Person, Phrase
from hierarchy.models import AccessReview, AuditEvent, Identity, Invitation, Whereabouts
from hierarchy.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.support.acting import (
    access_reviews,
    accounts,
    invitations,
    memberships,
    nodes,
    ownership,
)
from tests.support.refusals import refused


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


FACTS = RequestFacts(address="192.0.2.7", user_agent="Firefox", door=CONSOLE)


def _texts(client, node):
    """Return all that shows the activity of a node: page, files, overview."""
    pages = [client.get(node_url(node, "audit-event-index")), client.get(node_url(node))]
    files = [client.get(node_url(node, "audit-event-export", form=form)) for form in FORMATS]
    return [page.content.decode() for page in pages] + [
        b"".join(file.streaming_content).decode() for file in files
    ]


def _stored():
    """Return every row of the events and of what stands beside them, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in ("auditevent", "identity", "whereabouts", "accessreviewrow"):
            cursor.execute(f"SELECT row_to_json(t)::text FROM hierarchy_{table} AS t")
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


# --- Written -------------------------------------------------------------------------------------


def test_keep_names_and_addresses_out_of_the_events(tree, owner):
    member = MembershipFactory(node=tree.shop, role=Role.VIEWER)
    with serving(FACTS):
        invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)
        ownership.name_successor(tree.acme, None, by=owner)
        memberships.remove(member, by=owner)

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row_to_json(e)::text, ' ') FROM hierarchy_auditevent e")
        (text,) = cursor.fetchone()

    for word in ("@", owner.first_name, "192.0.2.7", "Firefox"):
        assert word not in text


def test_name_somebody_once_in_an_organization(tree, owner):
    elsewhere = MembershipFactory(user=owner, node=OrganizationFactory(), role=Role.OWNER).node
    for name in ("One", "Two"):
        with serving(FACTS):
            nodes.edit(tree.shop, by=owner, name=name)
    nodes.edit(elsewhere, by=owner, name="Other")

    rows = Identity.objects.filter(person_id=owner.pk).order_by("pk")

    assert [row.organization_id for row in rows] == [tree.acme.pk, elsewhere.pk]
    assert Whereabouts.objects.get().identity == rows[0]


def test_bring_a_name_up_to_date_everywhere(sign_in, tree, owner, manager):
    nodes.edit(tree.shop, by=manager, name="One")
    manager.first_name = "Renamed"
    manager.save()
    nodes.edit(tree.shop, by=manager, name="Two")

    texts = _texts(sign_in(owner), tree.shop)

    assert all("Renamed" in text for text in texts)
    assert not any("Manager &lt;" in text or "Manager <" in text for text in texts)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("a@example.com", ("a@example.com", "")),
        ("Ada L. <a@example.com>", ("a@example.com", "Ada L.")),
        ("<a@example.com>", None),
        ("a@example.com, Shop", None),
        ("Shop", None),
        ("@", None),
        ("", None),
    ],
)
def test_read_a_label(text, person):
    found = identities.read(text)

    assert (found and (found.email, found.name)) == person


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "write to a@example.com, or b@example.com.",
        "Ada <a@example.com>",
        ["a@example.com", 7, None, True],
        {"holders": [[Phrase((Person("a@example.com", "Ada", 5), ", Shop"))], []]},
        {"domains": [["@example.com"], []]},
        "https://a@b.example/",
    ],
)
def test_tell_what_was_referred_to_as_it_was_said(db, value):
    known = identities.find(None, identities.mentioned(value), RequestFacts())

    stored = json.loads(json.dumps(identities.refer(value, known)))

    assert not ("a@example.com" in str(stored) and known)
    assert identities.labels_in([stored])(stored) == json.loads(json.dumps(_joined(value)))


def _joined(value):
    if isinstance(value, Phrase):
        return "".join(value)
    if isinstance(value, dict):
        return {name: _joined(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_joined(each) for each in value]
    return value


@pytest.mark.parametrize("sign", ["@", ".", "a", "a@", "a.", "<a@b.c>", "@."])
def test_take_little_time_for_any_text(sign):
    started = time.perf_counter()

    list(identities.mentioned(sign * 5_000))

    assert time.perf_counter() - started < 1


def test_cost_one_query_more_for_people_who_are_known(tree, owner):
    member = UserFactory()

    def queries():
        with (
            serving(FACTS),
            CaptureQueriesContext(
                connection,
            ) as captured,
        ):
            audit.record(
                "membership.change_role",
                by=owner,
                node=tree.shop,
                target_label=audit.label_of(member),
                changes={"people": [[owner.email, "new@example.com"], []]},
            )
        return len(captured)

    queries()

    assert queries() == 3  # the number, the people, the event


@pytest.mark.django_db(transaction=True)
def test_make_an_identity_once_however_many_want_it(tree, owner):
    barrier = threading.Barrier(4)

    def act():
        barrier.wait()
        audit.record("account.deactivate", by=owner, node=None, target=owner)
        connection.close()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Identity.objects.get(organization_id=None).person_id == owner.pk
    assert AuditEvent.objects.count() == 4


# --- Erased --------------------------------------------------------------------------------------


@pytest.fixture
def history(tree, owner, name_server):
    """Somebody who was invited, came, acted, was reviewed, and answered; returns them."""
    person = UserFactory(email="vera@example.com", first_name="Vera", last_name="Verne")
    with serving(FACTS):
        invitation = invitations.send(tree.acme, person.email, Role.MANAGER, by=owner)
        invitations.accept(invitation, by=person)
        nodes.edit(tree.shop, by=person, name="Renamed")
        member = MembershipFactory(node=tree.press, invited_by=person)
        memberships.change_role(member, Role.MAINTAINER, by=person)
        ownership.name_successor(tree.acme, person, by=owner)
        review = _reviewed(tree.acme, person, owner)
        invitations.send(tree.shop, "vera@example.com.example", Role.VIEWER, by=person)
    return person, review


def _reviewed(organization, person, owner):
    review = access_reviews.start(organization, due_at=_tomorrow(), by=owner)
    others = [row for row in review.rows.all() if row.user_id not in (person.pk, owner.pk)]
    row = next(row for row in others if row.role != "owner")
    access_reviews.keep(review, [row], by=person, note="seen")
    return access_reviews.finish(review, by=owner)


def _tomorrow():
    return timezone.now() + timedelta(days=1)


TRACES = ('vera@example.com"', "Vera", "Verne", "192.0.2.7 V")


@pytest.mark.parametrize("way", ["close", "erase"])
def test_leave_a_former_member_everywhere(sign_in, tree, owner, staff, history, way):
    person, _review = history
    numbers = list(AuditEvent.objects.order_by("id").values_list("id", "number", "changes"))

    accounts.close(person) if way == "close" else accounts.erase(person, by=staff)

    assert [trace for trace in TRACES if trace in _stored()] == []
    texts = _texts(sign_in(owner), tree.acme)
    for text in texts:
        assert "ormer member" in text
        assert [word for word in ("Vera", 'vera@example.com"', "Verne") if word in text] == []
    events = AuditEvent.objects.order_by("id")
    assert list(events.values_list("id", "number", "changes"))[: len(numbers)] == numbers
    of_acme = events.filter(organization_id=tree.acme.pk).values_list("number", flat=True)
    assert list(of_acme) == list(range(1, len(of_acme) + 1))
    assert not Whereabouts.objects.filter(identity__person_id=person.pk).exclude(address=None)


def test_find_nobody_by_a_name_that_is_erased(sign_in, tree, owner, history):
    person, _review = history
    client = sign_in(owner)
    address = node_url(tree.acme, "audit-event-index")
    before = client.get(f"{address}?q=vera").context["rows"]

    accounts.close(person)

    assert len(before) > 0
    assert client.get(f"{address}?q=vera").context["rows"] == []


def test_note_of_an_export_no_name_that_was_searched_for(sign_in, tree, owner):
    url = node_url(tree.acme, "audit-event-export", form="csv")

    sign_in(owner).get(f"{url}?q=Somebody")

    assert AuditEvent.objects.get().changes["q"] == [None, "…"]


def test_note_that_the_evidence_is_another(tree, owner, history):
    person, review = history
    before = review.csv_sha256

    accounts.close(person)

    review.refresh_from_db()
    event = AuditEvent.objects.get(action="access_review.redact")
    assert event.changes["csv_sha256"] == [before, review.csv_sha256]
    assert before != review.csv_sha256
    assert review_files.checksum(review, "csv") == review.csv_sha256
    assert "Vera" not in "".join(review_files.lines(AccessReview.objects.get(), "csv"))


def test_leave_no_name_in_a_review_of_an_organization_without_events_of_theirs(tree, owner):
    person = UserFactory(email="vera@example.com", first_name="Vera", last_name="Verne")
    MembershipFactory(node=tree.press, invited_by=person)
    review = access_reviews.start(tree.press, due_at=_tomorrow(), by=owner)

    accounts.close(person)

    assert [row.source for row in review.rows.all()] == ["a former member"]


def test_erase_addresses_from_before(tree, owner, outsider):
    invitations.send(tree.shop, "outsider@example.com", Role.VIEWER, by=owner)
    nodes.edit(
        MembershipFactory(user=outsider, node=tree.acme, role=Role.OWNER).node,
        by=outsider,
        name="Acme 2",
    )
    remember(outsider, outsider.emailaddress_set.get())
    outsider.emailaddress_set.update(email="changed@example.com")
    outsider.email = "changed@example.com"
    outsider.save()

    accounts.close(outsider)

    assert "outsider@example.com" not in _stored()


def test_erase_nothing_of_an_address_that_was_never_confirmed(tree, owner):
    invitations.send(tree.shop, "victim@example.com", Role.VIEWER, by=owner)
    liar = UserFactory(email="victim@example.com")
    liar.emailaddress_set.update(verified=False)

    accounts.close(liar)

    assert Identity.objects.filter(email="victim@example.com").exists()


def test_erase_an_address_without_an_account(sign_in, tree, owner, staff):
    invitations.send(tree.shop, "stranger@example.com", Role.VIEWER, by=owner)

    accounts.erase_address(Identity.objects.get(email="stranger@example.com"), by=staff)

    assert "stranger@example.com" not in _stored()
    assert not Invitation.objects.exists()
    assert AuditEvent.objects.latest("id").action == "identity.erase"
    assert all("invited a former member" in text for text in _texts(sign_in(owner), tree.shop)[:2])


def test_erase_refuses_what_is_somebody_elses_to_do(tree, owner, staff, outsider):
    theirs = Identity.objects.create(email=outsider.email)
    with refused("not_allowed"):
        accounts.erase(outsider, by=owner)
    with refused("not_allowed"):
        accounts.erase_address(theirs, by=owner)
    with refused("own"):
        accounts.erase(staff, by=staff)
    with refused("has_account"):
        accounts.erase_address(theirs, by=staff)
    accounts.close(outsider)
    with refused("closed"):
        accounts.erase(outsider, by=staff)
    with refused("gone"):
        accounts.erase_address(theirs, by=staff)


def test_erase_refuses_an_only_owner(tree, staff):
    organization = OrganizationFactory()
    founder = MembershipFactory(node=organization, role=Role.OWNER).user

    with refused("last_owner"):
        accounts.erase(founder, by=staff)


def test_stay_erased_whatever_happens_later(tree, owner, history):
    person, _review = history
    accounts.close(person)
    person.refresh_from_db()

    event = audit.record("membership.remove", by=owner, node=tree.acme, target=person)

    assert event.target_label == "a former member"
    assert Identity.objects.get(organization_id=tree.acme.pk, person_id=person.pk).email == ""
