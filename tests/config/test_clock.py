"""What is dated ahead of our clock: within five minutes as ever, beyond refused."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.views import ConfirmEmailView
from allauth.core import context
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import Http404
from django.test import RequestFactory
from django.urls import ResolverMatch
from django.utils import timezone

from accounts.adapter import AccountAdapter
from accounts.reset_tokens import ResetTokens, link_for
from config.clock import MOST_APART, is_ahead
from config.web.session_life import LAST_SEEN_AT
from hierarchy.console.navigation import node_url
from hierarchy.models import Invitation
from hierarchy.refusals import Refused
from hierarchy.roles import Role
from tests.factories import PASSWORD, MembershipFactory, UserFactory
from tests.support.acting import invitations
from tests.support.proofs import give_factor, note_proof

PROFILE = "/accounts/profile/"
FACTOR = "/accounts/2fa/authenticate/"
CODE = "/accounts/confirm-email/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

# How far another clock is ahead, and whether what it dates is good here.
DISTANCES = [
    (timedelta(0), True),
    (MOST_APART - timedelta(seconds=20), True),
    (MOST_APART + timedelta(seconds=20), False),
    (timedelta(hours=1), False),
    (timedelta(days=3650), False),
]


def _give_password(client, user):
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


# --- Each begins something by the other clock, and returns how to ask here whether it goes on -----


def sign_in(client, tree):
    client.force_login(UserFactory())
    return lambda: client.get(PROFILE).status_code == 200


def half_a_sign_in(client, tree):
    user = UserFactory()
    TOTP.activate(user, SECRET)
    _give_password(client, user)
    return lambda: client.get(FACTOR).status_code == 200


def code_that_was_mailed(client, tree):
    person = {"first_name": "New", "email": "new@example.com", "password1": PASSWORD}
    client.post("/accounts/signup/", person)
    return lambda: client.get(CODE).status_code == 200


def link_for_a_new_password(client, tree):
    link = link_for(UserFactory()).removeprefix(settings.BASE_URL)
    return lambda: client.get(link, follow=True).context.get("token_fail") is None


def link_of_an_invitation(client, tree):
    invitation, owner = _invited(tree)
    client.force_login(UserFactory(email=invitation.email))
    page = _link(invitation, owner)
    return lambda: "Accept" in client.get(page, follow=True).content.decode()


def invitation(client, tree):
    invitation, _owner = _invited(tree)
    user = UserFactory(email=invitation.email)

    def is_accepted():
        try:
            return invitations.accept(invitation, by=user) is not None
        except Refused as refused:
            return refused.code != "expired"

    return is_accepted


def invitation_on_a_list(client, tree):
    invitation, _owner = _invited(tree)
    return lambda: invitation in Invitation.objects.pending()


def link_that_confirms_an_address(client, tree):
    """Return how the link of allauth is taken, whose page is there where no codes are mailed."""
    address = EmailAddress.objects.create(user=UserFactory(), email="other@example.com")
    key = EmailConfirmationHMAC.create(address).key

    def is_confirmed():
        request = RequestFactory().post(f"/accounts/confirm-email/{key}/")
        request.session = client.session
        request.user = address.user
        request._messages = CookieStorage(request)
        request.resolver_match = ResolverMatch(
            ConfirmEmailView.as_view(), (), {"key": key}, "account_confirm_email"
        )
        try:
            with context.request_context(request):
                return AccountAdapter(request).confirm_email(request, address)
        except Http404:
            return False

    return is_confirmed


CASES = [
    link_that_confirms_an_address,
    sign_in,
    half_a_sign_in,
    code_that_was_mailed,
    link_for_a_new_password,
    link_of_an_invitation,
    invitation,
    invitation_on_a_list,
]


def _invited(tree):
    owner = MembershipFactory(node=tree.acme, role=Role.OWNER).user
    return invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner), owner


def _link(invitation, owner):
    return invitations.copy_link(invitation, by=owner).removeprefix(settings.BASE_URL)


@pytest.mark.parametrize(("ahead", "is_good"), DISTANCES, ids=lambda value: str(value))
@pytest.mark.parametrize("begin", CASES, ids=lambda case: case.__name__)
def test_refuse_what_no_clock_of_ours_can_have_dated(client, tree, begin, ahead, is_good):
    now = timezone.now()
    with time_machine.travel(now + ahead):
        goes_on = begin(client, tree)

    with time_machine.travel(now):
        assert goes_on() is is_good


# --- What is noted while a session that is well dated goes on -------------------------------------


@pytest.mark.parametrize(("ahead", "is_good"), DISTANCES, ids=lambda value: str(value))
def test_refuse_a_session_that_was_seen_in_the_future(client, db, ahead, is_good):
    client.force_login(UserFactory())
    session = client.session
    session[LAST_SEEN_AT] += ahead.total_seconds()
    session.save()

    assert (client.get(PROFILE).status_code == 200) is is_good


@pytest.mark.parametrize(("ahead", "is_good"), DISTANCES, ids=lambda value: str(value))
@pytest.mark.parametrize("method", ["password", "mfa"])
def test_refuse_a_proof_of_the_future(client, staff, method, ahead, is_good):
    client.force_login(staff)
    give_factor(staff)
    note_proof(client, staff)
    note_proof(client, staff, method, seconds_ago=-ahead.total_seconds(), reauthenticated=True)

    assert (client.get("/admin/accounts/user/").status_code == 200) is is_good


@pytest.mark.parametrize(("ahead", "is_good"), DISTANCES, ids=lambda value: str(value))
def test_end_a_view_as_that_began_in_the_future(client, tree, owner, ahead, is_good):
    client.force_login(owner)
    client.post(node_url(tree.acme, "view-as"), {"role": "viewer"})
    session = client.session
    session["view_as"]["until"] += int(ahead.total_seconds())
    session.save()

    page = client.get(node_url(tree.acme)).content.decode()

    assert ("with the role Viewer" in page) is is_good


def test_refuse_a_reset_token_that_was_tampered_with(db):
    user = UserFactory()
    tokens = ResetTokens()
    stamp, _dash, rest = tokens.make_token(user).partition("-")

    assert not any(tokens.check_token(user, token) for token in [f"0-{rest}", stamp, "", None])


def test_send_an_invitation_of_the_future_again(client, tree):
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=1)):
        invitation, owner = _invited(tree)

    with pytest.raises(Refused, match="Send it again instead"):
        invitations.extend(invitation, by=owner, days=9)
    sent = invitations.resend(invitation, by=owner)

    assert sent.is_pending
    assert sent.created_at <= timezone.now()


def test_invite_whoever_has_an_invitation_of_the_future(client, tree):
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        early, owner = _invited(tree)

    invitations.send(tree.shop, early.email, Role.VIEWER, by=owner)

    assert Invitation.objects.pending().filter(email=early.email).count() == 1


def test_measure_instants_and_seconds_alike():
    now = timezone.now()
    for distance, is_good in DISTANCES:
        instant = now + distance
        assert [is_ahead(instant), is_ahead(instant.timestamp())] == [not is_good] * 2
