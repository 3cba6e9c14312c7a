"""Attempts that were refused, in the record of the node that they were made on."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from config.web.request_context import CONSOLE
from hierarchy import audit, refused_attempts
from hierarchy.console.navigation import node_url
from hierarchy.models import AuditEvent, Membership
from hierarchy.roles import Permission
from tests.factories import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.usefixtures("forget_limits")


def _refused():
    """Return (who, where, what) of the events of refusals, the oldest first."""
    events = AuditEvent.objects.filter(action=audit.REFUSED).order_by("id")
    return [(e.actor_id, e.node_label, e.target_label) for e in events]


def test_note_who_tried_what_and_where(sign_in, viewer, tree):
    response = sign_in(viewer).post(node_url(tree.shop, "delete"))

    assert response.status_code == 403
    assert _refused() == [(viewer.pk, "Acme / Shop", "delete_workspace")]
    event = AuditEvent.objects.get()
    assert (event.door, event.acted_as, event.workspace_id) == (CONSOLE, "member", tree.shop.pk)


def test_note_what_an_action_refuses_after_it_is_undone(sign_in, owner, maintainer, tree):
    """The page is allowed, and what one asks of it is not."""
    membership = Membership.objects.get(user=owner)
    url = node_url(tree.acme, "membership-suspend", pk=membership.pk)

    sign_in(maintainer).post(url)

    membership.refresh_from_db()
    assert membership.is_active
    assert [what for _who, _where, what in _refused()] == ["change_organization_member"]


def test_note_it_once_an_hour_for_each_permission_and_node(sign_in, viewer, tree):
    client = sign_in(viewer)

    for _time in range(3):
        client.post(node_url(tree.shop, "delete"))
        client.post(node_url(tree.shop, "edit"), {"name": "Other"})
        client.post(node_url(tree.press, "delete"))

    assert _refused() == [
        (viewer.pk, "Acme / Shop", "delete_workspace"),
        (viewer.pk, "Acme / Shop", "change_workspace"),
        (viewer.pk, "Acme / Press", "delete_workspace"),
    ]


def test_note_no_more_of_one_person_than_a_reader_could_read(tree, viewer, monkeypatch):
    monkeypatch.setattr(refused_attempts, "MOST_REFUSALS", 5)

    for permission in list(Permission)[:8]:
        refused_attempts.note_refusal(tree.acme, permission.value, by=viewer)
    refused_attempts.note_refusal(OrganizationFactory(), "view_organization", by=viewer)
    refused_attempts.note_refusal(tree.acme, "view_organization", by=MembershipFactory().user)

    assert len(_refused()) == 7


def test_note_no_more_after_a_pause_shorter_than_an_hour(tree, viewer, monkeypatch):
    monkeypatch.setattr(refused_attempts, "MOST_REFUSALS", 2)
    first, second, third, *_more = Permission

    refused_attempts.note_refusal(tree.acme, first.value, by=viewer)
    refused_attempts.note_refusal(tree.acme, second.value, by=viewer)
    with time_machine.travel(timezone.now() + timedelta(minutes=50)):
        refused_attempts.note_refusal(tree.acme, third.value, by=viewer)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        refused_attempts.note_refusal(tree.acme, third.value, by=viewer)

    assert [what for _who, _where, what in _refused()] == [first, second]


@pytest.mark.parametrize("verb", ["get", "head"])
def test_note_nothing_of_who_only_looks(sign_in, viewer, tree, verb):
    response = getattr(sign_in(viewer), verb)(node_url(tree.shop, "delete"))

    assert response.status_code == 403
    assert _refused() == []


@pytest.mark.parametrize("person", ["outsider", "guest"])
def test_note_nothing_where_one_sees_nothing(sign_in, person, tree, request):
    response = sign_in(request.getfixturevalue(person)).post(node_url(tree.press, "delete"))

    assert response.status_code == 404
    assert _refused() == []


def test_note_nothing_of_who_views_as_a_role(sign_in, owner, tree):
    client = sign_in(owner)
    client.post(node_url(tree.acme, "view-as"), {"role": "viewer"})

    response = client.post(node_url(tree.shop, "delete"))

    assert response.status_code == 403
    assert _refused() == []


def test_tell_it_in_words_where_one_looks_for_it(sign_in, owner, viewer, tree):
    refused_attempts.note_refusal(tree.shop, "change_workspace_settings", by=viewer)
    refused_attempts.note_refusal(tree.shop, Permission.DELETE_WORKSPACE.value, by=viewer)
    client = sign_in(owner)

    overview = client.get(node_url(tree.shop))
    page = client.get(f"{node_url(tree.shop, 'audit-event-index')}?action={audit.REFUSED}")

    assert overview.context["events"] == []
    assert [row["sentence"] for row in page.context["rows"]] == [
        "was refused: suspend and delete the workspace",
        "was refused: change_workspace_settings",
    ]


# --- Files that are taken away -------------------------------------------------------------------


def test_note_who_takes_the_activity_away(sign_in, owner, tree):
    audit.record("workspace.edit", by=owner, node=tree.shop)
    audit.record("workspace.suspend", by=owner, node=tree.shop)
    url = node_url(tree.acme, "audit-event-export", form="csv")

    response = sign_in(owner).get(
        f"{url}?action=workspace.edit&since=2020-01-01&until=never&q=owner@"
    )
    rows = b"".join(response.streaming_content).decode().splitlines()

    event = AuditEvent.objects.get(action="activity.export")
    assert audit.describe(event) == "exported the activity of Acme"
    assert event.changes == {
        "rows": [None, len(rows) - 1],
        "file": [None, "CSV"],
        "action": [None, "workspace.edit"],
        "since": [None, "2020-01-01"],
        "q": [None, "…"],  # whoever it is: that may have to be forgotten
    }


def test_note_it_though_nothing_of_the_file_is_read(sign_in, owner, tree):
    sign_in(owner).get(node_url(tree.acme, "audit-event-export", form="jsonl"))

    assert AuditEvent.objects.get().action == "activity.export"


def test_note_nothing_of_who_only_asks_whether_there_is_a_file(sign_in, owner, tree):
    sign_in(owner).head(node_url(tree.acme, "audit-event-export", form="csv"))

    assert not AuditEvent.objects.exists()
