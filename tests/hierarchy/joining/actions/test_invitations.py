from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from hierarchy import access
from hierarchy.models import (
    AuditEvent,
    Invitation,
    MailState,
    Membership,
    OutgoingMail,
    State,
    Status,
    WayIn,
)
from hierarchy.roles import Level, Permission, Role
from tests.factories import (
    CustomRoleFactory,
    InvitationFactory,
    MembershipFactory,
    UserFactory,
)
from tests.support.acting import invitations, memberships
from tests.support.refusals import refused


@pytest.fixture
def invited(db):
    return UserFactory(email="invited@example.com")


@pytest.fixture
def invitation(tree, owner, invited):
    return invitations.send(tree.shop, invited.email, Role.MAINTAINER, by=owner)


def _token_in_mail(invitation):
    return OutgoingMail.objects.get(pk=invitation.mail_id).context["link"].split("/")[-2]


def test_send_queues_a_mail_with_the_link(tree, owner, recorded):
    sent = invitations.send(tree.shop, "New@Example.com", Role.VIEWER, by=owner, message=" Hi ")

    assert (sent.email, sent.message, sent.state) == ("new@example.com", "Hi", State.PENDING)
    assert invitations.find(_token_in_mail(sent)) == sent
    assert (sent.mail.recipient, sent.mail.state) == ("new@example.com", MailState.QUEUED)
    assert recorded() == ["invitation.send"]


def test_send_stores_no_token(tree, owner):
    sent = invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)
    token = _token_in_mail(sent)

    assert len(token) >= 43  # 256 bits in base64
    assert token not in str(Invitation.objects.values().get())


@pytest.mark.parametrize(
    ("actor", "role"),
    [
        ("owner", Role.OWNER),
        ("manager", Role.MANAGER),
        ("manager", Role.VIEWER),
        ("staff", Role.OWNER),
    ],
)
def test_send_offers_what_one_holds(tree, actor, role, request):
    sent = invitations.send(tree.acme, "new@example.com", role, by=request.getfixturevalue(actor))

    assert sent.role == role


def test_send_refuses_more_than_one_holds(tree, manager):
    with refused("more_than_you_hold", "role"):
        invitations.send(tree.acme, "new@example.com", Role.OWNER, by=manager)


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_send_is_not_allowed_without_the_permission(tree, actor, request):
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=by)


@pytest.mark.parametrize(
    "email", ["", "new", "new@", "@example.com", "new@[127.0.0.1]", "a@b\nc.de"]
)
def test_send_refuses_what_is_no_address(tree, owner, email):
    with refused("invalid", "email"):
        invitations.send(tree.acme, email, Role.VIEWER, by=owner)


@pytest.mark.parametrize(("days_of_access", "good_for"), [(2, 2), (30, 7)])
def test_an_offer_of_access_that_ends_is_never_good_for_longer(
    tree, owner, invited, days_of_access, good_for
):
    now = timezone.now()
    ends_at = now + timedelta(days=days_of_access)

    with time_machine.travel(now, tick=False):
        sent = invitations.send(tree.shop, invited.email, Role.VIEWER, by=owner, ends_at=ends_at)
        resent = invitations.resend(sent, by=owner)
    membership = invitations.accept(resent, by=invited)

    assert sent.expires_at == resent.expires_at == now + timedelta(days=good_for)
    assert membership.ends_at == ends_at
    sending, _resending, accepting = AuditEvent.objects.order_by("id")
    assert sending.changes["access_ends_at"] == [None, str(ends_at)]
    assert accepting.changes["ends_at"] == [None, str(ends_at)]


def test_send_refuses_an_end_that_is_past_or_far(tree, owner):
    for days, code in ((-1, "past"), (99_999, "far")):
        with refused(code, "ends_at"):
            invitations.send(
                tree.shop,
                "new@example.com",
                Role.VIEWER,
                by=owner,
                ends_at=timezone.now() + timedelta(days=days),
            )


@pytest.mark.parametrize("renew", [invitations.resend, invitations.copy_link, invitations.extend])
def test_what_offers_access_that_has_ended_can_not_be_renewed(tree, owner, invited, renew):
    ends_at = timezone.now() + timedelta(days=2)
    sent = invitations.send(tree.shop, invited.email, Role.VIEWER, by=owner, ends_at=ends_at)

    with time_machine.travel(ends_at), refused("over"):
        renew(sent, by=owner)
    with time_machine.travel(ends_at), refused("expired"):
        invitations.accept(sent, by=invited)


def test_extend_no_further_than_the_access_lasts(tree, owner):
    ends_at = timezone.now() + timedelta(days=9)
    sent = invitations.send(tree.shop, "x@example.com", Role.VIEWER, by=owner, ends_at=ends_at)

    assert invitations.extend(sent, by=owner, days=30).expires_at == ends_at


def test_nobody_invites_themselves(tree, manager):
    """Or whose access is limited could give themselves what outlives that."""
    with refused("own", "email"):
        invitations.send(tree.shop, manager.email.upper(), Role.VIEWER, by=manager)


def test_nobody_accepts_what_they_have_offered(tree, manager):
    """The address may have become theirs meanwhile."""
    sent = invitations.send(tree.shop, "second@example.com", Role.VIEWER, by=manager)
    EmailAddress.objects.create(user=manager, email="second@example.com", verified=True)

    with refused("own"):
        invitations.accept(sent, by=manager)


@pytest.mark.parametrize("renew", [invitations.resend, invitations.copy_link])
def test_a_new_link_is_good_for_no_less_long(tree, owner, manager, renew):
    sent = invitations.send(tree.shop, "x@example.com", Role.VIEWER, by=owner, days=30)
    short = invitations.send(tree.shop, "y@example.com", Role.VIEWER, by=owner, days=1)

    renew(sent, by=manager)
    same = AuditEvent.objects.latest("id").changes
    renew(short, by=manager)
    longer = AuditEvent.objects.latest("id").changes

    assert Invitation.objects.get(pk=sent.pk).expires_at == sent.expires_at
    after = Invitation.objects.get(pk=short.pk).expires_at
    assert after > timezone.now() + timedelta(days=6)
    assert (same, longer) == ({}, {"expires_at": [str(short.expires_at), str(after)]})


def test_send_refuses_a_member(tree, owner, viewer):
    with refused("already_member", "email"):
        invitations.send(tree.acme, viewer.email.upper(), Role.OWNER, by=owner)


def test_send_says_what_to_do_about_whom_nothing_is_granted_now(tree, owner, viewer, resting):
    with refused(resting, "email"):
        invitations.send(tree.acme, viewer.email, Role.OWNER, by=owner)


def test_send_refuses_a_second_pending_one(tree, owner, invitation):
    with refused("already_invited", "email"):
        invitations.send(tree.shop, "INVITED@example.com", Role.VIEWER, by=owner)


def test_send_replaces_an_expired_one(tree, owner, invitation):
    with time_machine.travel(invitation.expires_at):
        again = invitations.send(tree.shop, invitation.email, Role.VIEWER, by=owner)

    invitation.refresh_from_db()
    assert (invitation.state, again.state) == (State.EXPIRED, State.PENDING)


def test_send_refuses_who_is_suspended_above(tree, owner):
    asleep = MembershipFactory(node=tree.acme, status=Status.SUSPENDED)

    with refused("suspended_member", "email"):
        invitations.send(tree.shop, asleep.user.email, Role.VIEWER, by=owner)


@pytest.mark.parametrize("days", [0, 31, -1])
def test_send_refuses_a_term_out_of_range(tree, owner, days):
    with refused("invalid", "days"):
        invitations.send(tree.acme, "new@example.com", Role.VIEWER, by=owner, days=days)


def test_send_refuses_a_long_message(tree, owner):
    with refused("invalid", "message"):
        invitations.send(tree.acme, "new@example.com", Role.VIEWER, by=owner, message="x" * 501)


def test_accept_makes_a_member_at_once(tree, owner, invited, invitation, recorded):
    membership = invitations.accept(invitation, by=invited)

    assert (membership.node, membership.role) == (tree.shop, Role.MAINTAINER)
    assert (membership.way_in, membership.invited_by) == (WayIn.INVITATION, owner)
    assert access.can(invited, Permission.VIEW_APPLICATION, tree.production)
    assert not access.can(invited, Permission.VIEW_WORKSPACE, tree.press)
    assert recorded() == ["invitation.send", "invitation.accept"]


def test_accept_withholds_the_mail(invited, invitation):
    invitations.accept(invitation, by=invited)

    invitation.mail.refresh_from_db()
    assert (invitation.mail.state, invitation.mail.context) == (MailState.WITHHELD, {})


def test_accept_is_once(tree, owner, invited, invitation):
    membership = invitations.accept(invitation, by=invited)
    memberships.remove(membership, by=owner)

    with refused("decided"):
        invitations.accept(invitation, by=invited)


@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False), (1, False)])
def test_accept_until_it_expires(invited, invitation, seconds, is_open):
    with time_machine.travel(invitation.expires_at + timedelta(seconds=seconds), tick=False):
        if is_open:
            assert invitations.accept(invitation, by=invited).user == invited
        else:
            with refused("expired"):
                invitations.accept(invitation, by=invited)


def test_accept_refuses_another_address(outsider, invitation):
    with refused("other_address"):
        invitations.accept(invitation, by=outsider)


def test_accept_refuses_an_unverified_address(outsider, tree, owner):
    EmailAddress.objects.create(user=outsider, email="second@example.com", verified=False)
    sent = invitations.send(tree.shop, "second@example.com", Role.VIEWER, by=owner)

    with refused("other_address"):
        invitations.accept(sent, by=outsider)


def test_accept_refuses_an_inactive_account(invited, invitation):
    type(invited).objects.filter(pk=invited.pk).update(is_active=False)

    with refused("inactive", "user"):
        invitations.accept(invitation, by=invited)


def test_accept_refuses_who_is_a_member_already(tree, invited, invitation):
    MembershipFactory(user=invited, node=tree.shop)

    with refused("already_member"):
        invitations.accept(invitation, by=invited)


def test_accept_refuses_who_is_suspended_above(tree, invited, invitation):
    MembershipFactory(user=invited, node=tree.acme, status=Status.SUSPENDED)

    with refused("suspended_member"):
        invitations.accept(invitation, by=invited)


def _demote(inviter, owner, tree):
    membership = Membership.objects.at(tree.acme).get(user=inviter)
    memberships.change_role(membership, Role.VIEWER, by=owner)


def _suspend(inviter, owner, tree):
    memberships.suspend(Membership.objects.at(tree.acme).get(user=inviter), by=owner)


def _deactivate(inviter, owner, tree):
    type(inviter).objects.filter(pk=inviter.pk).update(is_active=False)


@pytest.mark.parametrize("lose", [_demote, _suspend, _deactivate])
def test_accept_refuses_what_the_inviter_could_not_offer_now(tree, owner, manager, invited, lose):
    sent = invitations.send(tree.shop, invited.email, Role.MANAGER, by=manager)
    lose(manager, owner, tree)

    with refused("no_longer_offered"):
        invitations.accept(sent, by=invited)


def test_accept_refuses_the_offer_of_who_was_removed(tree, owner, manager, invited):
    sent = invitations.send(tree.shop, invited.email, Role.VIEWER, by=manager)
    memberships.remove(Membership.objects.at(tree.acme).get(user=manager), by=owner)

    with refused("decided"):
        invitations.accept(sent, by=invited)


@pytest.mark.parametrize(("field", "code"), [("deleted_at", "gone"), ("suspended_at", "suspended")])
@pytest.mark.parametrize("node", ["shop", "acme"])
def test_accept_refuses_a_node_out_of_service(tree, invited, invitation, node, field, code):
    node = getattr(tree, node)
    type(node).objects.filter(pk=node.pk).update(**{field: timezone.now()})

    with refused(code):
        invitations.accept(invitation, by=invited)


def test_decline_ends_it(invited, invitation, recorded):
    invitations.decline(invitation, by=invited)

    invitation.refresh_from_db()
    assert invitation.state == State.DECLINED
    assert recorded() == ["invitation.send", "invitation.decline"]
    with refused("decided"):
        invitations.accept(invitation, by=invited)


def test_decline_refuses_another_address(outsider, invitation):
    with refused("other_address"):
        invitations.decline(invitation, by=outsider)


def test_decline_refuses_an_expired_one(invited, invitation):
    with time_machine.travel(invitation.expires_at), refused("expired"):
        invitations.decline(invitation, by=invited)


def test_revoke_kills_link_and_mail(owner, invited, invitation, recorded):
    invitations.revoke(invitation, by=owner)

    invitation.mail.refresh_from_db()
    assert (invitation.mail.state, invitation.mail.context) == (MailState.WITHHELD, {})
    assert recorded() == ["invitation.send", "invitation.revoke"]
    with refused("decided"):
        invitations.accept(invitation, by=invited)


def test_revoke_twice_is_refused(owner, invitation):
    invitations.revoke(invitation, by=owner)

    with refused("decided"):
        invitations.revoke(invitation, by=owner)


@pytest.mark.parametrize("change", [invitations.revoke, invitations.resend, invitations.copy_link])
def test_change_refuses_who_could_not_have_sent_it(tree, owner, manager, viewer, change):
    sent = invitations.send(tree.acme, "new@example.com", Role.OWNER, by=owner)

    with refused("more_than_you_hold", "role"):
        change(sent, by=manager)
    with refused("not_allowed"):
        change(sent, by=viewer)


@pytest.mark.parametrize("change", [invitations.revoke, invitations.resend, invitations.copy_link])
def test_change_refuses_one_that_is_gone(owner, invitation, change):
    Invitation.objects.filter(pk=invitation.pk).delete()

    with refused("gone"):
        change(invitation, by=owner)


def test_resend_makes_a_new_link_and_a_new_term(owner, manager, invited, invitation, recorded):
    old = _token_in_mail(invitation)

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        fresh = invitations.resend(invitation, by=manager)
        assert invitations.find(old) is None
        assert invitations.find(_token_in_mail(fresh)) == fresh
        assert fresh.expires_at - timezone.now() > timedelta(days=6, hours=23)
    assert fresh.invited_by == manager
    assert recorded() == ["invitation.send", "invitation.resend"]
    invitation.mail.refresh_from_db()
    assert (invitation.mail.state, fresh.mail.state) == (MailState.WITHHELD, MailState.QUEUED)


def test_resend_kills_the_link_that_somebody_is_looking_at(owner, invited, invitation):
    seen = invitations.find(_token_in_mail(invitation))
    invitations.resend(invitation, by=owner)

    with refused("gone"):
        invitations.accept(seen, by=invited)


def test_resend_revives_an_expired_one(owner, invited, invitation):
    with time_machine.travel(invitation.expires_at + timedelta(days=1)):
        fresh = invitations.resend(invitation, by=owner)

        assert invitations.accept(fresh, by=invited).user == invited


def test_resend_refuses_beside_a_newer_one(tree, owner, invitation):
    with time_machine.travel(invitation.expires_at):
        invitations.send(tree.shop, invitation.email, Role.VIEWER, by=owner)
        with refused("duplicate"):
            invitations.resend(invitation, by=owner)


@pytest.mark.parametrize("verb", ["accept", "decline", "revoke"])
def test_resend_refuses_what_is_decided(owner, invited, invitation, verb):
    getattr(invitations, verb)(invitation, by=owner if verb == "revoke" else invited)

    with refused("decided"):
        invitations.resend(invitation, by=owner)


def test_copy_link_makes_a_new_link_that_proves_nothing(owner, invited, invitation, recorded):
    old = _token_in_mail(invitation)

    link = invitations.copy_link(invitation, by=owner)

    assert invitations.find(old) is None
    found = invitations.find(link.split("/")[-2])
    assert (found, found.proves_address) == (invitation, False)
    assert recorded() == ["invitation.send", "invitation.copy_link"]
    assert invitations.accept(found, by=invited).user == invited


def test_copy_link_withholds_the_mail_with_the_dead_link(owner, invitation):
    invitations.copy_link(invitation, by=owner)

    invitation.mail.refresh_from_db()
    assert (invitation.mail.state, invitation.mail.context) == (MailState.WITHHELD, {})


def test_copy_link_proves_the_address_where_there_is_no_mail(owner, invitation, settings):
    settings.MAIL_ENABLED = False

    link = invitations.copy_link(invitation, by=owner)

    assert invitations.find(link.split("/")[-2]).proves_address


def test_resend_after_copy_link_proves_the_address_again(owner, invitation):
    invitations.copy_link(invitation, by=owner)
    invitation.refresh_from_db()

    assert invitations.resend(invitation, by=owner).proves_address


def test_open_for_shows_what_one_can_accept(tree, owner, invited, invitation):
    InvitationFactory(node=tree.acme, email=invited.email, expires_at=timezone.now())
    InvitationFactory(
        node=tree.press, email=invited.email, state=State.REVOKED, decided_at=timezone.now()
    )
    InvitationFactory(node=tree.acme, email="other@example.com")

    assert list(invitations.open_for(invited)) == [invitation]
    tree.acme.deleted_at = timezone.now()
    tree.acme.save()
    assert list(invitations.open_for(invited)) == []


@pytest.mark.parametrize("token", ["", "x", "ü", "\x00", "\ud800", "x" * 10_000])
def test_find_nothing_for_an_odd_token(db, token):
    assert invitations.find(token) is None


@pytest.mark.parametrize("token_hash", ["", "~"])
@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_refuse_who_comes_by_another_link(invited, invitation, verb, token_hash):
    invitation.token_hash = token_hash

    with refused("gone"):
        getattr(invitations, verb)(invitation, by=invited)


@pytest.mark.parametrize("read", [Role.MAINTAINER, Role.VIEWER])
def test_accept_refuses_another_role_than_was_read(tree, owner, invited, read):
    sent = invitations.send(tree.shop, invited.email, read, by=owner)
    version = str(sent.shown_offer)
    invitations.change_role(sent, Role.MANAGER, by=owner)

    with refused("stale"):
        invitations.accept(sent, by=invited, version=version)


@pytest.mark.parametrize("read", [Role.MAINTAINER, Role.VIEWER])
def test_change_role_from_a_stale_form(tree, owner, invited, read):
    sent = invitations.send(tree.shop, invited.email, read, by=owner)
    version = str(sent.shown_role)
    invitations.change_role(sent, Role.MANAGER, by=owner)

    with refused("stale"):
        invitations.change_role(sent, Role.OWNER, by=owner, version=version)


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER])
def test_change_role_to_more_and_to_less(tree, owner, invited, role, recorded):
    sent = invitations.send(tree.shop, invited.email, Role.MANAGER, by=owner)

    assert invitations.change_role(sent, role, by=owner).role == role
    assert recorded() == ["invitation.send", "invitation.change_role"]


def test_accept_refuses_the_offer_of_who_invites_nobody_any_more(tree, owner, manager, invited):
    """They hold what they offered, but not what it takes to offer it."""
    sent = invitations.send(tree.shop, invited.email, Role.VIEWER, by=manager)
    membership = Membership.objects.at(tree.acme).get(user=manager)
    memberships.change_role(membership, Role.MAINTAINER, by=owner)

    with refused("no_longer_offered"):
        invitations.accept(sent, by=invited)


def test_accept_what_the_inviter_just_so_may_offer(tree, invited):
    needed = [*Role.VIEWER.permissions_on(Level.WORKSPACE), Permission.INVITE_WORKSPACE_MEMBER]
    role = CustomRoleFactory(organization=tree.acme, permissions=needed)
    inviter = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user
    sent = invitations.send(tree.shop, invited.email, Role.VIEWER, by=inviter)

    assert invitations.accept(sent, by=invited).role == Role.VIEWER


def test_decline_withholds_the_mail(invited, invitation):
    invitations.decline(invitation, by=invited)

    invitation.mail.refresh_from_db()
    assert (invitation.mail.state, invitation.mail.context) == (MailState.WITHHELD, {})


def test_resend_refuses_a_role_that_was_deleted_since(tree, owner, invited):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    sent = invitations.send(tree.shop, invited.email, role, by=owner)
    type(role).objects.filter(pk=role.pk).update(deleted_at=timezone.now())

    with refused("unfit_role", "role"):
        invitations.resend(sent, by=owner)


@pytest.mark.parametrize(("days", "length"), [(1, 500), (30, 500)])
def test_send_for_as_long_and_with_as_many_words_as_allowed(tree, owner, days, length):
    sent = invitations.send(
        tree.shop, "new@example.com", Role.VIEWER, by=owner, days=days, message="x" * length
    )

    assert (sent.expires_at - sent.created_at).total_seconds() == pytest.approx(days * 86_400, 1)


# --- Reminding -----------------------------------------------------------------------------------


def test_remind_tells_each_in_their_words_and_kills_the_first_mail(owner, invited, invitation):
    first = invitation.mail

    invitations.remind(invitation)

    first.refresh_from_db()
    assert (first.state, first.context) == (MailState.WITHHELD, {})
    mails = OutgoingMail.objects.filter(template=invitations.REMINDER)
    told = {mail.recipient: mail.context["is_own"] for mail in mails}
    assert told == {invited.email: True, owner.email: False}


def test_remind_proves_the_address_again(owner, invitation):
    invitations.copy_link(invitation, by=owner)

    invitations.remind(invitation)

    invitation.refresh_from_db()
    assert invitation.proves_address


def test_remind_refuses_what_is_decided_or_over(owner, invitation):
    with time_machine.travel(invitation.expires_at), refused("expired"):
        invitations.remind(invitation)
    invitations.revoke(invitation, by=owner)
    with refused("decided"):
        invitations.remind(invitation)


@pytest.mark.parametrize("lose", [_demote, _suspend, _deactivate])
def test_remind_refuses_what_cannot_be_accepted(tree, owner, manager, invited, lose):
    """Neither hears of it: the link would open nothing, and the inviter may have no access."""
    sent = invitations.send(tree.shop, invited.email, Role.MANAGER, by=manager)
    lose(manager, owner, tree)

    with refused("no_longer_offered"):
        invitations.remind(sent)

    assert not OutgoingMail.objects.filter(template=invitations.REMINDER).exists()
