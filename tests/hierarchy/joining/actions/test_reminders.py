from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from hierarchy import outbox
from hierarchy.models import AuditEvent, Invitation, Membership, OutgoingMail, State, Status
from hierarchy.roles import Role
from tests.factories import InvitationFactory, MembershipFactory
from tests.support.acting import invitation_limits, invitations, memberships, nodes, reminders

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _ending(node, left, **fields):
    return MembershipFactory(node=node, ends_at=timezone.now() + left, **fields)


def _recipients():
    reminding = ("membership_end", invitations.REMINDER)
    mails = OutgoingMail.objects.filter(template__in=reminding)
    return sorted(mails.values_list("recipient", flat=True))


def test_remind_the_member_and_who_can_put_the_end_off(tree, owner, manager, maintainer):
    member = _ending(tree.shop, DAY * 6)

    assert reminders.remind_of_ends() == 1

    people = ["first@example.com", "manager@example.com", "owner@example.com", member.user.email]
    assert _recipients() == sorted(people)
    member.refresh_from_db()
    assert member.reminded_days == 7


def test_tell_who_can_put_the_end_off_and_nobody_else(tree):
    for _ in range(6):
        MembershipFactory(node=tree.acme, role=Role.MANAGER)
    _ending(tree.acme, DAY, role=Role.OWNER, user__email="dated@example.com")

    reminders.remind_of_ends()

    assert _recipients() == ["dated@example.com", "first@example.com"]


def test_reminders_take_no_room_from_invitations(tree, owner, monkeypatch):
    monkeypatch.setattr(invitation_limits, "MOST_MAILS_WHILE_YOUNG", 2)
    sent = invitations.send(tree.shop, "one@example.org", Role.VIEWER, by=owner)
    invitations.remind(sent)

    invitations.send(tree.shop, "two@example.org", Role.VIEWER, by=owner)

    assert Invitation.objects.count() == 2


def test_remind_once_a_week_before_and_once_a_day_before(tree):
    member = _ending(tree.shop, DAY * 6)
    assert [reminders.remind_of_ends() for _ in range(2)] == [1, 0]
    Membership.objects.filter(pk=member.pk).update(ends_at=timezone.now() + HOUR * 23)

    assert [reminders.remind_of_ends() for _ in range(2)] == [1, 0]
    member.refresh_from_db()
    assert member.reminded_days == 1


def test_remind_only_once_of_what_ends_within_a_day(tree):
    _ending(tree.shop, HOUR)

    assert [reminders.remind_of_ends() for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    "fields",
    [
        {"left": DAY * 8},
        {"left": -HOUR},
        {"left": DAY, "status": Status.SUSPENDED},
        {"left": DAY, "user__is_active": False},
        {"left": DAY * 2, "starts_at": timezone.now() + DAY},
    ],
)
def test_remind_of_nothing_else(tree, fields):
    _ending(tree.shop, **fields)

    assert reminders.remind_of_ends() == 0
    assert _recipients() == []


def test_remind_nobody_of_what_is_in_the_trash(tree, owner):
    _ending(tree.shop, DAY)
    nodes.delete(tree.shop, by=owner)

    assert reminders.remind_of_ends() == 0
    assert _recipients() == []


@pytest.mark.parametrize("lift", ["reactivate", "resume"])
def test_remind_of_what_rests_above_once_that_is_lifted(tree, owner, lift):
    """Their access to the shop is suspended with the one above, or with the organization."""
    member = _ending(tree.shop, DAY * 6)
    if lift == "reactivate":
        above = MembershipFactory(node=tree.acme, user=member.user)
        memberships.suspend(above, by=owner)
    else:
        nodes.suspend(tree.acme, by=owner)
    assert reminders.remind_of_ends() == 0
    assert _recipients() == []

    if lift == "reactivate":
        memberships.reactivate(above, by=owner)
    else:
        nodes.resume(tree.acme, by=owner)

    assert reminders.remind_of_ends() == 1


def test_remind_anew_of_an_end_that_was_put_off(tree, owner):
    member = _ending(tree.shop, HOUR)
    reminders.remind_of_ends()
    later = timezone.now() + DAY * 3
    memberships.change_dates(member, starts_at=None, ends_at=later, by=owner)

    assert reminders.remind_of_ends() == 1


def test_say_when_and_link_to_where_it_is_put_off(tree, owner, mailoutbox):
    member = _ending(tree.shop, DAY, role=Role.MAINTAINER, user__first_name="Contractor")
    reminders.remind_of_ends()
    for mail in OutgoingMail.objects.order_by("id"):
        outbox.deliver(mail.pk)

    own, *others = mailoutbox

    assert own.to == [member.user.email]
    assert own.subject == "Your access to Shop ends soon"
    assert others[0].subject == "Access to Shop ends soon for Contractor"
    assert "UTC" in own.body
    assert f"/o/acme/w/shop/members/?q={member.user.email}" in others[0].body
    assert "/o/acme/w/shop/\n" in own.body


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(tree):
    for _ in range(20):
        _ending(tree.shop, HOUR)
    start = Barrier(2)
    found = []

    def work():
        start.wait()
        found.append(reminders.remind_of_ends())
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(found) == 20


def test_extend_puts_the_end_off_by_a_month(tree, owner, recorded):
    member = _ending(tree.shop, DAY)
    ended = _ending(tree.shop, -DAY * 90)

    extended, revived = (memberships.extend(row, by=owner) for row in (member, ended))

    assert extended.ends_at == member.ends_at + DAY * 30
    assert revived.is_in_force
    assert recorded() == ["membership.change_dates"] * 2


# --- Invitations ---------------------------------------------------------------------------------


def _offer(node, left=DAY, **fields):
    facts = {"expires_at": timezone.now() + left, "token": "first"}
    return InvitationFactory(node=node, **facts | fields)


def test_remind_the_invited_person_and_the_inviter_of_an_expiry(tree, owner, mailoutbox):
    offer = _offer(tree.shop, invited_by=owner)

    assert [reminders.remind_of_expiry() for _ in range(2)] == [1, 0]

    for mail in OutgoingMail.objects.order_by("id"):
        outbox.deliver(mail.pk)
    invited, inviter = mailoutbox
    assert (invited.to, inviter.to) == ([offer.email], [owner.email])
    token = invited.body.split("/invitations/")[1].split("/")[0]
    assert invitations.find(token) == offer
    assert invitations.find("first") is None
    assert "/o/acme/w/shop/members/invitations/" in inviter.body
    assert "/invitations/" + token not in inviter.body
    assert not AuditEvent.objects.exists()


def test_no_reminder_kills_a_link_where_no_mail_leaves(tree, settings):
    settings.MAIL_ENABLED = False
    offer = _offer(tree.shop)

    assert reminders.remind_of_expiry() == 0
    assert invitations.find("first") == offer


def test_the_term_is_not_changed_by_a_reminder(tree):
    offer = _offer(tree.shop)
    reminders.remind_of_expiry()
    renewed = Invitation.objects.get(pk=offer.pk)

    assert renewed.expires_at == offer.expires_at
    assert renewed.is_pending


@pytest.mark.parametrize("begin", ["send", "extend", "resend"])
@pytest.mark.parametrize(("days", "reminded"), [(2, 0), (3, 0), (4, 1)])
def test_a_short_term_needs_no_reminder(tree, owner, settings, begin, days, reminded):
    """Or it would kill a link at once that has just been sent, or was to stay good."""
    settings.INVITATION_DAYS = days
    if begin == "send":
        invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)
    else:
        getattr(invitations, begin)(_offer(tree.shop, left=HOUR), by=owner)
    end = Invitation.objects.get().expires_at

    with time_machine.travel(end - DAY):
        assert reminders.remind_of_expiry() == reminded


@pytest.mark.parametrize(
    "fields",
    [
        {"left": DAY * 3},
        {"left": -HOUR},
        {"state": State.REVOKED, "decided_at": timezone.now()},
        {"reminded_at": timezone.now()},
    ],
)
def test_remind_of_no_other_offers(tree, owner, fields):
    _offer(tree.shop, invited_by=owner, **fields)

    assert reminders.remind_of_expiry() == 0
    assert _recipients() == []


def test_remind_of_no_offer_on_what_is_gone(tree, owner):
    _offer(tree.shop)
    nodes.delete(tree.shop, by=owner)

    assert reminders.remind_of_expiry() == 0
    assert _recipients() == []
