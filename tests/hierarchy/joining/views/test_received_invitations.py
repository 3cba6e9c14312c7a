"""Behind the link: reading an offer, accepting it, declining it, and nothing for strangers."""

import pytest
from django.urls import reverse

from hierarchy import grants
from hierarchy.console.navigation import node_url
from hierarchy.models import Invitation, Membership
from hierarchy.roles import Role
from tests.factories import InvitationFactory, MembershipFactory, UserFactory
from tests.support.acting import invitations
from tests.support.refusals import snapshot

HERE = "/invitation/"


pytestmark = pytest.mark.usefixtures("forget_limits")


@pytest.fixture
def invitation(tree, owner):
    return InvitationFactory(
        node=tree.shop,
        email="new@example.com",
        role=Role.MAINTAINER,
        invited_by=owner,
        message="Come & help",
        token="secret-token",
    )


@pytest.fixture
def invited(invitation):
    return UserFactory(email=invitation.email)


def _open(client, token="secret-token"):
    return client.get(reverse("console:invitation-open", args=[token]))


def _accept(client):
    return client.post(reverse("console:invitation-accept"))


# --- Opening -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["get", "head"])
def test_open_changes_nothing_and_moves_the_token_out_of_the_address(client, invitation, verb):
    before = snapshot()

    response = getattr(client, verb)("/invitations/secret-token/")

    assert (response.status_code, response["Location"]) == (302, HERE)
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"
    assert "secret-token" not in str(dict(client.session))
    assert snapshot() == before


def test_open_takes_no_post(client, invitation):
    assert client.post("/invitations/secret-token/").status_code == 405


def test_open_answers_unknown_tokens_like_any_absent_page(client, db):
    unknown = _open(client, "wrong")
    absent = client.get("/nowhere/")

    assert (unknown.status_code, absent.status_code) == (404, 404)
    assert unknown.content.decode().replace(unknown["X-Request-ID"], "") == (
        absent.content.decode().replace(absent["X-Request-ID"], "")
    )


def test_open_limits_guessing_not_reading(client, invitation):
    answers = [_open(client, f"wrong-{number}").status_code for number in range(21)]

    assert answers == [404] * 20 + [429]
    assert _open(client).status_code == 302


@pytest.mark.parametrize("token", ["SECRET-TOKEN", "secret-toke", "secret-token%00", "%F0%9F", "'"])
def test_open_takes_the_token_as_it_is(client, invitation, token):
    assert client.get(f"/invitations/{token}/").status_code in (400, 404)


# --- Reading -------------------------------------------------------------------------------------


def test_detail_tells_a_visitor_who_invites_to_what(client, invitation):
    _open(client)

    response = client.get(HERE)

    page = response.content.decode()
    for words in ("Shop", "Acme", "Maintainer", "owner@example.com", "Come &amp; help", "new@"):
        assert words in page
    assert "secret-token" not in page
    assert response["Cache-Control"] == "private, no-store"
    assert reverse("console:invitation-accept") not in page


def test_detail_lets_a_visitor_sign_up_with_the_proved_address(client, invitation):
    _open(client)

    client.get(HERE)

    assert client.session["invited_email"] == "new@example.com"
    assert client.session["account_verified_email"] == "new@example.com"
    assert client.session["after_sign_in"] == HERE


def test_detail_proves_no_address_by_a_copied_link(client, owner, invitation):
    link = invitations.copy_link(invitation, by=owner)
    _open(client, link.split("/")[-2])

    client.get(HERE)

    assert client.session["invited_email"] == "new@example.com"
    assert "account_verified_email" not in client.session


def test_detail_takes_the_proof_back_when_revoked(client, owner, invitation):
    _open(client)
    client.get(HERE)
    invitations.revoke(invitation, by=owner)

    page = client.get(HERE)

    assert "no longer open" in page.content.decode()
    assert "account_verified_email" not in client.session


def test_detail_knows_only_an_opened_link(client, invitation):
    assert client.get(HERE).status_code == 404


def test_detail_forgets_a_link_that_was_replaced(client, owner, invitation):
    _open(client)
    invitations.resend(invitation, by=owner)

    assert client.get(HERE).status_code == 404


def test_detail_tells_somebody_else_to_switch(sign_in, outsider, invitation):
    client = sign_in(outsider)
    _open(client)

    page = client.get(HERE).content.decode()

    assert "sent to another address" in page
    assert reverse("console:invitation-switch") in page
    assert reverse("console:invitation-accept") not in page


@pytest.mark.parametrize("end", ["revoked", "expired", "deleted", "accepted", "declined"])
def test_detail_tells_strangers_nothing_of_what_is_over(client, owner, invitation, end):
    _open(client)
    _end(invitation, end)

    page = client.get(HERE).content.decode()

    assert "no longer open" in page
    for words in ("Shop", "Acme", "owner@", "new@"):
        assert words not in page


def _end(invitation, end):
    changes = {"state": end, "decided_at": "2026-01-01T00:00Z"}
    if end == "expired":
        changes = {"expires_at": "2026-01-01T00:00Z"}
    if end == "deleted":
        type(invitation.node).objects.update(deleted_at="2026-01-01T00:00Z")
        return
    Invitation.objects.filter(pk=invitation.pk).update(**changes)


# --- Accepting -----------------------------------------------------------------------------------


def test_accept_makes_a_member_with_exactly_the_role(sign_in, invited, tree):
    client = sign_in(invited)
    _open(client)
    page = client.get(HERE).content.decode()

    response = _accept(client)

    membership = Membership.objects.get(user=invited)
    assert reverse("console:invitation-accept") in page
    assert response["Location"] == node_url(tree.shop)
    assert (membership.node, membership.role) == (tree.shop, Role.MAINTAINER)
    assert client.get(node_url(tree.press, "membership-index")).status_code == 404


def test_accept_refuses_another_role_than_was_read(sign_in, invited, invitation):
    client = sign_in(invited)
    _open(client)
    read = str(client.get(HERE).context["invitation"].shown_offer)
    Invitation.objects.filter(pk=invitation.pk).update(role=Role.VIEWER)

    url = reverse("console:invitation-accept")
    late = client.post(url, {"version": read})

    assert late.status_code == 409
    assert list(late.context["stale"].versions.values()) == [("Role", "Maintainer", "Viewer")]
    assert not Membership.objects.filter(user=invited).exists()


def test_accept_only_by_post(sign_in, invited):
    client = sign_in(invited)
    _open(client)

    assert client.get(reverse("console:invitation-accept")).status_code == 405
    assert not Membership.objects.filter(user=invited).exists()


def test_accept_once(sign_in, invited):
    client = sign_in(invited)
    _open(client)
    _accept(client)

    _open(client)
    page = client.get(HERE)
    again = _accept(client)

    assert "You've already accepted it" in page.content.decode()
    assert (again.status_code, again["Location"]) == (302, HERE)
    assert Membership.objects.filter(user=invited).count() == 1


def test_accept_needs_the_link_in_the_session(sign_in, invited):
    assert _accept(sign_in(invited)).status_code == 404
    assert not Membership.objects.filter(user=invited).exists()


def test_accept_refuses_another_address(sign_in, outsider, invitation):
    client = sign_in(outsider)
    _open(client)
    before = snapshot()

    response = client.post(reverse("console:invitation-accept"), follow=True)

    assert "Sign in with that address" in response.content.decode()
    assert snapshot() == before


def test_accept_refuses_an_address_that_is_not_verified(sign_in, invited):
    invited.emailaddress_set.update(verified=False)
    client = sign_in(invited)
    _open(client)
    before = snapshot()

    _accept(client)

    assert snapshot() == before


def test_accept_asks_a_visitor_to_sign_in(client, invitation):
    _open(client)
    before = snapshot()

    response = _accept(client)

    assert response["Location"] == HERE
    assert snapshot() == before


def test_accept_refuses_when_the_inviter_holds_less_by_now(sign_in, invited, owner):
    client = sign_in(invited)
    _open(client)
    Membership.objects.filter(user=owner).delete()
    grants.resync()
    before = snapshot()

    response = client.post(reverse("console:invitation-accept"), follow=True)

    assert "can no longer offer this" in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("end", ["revoked", "expired", "deleted", "declined"])
def test_accept_changes_nothing_of_what_is_over(sign_in, invited, invitation, end):
    client = sign_in(invited)
    _open(client)
    _end(invitation, end)
    before = snapshot()

    response = _accept(client)

    assert response["Location"] == HERE
    assert snapshot() == before


def test_accept_refuses_where_all_is_suspended(sign_in, invited, tree):
    type(tree.acme).objects.update(suspended_at="2026-01-01T00:00Z")
    client = sign_in(invited)
    _open(client)
    before = snapshot()

    response = client.post(reverse("console:invitation-accept"), follow=True)

    assert "Acme is suspended" in response.content.decode()
    assert snapshot() == before


def test_accept_refuses_a_suspended_member(sign_in, invited, tree):
    MembershipFactory(node=tree.acme, user=invited, status="suspended")
    client = sign_in(invited)
    _open(client)
    before = snapshot()

    _accept(client)

    assert snapshot() == before


# --- Declining, switching ------------------------------------------------------------------------


def test_decline(sign_in, invited, invitation):
    client = sign_in(invited)
    _open(client)

    response = client.post(reverse("console:invitation-decline"))

    invitation.refresh_from_db()
    assert response["Location"] == reverse("console:home")
    assert invitation.state == "declined"
    assert client.get(HERE).status_code == 404


def test_decline_refuses_another_address(sign_in, outsider, invitation):
    client = sign_in(outsider)
    _open(client)
    before = snapshot()

    client.post(reverse("console:invitation-decline"))

    assert snapshot() == before


def test_switch_account_signs_out_and_comes_back(sign_in, outsider, invitation):
    client = sign_in(outsider)
    _open(client)

    response = client.post(reverse("console:invitation-switch"))
    page = client.get(HERE)

    assert response["Location"] == HERE
    assert "_auth_user_id" not in client.session
    assert client.session["invited_email"] == "new@example.com"
    assert "Sign in to an existing account" in page.content.decode()


def test_switch_account_needs_a_link_in_the_session(sign_in, outsider):
    client = sign_in(outsider)

    assert client.post(reverse("console:invitation-switch")).status_code == 404
    assert "_auth_user_id" in client.session
