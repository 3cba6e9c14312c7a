"""Reading what happened, finding it, and taking it away as a file."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from django.db import connection

from config.web.request_context import ADMIN, CONSOLE, RequestFacts, serving
from hierarchy import audit
from hierarchy.activity.views import audit_events
from hierarchy.console.navigation import node_url
from hierarchy.exports import BYTE_ORDER_MARK, FORMATS, harmless
from hierarchy.models import AuditEvent
from hierarchy.roles import Role
from hierarchy.setting_definitions import Group
from tests.factories import MembershipFactory, OrganizationFactory, WorkspaceFactory
from tests.support.acting import invitations, memberships, nodes, settings, transfers


def _events(response):
    return [row["event"].target_label for row in response.context["rows"]]


def _index(node, query=""):
    return f"{node_url(node, 'audit-event-index')}?{query}"


def _note(node, by, label, action="workspace.edit", **fields):
    return audit.record(action, by=by, node=node, target_label=label, **fields)


@pytest.fixture
def noted(tree, owner, manager):
    """One event on each of four nodes, by two people."""
    _note(tree.acme, owner, "on acme")
    _note(tree.shop, owner, "on shop", action="workspace.suspend")
    _note(tree.development, manager, "on web")
    _note(tree.press, manager, "on press")


def _file(response):
    return b"".join(response.streaming_content).decode()


# --- The page ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("acme", ["on press", "on web", "on shop", "on acme"]),
        ("shop", ["on web", "on shop"]),
        ("development", ["on web"]),
        ("production", []),
    ],
)
def test_show_what_happened_on_the_node_and_beneath(sign_in, owner, tree, noted, name, shown):
    response = sign_in(owner).get(_index(getattr(tree, name)))

    assert response.status_code == 200
    assert _events(response) == shown


def test_show_who_did_what_and_what_it_was_before(sign_in, owner, tree):
    membership = MembershipFactory(node=tree.shop, role=Role.VIEWER)
    memberships.change_role(membership, Role.MANAGER, by=owner)
    settings.change(tree.shop, Group.LOCALIZATION, {"time_zone": "Europe/Rome"}, by=owner)

    response = sign_in(owner).get(_index(tree.shop))

    changes = [row["changes"] for row in response.context["rows"]]
    (zone,), (role,) = changes
    assert (zone.label, zone.before) == ("Time zone", "inherited")
    assert (role.label, role.before, role.after) == ("Role", "Viewer", "Manager")
    assert "owner@example.com" in response.content.decode()
    assert "changed localization settings" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=manager@", ["on press", "on web"]),
        ("action=workspace.suspend", ["on shop"]),
        ("action=nonsense", ["on press", "on web", "on shop", "on acme"]),
        ("q=owner@&action=workspace.edit", ["on acme"]),
        ("since=2020-01-01&until=2020-01-02", []),
        ("since=2020-01-01", ["on press", "on web", "on shop", "on acme"]),
        ("since=yesterday", ["on press", "on web", "on shop", "on acme"]),
        ("until=9999-12-31", ["on press", "on web", "on shop", "on acme"]),
        ("since=0001-01-01", ["on press", "on web", "on shop", "on acme"]),
    ],
)
def test_find_by_the_address(sign_in, owner, tree, noted, query, shown):
    assert _events(sign_in(owner).get(_index(tree.acme, query))) == shown


def test_find_by_what_is_beneath(sign_in, owner, tree, noted):
    client = sign_in(owner)
    elsewhere = WorkspaceFactory()

    shown = _events(client.get(_index(tree.acme, f"beneath={tree.shop.pk}")))
    foreign = client.get(_index(tree.acme, f"beneath={elsewhere.pk}"))

    assert shown == ["on web", "on shop"]
    assert elsewhere.name not in foreign.content.decode()
    assert len(_events(foreign)) == 4


def test_offer_what_is_beneath_only_while_it_is_a_choice(sign_in, owner, tree, monkeypatch):
    client = sign_in(owner)

    assert "beneath" in client.get(_index(tree.acme)).context["filters"].fields

    monkeypatch.setattr(audit_events, "MOST_CHILDREN", 1)

    assert "beneath" not in client.get(_index(tree.acme)).context["filters"].fields


def test_take_days_as_those_of_the_viewer(sign_in, owner, tree):
    owner.time_zone = "Pacific/Auckland"
    owner.save()
    _note_at(datetime(2026, 5, 1, 11, tzinfo=UTC), tree.acme, "late on the 1st there")
    _note_at(datetime(2026, 5, 1, 13, tzinfo=UTC), tree.acme, "early on the 2nd there")

    response = sign_in(owner).get(_index(tree.acme, "since=2026-05-02&until=2026-05-02"))

    assert _events(response) == ["early on the 2nd there"]
    assert "2 May 2026, 01:00" in response.content.decode()


def _note_at(instant, organization, label):
    AuditEvent.objects.create(
        organization_id=organization.pk,
        action="organization.edit",
        created_at=instant,
        target_name=label,
    )


def test_continue_by_key_with_the_part_alone(sign_in, owner, tree):
    for number in range(60):
        _note(tree.acme, owner, f"event {number}")
    client = sign_in(owner)

    first = client.get(_index(tree.acme))
    second = client.get(first.context["page"].next_url, headers={"HX-Request": "true"})

    assert (len(_events(first)), _events(second)[-1]) == (50, "event 0")
    assert 'id="event-rows"' in second.content.decode()
    assert "<html" not in second.content.decode()


def test_show_labels_as_text(sign_in, owner, tree):
    _note(tree.acme, owner, "<script>alert(1)</script>")

    assert "<script>alert" not in sign_in(owner).get(_index(tree.acme)).content.decode()


def test_cost_the_same_for_one_and_for_many(sign_in, owner, tree, django_assert_max_num_queries):
    _note(tree.acme, owner, "first")
    client = sign_in(owner)
    client.get(_index(tree.acme))
    with django_assert_max_num_queries(60) as one:
        client.get(_index(tree.acme))
    for _number in range(30):
        _note(tree.acme, MembershipFactory(node=tree.acme).user, "more")

    with django_assert_max_num_queries(len(one)):
        client.get(_index(tree.acme))


@pytest.mark.parametrize("name", ["audit-event-index", "audit-event-export"])
def test_refuse_who_may_not_read_the_log(sign_in, maintainer, guest, tree, name):
    form = {"form": "csv"} if name.endswith("export") else {}

    seen = sign_in(maintainer).get(node_url(tree.acme, name, **form))
    hidden = sign_in(guest).get(node_url(tree.acme, name, **form))

    assert (seen.status_code, hidden.status_code) == (403, 404)
    assert "view_audit_log" in seen.content.decode()


# --- Who acted, as their organization is told it --------------------------------------------------


def _from(door, address, **facts):
    """Be a request from `address`, through a door."""
    return serving(
        RequestFacts(address=address, user_agent=f"Browser of {address}", door=door, **facts)
    )


def _pages(client, node):
    """Return everything that shows the activity of a node: page, both files, overview."""
    texts = [client.get(_index(node)).content.decode(), client.get(node_url(node)).content.decode()]
    return texts + [_file(_export(client, node, form)) for form in FORMATS]


def test_tell_from_where_a_member_acted(sign_in, owner, manager, tree):
    with _from(CONSOLE, "192.0.2.7"):
        nodes.edit(tree.shop, by=manager, name="Renamed")

    page, _overview, *files = _pages(sign_in(owner), tree.acme)

    assert "192.0.2.7" in page
    assert all("192.0.2.7" in text and "Browser of 192.0.2.7" in text for text in files)


def test_tell_of_staff_that_it_was_staff_and_why(sign_in, owner, staff, tree):
    staff.first_name = "Sigrid"
    staff.last_name = "Stab"
    staff.save()
    with _from(ADMIN, "192.0.2.8", reason="Asked for by phone"):
        nodes.suspend(tree.shop, by=staff)

    texts = _pages(sign_in(owner), tree.acme)

    for text in texts:
        assert "Platform staff" in text
        assert [word for word in ("Sigrid", staff.email, "192.0.2.8") if word in text] == []
    assert all("Asked for by phone" in text for text in texts[:1] + texts[2:])
    line = json.loads(texts[-1].splitlines()[-1])
    assert (line["acted_as"], line["actor_id"]) == ("staff", None)


def test_ask_for_no_staff_by_name(sign_in, owner, staff, tree):
    with _from(ADMIN, "192.0.2.8"):
        nodes.suspend(tree.shop, by=staff)
    client = sign_in(owner)

    assert _events(client.get(_index(tree.acme, "q=staff@"))) == []
    assert _events(client.get(_index(tree.acme, "q=platform staff"))) == ["Shop"]


def test_tell_of_no_member_from_where_they_declined(sign_in, owner, outsider, tree):
    invitation = invitations.send(tree.shop, "outsider@example.com", Role.VIEWER, by=owner)
    with _from(CONSOLE, "192.0.2.9"):
        invitations.decline(invitation, by=outsider)

    texts = _pages(sign_in(owner), tree.acme)

    assert all("declined the invitation" in text for text in texts[:2])
    assert not any("192.0.2.9" in text for text in texts)


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_tell_of_no_member_from_where_they_answered_a_transfer(sign_in, owner, tree, verb):
    other = OrganizationFactory()
    receiver = MembershipFactory(node=other, role=Role.OWNER).user
    offer = transfers.offer(tree.press, other, by=owner)
    with _from(CONSOLE, "192.0.2.10"):
        if verb == "accept":
            transfers.accept(offer, by=receiver, keep=())
        else:
            transfers.decline(offer, by=receiver)

    texts = _pages(sign_in(owner), tree.acme)
    theirs = _pages(sign_in(receiver), other)

    assert receiver.email in texts[0]
    assert not any("192.0.2.10" in text for text in texts)
    assert ("192.0.2.10" in theirs[0]) is (verb == "accept")


def test_tell_of_who_comes_and_goes_as_of_a_member(sign_in, owner, outsider, tree):
    invitation = invitations.send(tree.shop, "outsider@example.com", Role.VIEWER, by=owner)
    with _from(CONSOLE, "192.0.2.11"):
        membership = invitations.accept(invitation, by=outsider)
    with _from(CONSOLE, "192.0.2.12"):
        memberships.leave(membership, by=outsider)

    page = sign_in(owner).get(_index(tree.acme)).content.decode()

    assert "192.0.2.11" in page
    assert "192.0.2.12" in page


# --- The files -----------------------------------------------------------------------------------


def _export(client, node, form, query=""):
    return client.get(f"{node_url(node, 'audit-event-export', form=form)}?{query}")


def test_export_csv_as_a_strict_reader_wants_it(sign_in, owner, tree):
    _note(tree.acme, owner, 'He said: "a, b"\nand left', changes={"name": ["A", "B"]})

    response = _export(sign_in(owner), tree.acme, "csv")
    text = _file(response)

    written = io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")
    (row,) = csv.DictReader(written, strict=True)
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert response["Content-Disposition"] == 'attachment; filename="activity-acme.csv"'
    assert row["target"] == 'He said: "a, b"\nand left'
    assert json.loads(row["changes"]) == {"name": ["A", "B"]}
    assert text.splitlines(keepends=True)[0].endswith("\r\n")


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_export_csv_without_formulas(sign_in, owner, tree, start):
    """That it is so of every start there is, is for the tests of `exports`."""
    _note(tree.acme, owner, start)

    text = _file(_export(sign_in(owner), tree.acme, "csv"))

    (row,) = csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""))
    assert row["target"] == harmless(start) != start


def test_export_json_lines(sign_in, owner, tree, noted):
    response = _export(sign_in(owner), tree.shop, "jsonl")

    lines = [json.loads(line) for line in _file(response).splitlines()]
    assert [line["target"] for line in lines] == ["on web", "on shop"]
    assert lines[0]["actor"] == "Manager <manager@example.com>"
    assert datetime.fromisoformat(lines[0]["at"]).utcoffset().total_seconds() == 0


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_export_what_the_filters_leave(sign_in, owner, tree, noted, form):
    text = _file(_export(sign_in(owner), tree.acme, form, "action=workspace.suspend"))

    assert "on shop" in text
    assert "on press" not in text


def test_export_knows_no_other_form(sign_in, owner, tree):
    assert _export(sign_in(owner), tree.acme, "xlsx").status_code == 404


def test_an_action_of_a_newer_release_is_shown_by_its_name(sign_in, owner, tree):
    newer = {"action": "signal.boost", "target_name": "Acme", "number": 99}
    AuditEvent.objects.create(organization_id=tree.acme.pk, node_label="Acme", **newer)

    response = sign_in(owner).get("/o/acme/activity/")

    assert "signal.boost: Acme" in response.content.decode()


def test_search_for_a_person_among_the_newest_and_say_so(sign_in, owner, tree, noted, monkeypatch):
    monkeypatch.setattr(audit_events, "MOST_SEARCHED", 2)
    client = sign_in(owner)

    found = client.get(_index(tree.acme, "q=manager"))
    older = client.get(_index(tree.acme, "q=owner"))
    all_of_shop = client.get(_index(tree.shop, "q=owner"))

    assert _events(found) == ["on press", "on web"]
    assert _events(older) == []
    assert "Only the newest 2 changes were searched" in older.content.decode()
    assert _events(all_of_shop) == ["on shop"]
    assert "were searched" not in all_of_shop.content.decode()
    assert "were searched" not in client.get(_index(tree.acme)).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", FORMATS)
def test_export_keeps_little_in_memory_whatever_its_length(sign_in, owner, tree, form):
    _note(tree.acme, owner, "first")
    names = [field.column for field in AuditEvent._meta.fields]
    copied = {"id": "nextval(pg_get_serial_sequence('hierarchy_auditevent', 'id'))"}
    copied |= {"number": "place", "public_id": "gen_random_uuid()"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO hierarchy_auditevent ({', '.join(names)})"
            f" SELECT {', '.join(copied.get(name, name) for name in names)}"
            " FROM hierarchy_auditevent, generate_series(2, 3500) AS place WHERE number = 1"
        )
        cursor.execute("UPDATE hierarchy_organization SET events = 3500")
    response = sign_in(owner).get(node_url(tree.acme, "audit-event-export", form=form))
    lines = iter(response.streaming_content)
    next(lines)

    tracemalloc.start()
    rest = sum(1 for _ in lines)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rest >= 3_499
    assert most < 6_000_000  # all of them take 10 million
