"""Invitations in the admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hierarchy.models import AuditEvent, Invitation, MailState, State
from tests.factories import InvitationFactory
from tests.support.admin_forms import errors, filled, list_url, messages, url

ADD = "/admin/hierarchy/invitation/add/"


@pytest.fixture
def invitation(tree):
    return InvitationFactory(node=tree.shop, email="new@example.com")


def _data(browser, **changes):
    return filled(browser, ADD) | changes


def test_send_one(admin, staff, tree):
    data = _data(admin, email="New@Example.com", workspace=tree.shop.pk, message="Welcome", days=3)

    response = admin.post(ADD, data)

    assert response.status_code == 302
    sent = Invitation.objects.get()
    assert (sent.email, sent.role, sent.workspace) == ("new@example.com", "viewer", tree.shop)
    assert (sent.invited_by, sent.mail.state) == (staff, MailState.QUEUED)
    assert AuditEvent.objects.get().action == "invitation.send"


def test_send_shows_the_address_before_it_is_used(admin, tree):
    data = _data(admin, email="anna@straße.de", workspace=tree.shop.pk)

    asked = admin.post(ADD, data)
    shown = asked.context["adminform"].form["email"].value()
    before = Invitation.objects.count()
    admin.post(ADD, data | {"email": shown})

    assert errors(asked) == [
        "We'll use anna@xn--strae-oqa.de (straße.de). If that's right, submit the form again."
    ]
    assert (before, Invitation.objects.get().email) == (0, "anna@xn--strae-oqa.de")
    found = admin.get(list_url(Invitation), {"q": "Anna@Straße.de"}).context["cl"]
    assert list(found.result_list) == [Invitation.objects.get()]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "new@example.com"}, "new@example.com has already been invited."),
        ({"email": "first@example.com"}, "first@example.com is already a member of"),
        ({"email": "x@example.com", "days": 31}, "An invitation can be valid for 1 to 30 days."),
        ({"email": "x@example.com", "role": "custom"}, "Select a valid choice."),
    ],
)
def test_tell_why_not(admin, tree, changes, sentence):
    node = tree.acme
    InvitationFactory(node=node, email="new@example.com")

    response = admin.post(ADD, _data(admin, organization=node.pk, **changes))

    (said,) = errors(response)
    assert said.startswith(sentence)
    assert Invitation.objects.count() == 1


def test_limited_staff_invite_where_they_may(enter_admin, limited, tree):
    browser = enter_admin(limited)

    there = browser.post(ADD, _data(browser, email="a@example.com", workspace=tree.shop.pk))
    elsewhere = browser.post(ADD, _data(browser, email="b@example.com", workspace=tree.press.pk))

    assert there.status_code == 302
    assert len(errors(elsewhere)) > 0
    assert Invitation.objects.get().email == "a@example.com"


def test_resend_and_revoke(admin, invitation):
    first = invitation.token_hash

    admin.post(url(invitation, "resend"))
    invitation.refresh_from_db()
    assert invitation.token_hash != first
    response = admin.post(url(invitation, "revoke"), follow=True)

    invitation.refresh_from_db()
    assert invitation.state == State.REVOKED
    assert messages(response)[-1].startswith("Revoked: new@example.com")
    assert [event.action for event in AuditEvent.objects.order_by("id")] == [
        "invitation.resend",
        "invitation.revoke",
    ]


def test_change_nothing_by_hand(admin, invitation):
    assert admin.post(url(invitation), {"role": "owner"}).status_code == 403


def test_show_no_token(admin, invitation):
    for page in (url(invitation), list_url(Invitation)):
        content = admin.get(page).content.decode()
        assert invitation.token_hash not in content
        assert "token-" not in content


def test_search_by_the_address(admin, invitation):
    rows = admin.get(list_url(Invitation), {"q": "NEW@example.com "}).context["cl"].result_list

    assert list(rows) == [invitation]


def test_filter_by_the_state_that_the_rows_show(admin, invitation):
    now = timezone.now()
    late, early = InvitationFactory.create_batch(2, node=invitation.node)
    Invitation.objects.filter(pk=late.pk).update(expires_at=now - timedelta(minutes=1))
    ahead = {"created_at": now + timedelta(hours=1), "expires_at": now + timedelta(days=9)}
    Invitation.objects.filter(pk=early.pk).update(**ahead)
    revoked = InvitationFactory(node=invitation.node, state=State.REVOKED, decided_at=now)

    def shown(state):
        page = admin.get(list_url(Invitation), {"state__exact": state})
        return set(page.context["cl"].result_list)

    assert shown("pending") == {invitation}
    assert shown("expired") == {late, early}
    assert shown("revoked") == {revoked}
