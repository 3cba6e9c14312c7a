"""Who may invite and not list members learns nothing of who is one: not by one, nor by many."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from hierarchy import outbox
from hierarchy.joining.actions.invitation_batches import Verdict
from hierarchy.models import AuditEvent, Invitation, OutgoingMail, State, Status
from hierarchy.models.invitation import Offer
from hierarchy.roles import Level, Role
from tests.factories import CustomRoleFactory, MembershipFactory, UserFactory, membership_of
from tests.support.acting import (
    invitation_batches,
    invitation_limits,
    invitations,
    memberships,
    reminders,
)
from tests.support.refusals import refused

SEES = ["view_organization", "view_workspace", "view_application"]


@pytest.fixture
def blind(tree):
    """Somebody who may invite everywhere in Acme, and list nobody."""
    permissions = [*SEES, "invite_organization_member", "invite_workspace_member"]
    role = CustomRoleFactory(organization=tree.acme, permissions=permissions)
    return MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user


@pytest.fixture
def people(tree):
    """Addresses of equal length: nobody's, a stranger's, and of members of Shop in each state."""
    ended = timezone.now() - timedelta(days=1)
    UserFactory(email="stranger@example.com")
    MembershipFactory(node=tree.shop, user__email="member01@example.com")
    MembershipFactory(node=tree.shop, user__email="resting1@example.com", status=Status.SUSPENDED)
    MembershipFactory(node=tree.shop, user__email="finished@example.com", ends_at=ended)
    MembershipFactory(node=tree.acme, user__email="silenced@example.com", status=Status.SUSPENDED)
    names = ("nobody01", "stranger", "member01", "resting1", "finished", "silenced")
    return [f"{name}@example.com" for name in names]


def _facts(row, *left_out):
    """Return what a row says, without what differs between any two."""
    values = {}
    for name, value in vars(row).items():
        try:
            row._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        values[name] = value
    differ = ("id", "public_id", "number", "target_id", "target_identity_id", "created_at")
    for name in (*differ, *left_out):
        values.pop(name, None)
    return values


def _left_behind(email):
    """Return what an invitation of the address has left: all but the mail's own words."""
    row = Invitation.objects.get(email=email)
    mail = OutgoingMail.objects.get(recipient=email)
    return (
        _facts(row, "email", "token_hash", "mail_id", "expires_at"),
        _facts(mail, "recipient", "sealed", "message_id", "about"),
    )


def test_an_invitation_of_a_member_is_made_as_that_of_a_stranger(tree, blind, people):
    done = []
    for email in ["first0000@example.com", *people]:  # the first warms what is remembered
        with CaptureQueriesContext(connection) as queries:
            invitations.send(tree.shop, email, Role.VIEWER, by=blind)
        event = _facts(AuditEvent.objects.latest("id"), "request_id")
        left = invitation_limits.left_today(tree.acme) + len(done)
        shapes = [query["sql"][:40] for query in queries if "SAVEPOINT" not in query["sql"]]
        done.append((len(queries), shapes, event, left, _left_behind(email)))

    for each in done[2:]:
        assert each == done[1]


def test_many_are_judged_alike_and_invited_alike(tree, blind, people):
    offers = [Offer(email=email, role=Role.VIEWER) for email in people]

    judged = invitation_batches.judge(tree.shop, offers, by=blind)
    sent = invitation_batches.send(tree.shop, offers, by=blind)

    assert {each.verdict for each in judged} == {Verdict.FINE}
    assert [row.email for row in sent] == people
    left = [_left_behind(email) for email in people]
    assert all(each == left[0] for each in left)


def test_as_many_queries_for_members_as_for_strangers(tree, blind, people):
    strangers = [f"other{number:03}@example.com" for number in range(len(people))]
    counts = []
    for emails in (strangers, people):
        offers = [Offer(email=email, role=Role.VIEWER) for email in emails]
        with CaptureQueriesContext(connection) as queries:
            invitation_batches.send(tree.shop, offers, by=blind)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_second_invitation_is_refused_to_all_alike(tree, blind, people):
    for email in people:
        invitations.send(tree.shop, email, Role.VIEWER, by=blind)

        with refused("already_invited", field="email"):
            invitations.send(tree.shop, email, Role.VIEWER, by=blind)


@pytest.mark.parametrize("verb", ["resend", "extend", "copy_link", "revoke"])
def test_what_follows_is_alike(tree, blind, people, verb):
    for email in people:
        row = invitations.send(tree.shop, email, Role.VIEWER, by=blind)

        getattr(invitations, verb)(row, by=blind)

        row.refresh_from_db()
        assert row.state == (State.REVOKED if verb == "revoke" else State.PENDING)


def test_members_read_how_things_stand_and_strangers_get_a_link(tree, blind, people, mailoutbox):
    for email in people:
        row = invitations.send(tree.shop, email, Role.VIEWER, by=blind)
        outbox.deliver(row.mail_id)

    texts = [(message.body, message.alternatives[0][0]) for message in mailoutbox]
    has_link = [all("/invitations/" in text for text in pair) for pair in texts]
    is_member = [all("already a member of Shop, so" in text for text in pair) for pair in texts]
    is_resting = [all("suspended or has ended" in text for text in pair) for pair in texts]
    assert has_link == [True, True, False, False, False, False]
    assert is_member == [False, False, True, False, False, False]
    assert is_resting == [False, False, False, True, True, True]


def test_an_invitation_of_a_member_gives_nothing(tree, blind, people):
    for email in people[2:]:
        row = invitations.send(tree.shop, email, Role.VIEWER, by=blind)
        user = User.objects.get(email=email)

        assert list(invitations.open_for(user)) == []
        with pytest.raises(Exception, match=r"already|suspended|ended"):
            invitations.accept(row, by=user)


def test_whoever_is_removed_comes_not_back_by_it(tree, owner, blind, people):
    row = invitations.send(tree.shop, "member01@example.com", Role.VIEWER, by=blind)
    member = User.objects.get(email=row.email)

    memberships.remove(membership_of(member, tree.shop), by=owner)

    row.refresh_from_db()
    assert row.state == State.REVOKED


def test_the_reminder_to_who_has_invited_is_alike(tree, blind, people):
    for email in people:
        invitations.send(tree.shop, email, Role.VIEWER, by=blind)
    soon = timezone.now() + timedelta(hours=30)
    Invitation.objects.update(expires_at=soon)

    reminders.remind_of_expiry()

    told = OutgoingMail.objects.filter(template="invitation_reminder", recipient=blind.email)
    assert sorted(mail.context["email"] for mail in told) == sorted(people)
    assert {mail.context["link"] for mail in told} == {outbox.link_to("detail", **tree.shop.slugs)}
    others = OutgoingMail.objects.filter(template="invitation_reminder").exclude(pk__in=told)
    assert {mail.recipient for mail in others} == set(people[:2])


def test_who_sees_members_here_and_not_above_learns_nothing_of_above(tree, people):
    permissions = [*SEES, "invite_workspace_member", "view_workspace_member"]
    role = CustomRoleFactory(organization=tree.acme, permissions=permissions)
    inviter = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user

    with refused("already_member", field="email"):
        invitations.send(tree.shop, "member01@example.com", Role.VIEWER, by=inviter)
    assert invitations.send(tree.shop, "silenced@example.com", Role.VIEWER, by=inviter).is_pending


def test_staff_who_see_no_members_add_none(tree, people):
    """The refusal of a member would tell that they are one."""
    clerk = UserFactory(is_staff=True)
    names = {each for level in Level for each in (f"invite_{level}_member", f"view_{level}")}
    clerk.user_permissions.set(DjangoPermission.objects.filter(codename__in=names))
    user = UserFactory()

    with refused("not_allowed"):
        memberships.add(tree.shop, user, Role.VIEWER, by=clerk)
