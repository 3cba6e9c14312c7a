from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hierarchy import outbox
from hierarchy.joining.actions.invitation_batches import Verdict
from hierarchy.models import AuditEvent, Invitation, OutgoingMail, State, Status
from hierarchy.models.invitation import Offer
from hierarchy.roles import Role
from tests.factories import CustomRoleFactory, InvitationFactory, MembershipFactory
from tests.faults.simultaneous import at_once
from tests.support.acting import invitation_batches, invitation_limits, invitations, nodes
from tests.support.refusals import refused

DAY = timedelta(days=1)


def _offers(*emails, role=Role.VIEWER):
    return [Offer(email, role) for email in emails]


def _many(number):
    return _offers(*(f"person-{n}@example.org" for n in range(number)))


def _age(node, **ago):
    organization = node.path[0]
    type(organization).objects.filter(pk=organization.pk).update(
        created_at=timezone.now() - timedelta(**ago)
    )


def _verdicts(node, offers, by):
    return [judged.verdict for judged in invitation_batches.judge(node, offers, by=by)]


def test_send_to_all_for_a_while(tree, owner):
    ends_at = timezone.now() + 3 * DAY

    sent = invitation_batches.send(tree.shop, _many(2), by=owner, ends_at=ends_at)

    assert [(row.access_ends_at, row.expires_at) for row in sent] == [(ends_at, ends_at)] * 2
    for event in AuditEvent.objects.all():
        assert event.changes["access_ends_at"] == [None, str(ends_at)]
    with refused("past", "ends_at"):
        invitation_batches.send(tree.press, _many(2), by=owner, ends_at=timezone.now())


def test_judge_each_address(tree, manager):
    member = MembershipFactory(node=tree.shop).user.email
    gone = MembershipFactory(node=tree.shop, ends_at=timezone.now() - DAY).user.email
    asleep = MembershipFactory(node=tree.acme, status=Status.SUSPENDED).user.email
    InvitationFactory(node=tree.shop, email="invited@example.com")
    InvitationFactory(node=tree.press, email="elsewhere@example.com")
    ended = timezone.now() - DAY
    InvitationFactory(node=tree.shop, email="expired@example.com", expires_at=ended)

    fine = ["new@example.com", "elsewhere@example.com", "expired@example.com"]
    others = ["nobody", member.upper(), gone, asleep, "invited@example.com", "new@example.com"]
    offers = [*_offers(*fine, *others), *_offers("boss@example.com", role=Role.OWNER)]

    assert _verdicts(tree.shop, _offers(manager.email), manager) == [Verdict.OWN]
    assert _verdicts(tree.shop, offers, manager) == [
        *[Verdict.FINE] * 3,
        Verdict.MALFORMED,
        Verdict.MEMBER,
        Verdict.ENDED,
        Verdict.SUSPENDED,
        Verdict.INVITED,
        Verdict.REPEATED,
        Verdict.BEYOND,
    ]


def test_judge_roles_that_make_no_sense_there(tree, owner):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_organization"])

    assert _verdicts(tree.shop, _offers("a@example.com", role=role), owner) == [Verdict.BEYOND]
    assert _verdicts(tree.acme, _offers("a@example.com", role=role), owner) == [Verdict.FINE]


def test_judge_words_that_are_no_role(tree, owner):
    offer = Offer("a@example.com", None, "emperor")

    assert _verdicts(tree.shop, [offer], owner) == [Verdict.NO_ROLE]
    with refused("changed"):
        invitation_batches.send(tree.shop, [offer, *_many(1)], by=owner)


def test_only_allowed_domains_are_invited(tree, owner):
    nodes.edit(tree.acme, by=owner, invitation_domains="example.com")
    tree.shop.organization.refresh_from_db()

    offers = _offers("a@example.com", "a@sub.example.com", "a@example.org")
    assert _verdicts(tree.shop, offers, owner) == [Verdict.FINE, *[Verdict.FOREIGN] * 2]
    with refused("foreign_domain", "email"):
        invitations.send(tree.shop, "a@example.org", Role.VIEWER, by=owner)


@pytest.mark.parametrize("renew", [invitations.resend, invitations.copy_link, invitations.extend])
def test_no_offer_is_renewed_for_a_domain_that_is_not_allowed_any_more(tree, owner, renew):
    invitation = invitations.send(tree.shop, "a@example.org", Role.VIEWER, by=owner)
    nodes.edit(tree.acme, by=owner, invitation_domains="example.com")

    with refused("foreign_domain", "email"):
        renew(invitation, by=owner)


def test_judge_in_as_many_queries_for_one_as_for_many(tree, owner, django_assert_max_num_queries):
    with CaptureQueriesContext(
        connection,
    ) as one:
        invitation_batches.judge(tree.shop, _many(1), by=owner)

    with django_assert_max_num_queries(len(one)):
        invitation_batches.judge(tree.shop, _many(200), by=owner)


def test_send_to_all_of_them(tree, owner, mailoutbox, recorded):
    InvitationFactory(node=tree.shop, email="person-0@example.org", expires_at=timezone.now() - DAY)

    sent = invitation_batches.send(tree.shop, _many(3), by=owner, message=" Hi ", days=3)

    assert [i.email for i in sent] == [offer.email for offer in _many(3)]
    assert recorded() == ["invitation.send"] * 3
    events = AuditEvent.objects.order_by("number")
    assert [(e.number, e.target_label, e.changes) for e in events] == [
        (n + 1, f"person-{n}@example.org", {"role": [None, "viewer"]}) for n in range(3)
    ]
    for mail in OutgoingMail.objects.all():
        outbox.deliver(mail.pk)
    assert {mail.to[0] for mail in mailoutbox} == {i.email for i in sent}
    mails = [{"mail_id": mail.pk} for mail in OutgoingMail.objects.all()]
    assert ProcrastinateJob.objects.filter(args__in=mails).count() == len(mails) == 3
    for mail in mailoutbox:
        token = mail.body.split("/invitations/")[1].split("/")[0]
        found = invitations.find(token)
        assert (found.email, found.message, found.is_pending) == (mail.to[0], "Hi", True)
    assert Invitation.objects.filter(state=State.EXPIRED).count() == 1


def test_send_all_or_nothing(tree, owner):
    InvitationFactory(node=tree.shop, email="person-1@example.org")

    with refused("changed"):
        invitation_batches.send(tree.shop, _many(3), by=owner)


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_send_is_not_allowed_without_the_permission(tree, actor, request):
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        invitation_batches.send(tree.shop, _many(2), by=by)


def test_send_refuses_nobody_and_too_many(tree, owner, monkeypatch):
    monkeypatch.setattr(invitation_batches, "MOST_AT_ONCE", 2)

    with refused("empty", "addresses"):
        invitation_batches.send(tree.shop, [], by=owner)
    with refused("too_many", "addresses"):
        invitation_batches.send(tree.shop, _many(3), by=owner)


def test_send_a_thousand_in_few_queries(tree, owner, monkeypatch):
    monkeypatch.setattr(invitation_limits, "MOST_MAILS_WHILE_YOUNG", 1_000)

    with CaptureQueriesContext(connection) as queries:
        sent = invitation_batches.send(tree.shop, _many(1_000), by=owner)

    assert len(sent) == 1_000
    assert len(queries) <= 100


# --- Limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "most"), [(0, 50), (29, 50), (31, 500)])
def test_a_young_organization_sends_fewer_a_day(tree, owner, days, most):
    _age(tree.shop, days=days)

    invitation_batches.send(tree.shop, _many(most), by=owner)

    for door in (
        lambda: invitation_batches.send(tree.press, _offers("a@example.com"), by=owner),
        lambda: invitations.send(tree.acme, "a@example.com", Role.VIEWER, by=owner),
        lambda: invitations.resend(Invitation.objects.first(), by=owner),
    ):
        with refused("too_many"):
            door()


def test_the_limit_counts_a_day(tree, owner):
    invitation_batches.send(tree.shop, _many(50), by=owner)
    OutgoingMail.objects.update(created_at=timezone.now() - DAY)

    assert invitations.send(tree.shop, "a@example.com", Role.VIEWER, by=owner)


def test_the_limit_of_one_organization_is_not_that_of_another(tree, owner):
    other = MembershipFactory(role=Role.OWNER)
    invitation_batches.send(tree.shop, _many(50), by=owner)

    assert invitation_batches.send(other.organization, _many(50), by=other.user)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_can_not_pass_the_limit_together(tree, owner):
    invitation_batches.send(tree.shop, _many(48), by=owner)

    def send(number):
        return lambda: invitations.send(
            tree.shop, f"late-{number}@example.org", Role.VIEWER, by=owner
        )

    outcomes = at_once(*(send(number) for number in range(5)))

    assert sum(isinstance(outcome, Invitation) for outcome in outcomes) == 2


# --- Extending and changing ----------------------------------------------------------------------


def test_extend_keeps_the_link(tree, owner, manager, recorded):
    over = timezone.now() - DAY
    invitation = InvitationFactory(node=tree.shop, token="known", expires_at=over)

    extended = invitations.extend(invitation, by=manager, days=5)

    assert invitations.find("known") == extended
    assert extended.is_pending
    assert extended.invited_by == manager
    assert recorded() == ["invitation.extend"]


def test_change_role_keeps_the_link(tree, owner, manager, outsider, recorded):
    invitation = InvitationFactory(node=tree.shop, email=outsider.email, invited_by=manager)

    changed = invitations.change_role(invitation, Role.OWNER, by=owner)
    membership = invitations.accept(changed, by=outsider)

    assert membership.role == Role.OWNER
    assert recorded() == ["invitation.change_role", "invitation.accept"]


def test_change_to_the_same_role_changes_nothing(tree, owner, recorded):
    invitations.change_role(InvitationFactory(node=tree.shop), Role.VIEWER, by=owner)

    assert recorded() == []


def test_change_role_only_among_what_one_holds(tree, manager):
    of_owner = InvitationFactory(node=tree.shop, role=Role.OWNER)
    invitation = InvitationFactory(node=tree.shop)

    with refused("more_than_you_hold", "role"):
        invitations.change_role(of_owner, Role.VIEWER, by=manager)
    with refused("more_than_you_hold", "role"):
        invitations.change_role(invitation, Role.OWNER, by=manager)


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.ACCEPTED, "decided"), (State.REVOKED, "decided"), (State.EXPIRED, "expired")],
)
def test_what_is_over_can_not_be_extended_or_changed(tree, owner, state, code):
    invitation = InvitationFactory(node=tree.shop, state=state, decided_at=timezone.now())

    with refused(code):
        invitations.extend(invitation, by=owner)
    with refused(code):
        invitations.change_role(invitation, Role.MANAGER, by=owner)


def test_extend_never_shortens(tree, owner, recorded):
    invitation = InvitationFactory(node=tree.shop, expires_at=timezone.now() + 9 * DAY)

    with refused("shorter", "days"):
        invitations.extend(invitation, by=owner, days=8)

    assert recorded() == []
    invitations.extend(invitation, by=owner, days=10)


@pytest.mark.parametrize("days", [0, 31])
def test_extend_for_a_sensible_term(tree, owner, days):
    invitation = InvitationFactory(node=tree.shop)

    with refused("invalid", "days"):
        invitations.extend(invitation, by=owner, days=days)
