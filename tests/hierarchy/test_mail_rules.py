"""What ends a mail that waits, asked when it is sent: for every kind of mail, whatever ended it."""

import ast
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hierarchy import grants, mail_rules, outbox
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    Application,
    EmailDomain,
    Ending,
    Invitation,
    MailState,
    Membership,
    Organization,
    OutgoingMail,
    Status,
    Workspace,
)
from hierarchy.models.email_domain import oldest_bearable
from hierarchy.roles import Role
from tests.factories import (
    EmailDomainFactory,
    MembershipFactory,
    OrganizationFactory,
    membership_of,
)
from tests.support.acting import (
    access_requests,
    access_review_deadlines,
    access_reviews,
    email_domains,
    invitations,
    memberships,
    nodes,
    ownership,
    ownership_recoveries,
    reminders,
    transfers,
)
from tests.support.planted import planted

ROOT = Path(__file__).resolve().parent.parent.parent
EMAILS = ROOT / "templates" / "emails"
# They reach people though the organization is suspended, or what they speak of deleted.
NOTICES = {"access_change", "node_change", "owner_change"}  # about no row that could be gone
EVEN_SUSPENDED = NOTICES | {
    "ownership_answer",
    "ownership_recovered",
    "ownership_recovery",
    "transfer_answer",
    "transfer_leave",
}
EVEN_DELETED = NOTICES | {"transfer_leave"}


@pytest.fixture
def world(tree, owner, manager, viewer, outsider, staff):
    """The tree with its people, and an organization beside it whose owner is the boss."""
    tree.owner = owner
    tree.manager = manager
    tree.viewer = viewer
    tree.outsider = outsider
    tree.staff = staff
    tree.globex, tree.boss = planted("Globex and its boss", _globex)
    Organization.objects.filter(pk=tree.acme.pk).update(may_ask_to_join=True)
    tree.acme.refresh_from_db()
    return tree


def _globex():
    globex = OrganizationFactory(name="Globex", slug="globex")
    return globex, MembershipFactory(node=globex, role=Role.OWNER).user


def _invite(w):
    return invitations.send(w.production, "new@example.com", Role.VIEWER, by=w.manager)


def _remind_of_invitation(w):
    invitation = _invite(w)
    soon = timezone.now() + timedelta(days=1)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=soon, reminded_at=None)
    reminders.remind_of_expiry()


def _remind_of_end(w):
    soon = timezone.now() + timedelta(days=1)
    Membership.objects.filter(user=w.viewer).update(ends_at=soon)
    reminders.remind_of_ends()


def _ask(w):
    return access_requests.ask(w.acme, by=w.outsider)


def _review(w):
    due_at = timezone.now() + timedelta(days=14)
    return access_reviews.start(w.acme, due_at=due_at, by=w.owner)


def _remind_of_review(w):
    _review(w)
    now = timezone.now()
    soon = now + timedelta(days=1)
    long_ago = now - timedelta(days=9)
    AccessReview.objects.update(due_at=soon, created_at=long_ago)
    access_review_deadlines.remind()


def _escalate_review(w):
    _review(w)
    AccessReview.objects.update(due_at=timezone.now())
    access_review_deadlines.escalate()


def _fail_domain(w, since=None):
    EmailDomainFactory(node=w.acme, domain="example.test", failing_since=since)
    email_domains.recheck()


def _offer_ownership(w):
    return ownership.offer(w.acme, w.viewer, by=w.owner)


def _recover(w):
    orphan = OrganizationFactory(name="Initech")
    MembershipFactory(node=orphan, role=Role.MANAGER)
    return ownership_recoveries.start(orphan, w.outsider, reason="They left.", by=w.staff)


def _complete_recovery(w):
    recovery = _recover(w)
    type(recovery).objects.update(due_at=timezone.now())
    recovery.refresh_from_db()
    ownership_recoveries.complete(recovery, by=w.staff)


def _offer(w):
    return transfers.offer(w.shop, w.globex, by=w.owner)


def _hand_over(w):
    return transfers.accept(_offer(w), by=w.boss, keep=[])


def _suspend_member(w):
    memberships.suspend(membership_of(w.viewer, w.acme), by=w.owner)


def _make_owner(w):
    memberships.change_role(membership_of(w.viewer, w.acme), Role.OWNER, by=w.owner)


QUEUE = {
    "access_change": _suspend_member,
    "node_change": lambda w: nodes.suspend(w.shop, by=w.owner),
    "owner_change": _make_owner,
    "access_answer": lambda w: access_requests.approve(_ask(w), Role.VIEWER, by=w.owner),
    "access_request": _ask,
    "access_review": _review,
    "access_review_overdue": _escalate_review,
    "access_review_reminder": _remind_of_review,
    "email_domain_failing": _fail_domain,
    "email_domain_lost": lambda w: _fail_domain(w, since=oldest_bearable()),
    "invitation": _invite,
    "invitation_reminder": _remind_of_invitation,
    "membership_end": _remind_of_end,
    "ownership_answer": lambda w: ownership.accept(_offer_ownership(w), by=w.viewer),
    "ownership_offer": _offer_ownership,
    "ownership_recovered": _complete_recovery,
    "ownership_recovery": _recover,
    "transfer_answer": _hand_over,
    "transfer_leave": _hand_over,
    "transfer_notice": _offer,
    "transfer_offer": _offer,
}
EVERY_KIND = pytest.mark.parametrize("template", sorted(QUEUE))


def _queued(world, template):
    ids = tuple(row.pk for row in (world.acme, world.globex, world.outsider, world.staff))
    planted(f"what queues {template}", partial(QUEUE[template], world), beside=ids)
    return list(OutgoingMail.objects.filter(template=template, state=MailState.QUEUED))


def _send(mails):
    """Let the worker have the mails; return what became of each, and why."""
    for mail in mails:
        outbox.deliver(mail.pk)
        mail.refresh_from_db()
    return {(mail.state, mail.withheld_because, mail.sealed) for mail in mails}


SENT = {("sent", "", "")}


def _withheld(because):
    return {("withheld", because, "")}


def _set(row, **columns):
    """Change a row as if any door had done it: without the action that withholds mails at once."""
    type(row).objects.filter(pk=row.pk).update(**columns)


# --- Every kind ----------------------------------------------------------------------------------


def test_declare_what_ends_every_template():
    bases = {"account", "base"}
    names = {path.name.partition(".")[0] for path in EMAILS.iterdir()} - bases
    templates = {name for name in names if not name.startswith("_")}  # those are parts of others

    assert mail_rules.declared() == templates == set(QUEUE)


def test_queue_only_what_is_declared():
    """The names that stand in the calls; `check` refuses others, whatever they come from."""
    named = set()
    for path in (ROOT / "hierarchy").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_call = isinstance(node, ast.Call) and "enqueue" in ast.unparse(node.func)
            if is_call and node.args and isinstance(node.args[0], ast.Constant):
                named.add(node.args[0].value)

    assert named
    assert named <= mail_rules.declared()


def test_queue_nothing_that_is_not_declared(tree):
    with pytest.raises(LookupError):
        outbox.enqueue("unknown", recipient="new@example.com", context={}, organization=tree.acme)


def test_queue_nothing_without_what_it_is_about(tree):
    words = {"recipient": "new@example.com", "context": {}, "organization": tree.acme}
    for about in (None, tree.acme, Invitation()):
        with pytest.raises(TypeError):
            outbox.enqueue("invitation", **words, about=about)


def test_refuse_to_declare_twice():
    with pytest.raises(ValueError, match="twice"):
        mail_rules.declare("invitation", about=Invitation)


@EVERY_KIND
def test_send_what_still_holds(world, name_server, template):
    mails = _queued(world, template)

    assert mails
    assert _send(mails) == SENT


@EVERY_KIND
def test_withhold_what_is_about_a_suspended_organization(world, name_server, template):
    mails = _queued(world, template)
    Organization.objects.update(suspended_at=timezone.now())

    expected = SENT if template in EVEN_SUSPENDED else _withheld(Ending.SUSPENDED)
    assert _send(mails) == expected


@EVERY_KIND
def test_withhold_what_is_about_a_deleted_organization(world, name_server, template):
    mails = _queued(world, template)
    Organization.objects.update(deleted_at=timezone.now())

    expected = SENT if template in EVEN_DELETED else _withheld(Ending.DELETED)
    assert _send(mails) == expected


@pytest.mark.parametrize("state", ["suspended", "deleted"])
@pytest.mark.parametrize("kind", [Workspace, Application])
@pytest.mark.parametrize("template", ["invitation", "invitation_reminder"])
def test_withhold_what_is_about_something_beneath(world, template, kind, state):
    mails = _queued(world, template)
    kind.objects.update(**{f"{state}_at": timezone.now()})

    assert _send(mails) == _withheld(Ending(state))


@EVERY_KIND
def test_withhold_what_is_about_a_row_that_is_gone(world, name_server, template):
    mails = _queued(world, template)
    OutgoingMail.objects.update(about="invitation 0")

    expected = SENT if template in NOTICES else _withheld(Ending.GONE)
    assert _send(mails) == expected


@EVERY_KIND
def test_ask_in_a_few_queries(world, name_server, template):
    mail = OutgoingMail.objects.select_related("organization").get(
        pk=_queued(world, template)[0].pk
    )

    with CaptureQueriesContext(connection) as queries:
        mail_rules.reason_to_withhold(mail)

    assert len(queries) <= 6


# --- Who offers it -------------------------------------------------------------------------------


def _derive(user, organization):
    grants.derive(user, organization)


def _suspend(w, user):
    _set(membership_of(user, w.acme), status=Status.SUSPENDED)
    _derive(user, w.acme)


def _demote(w, user):
    _set(membership_of(user, w.acme), role=Role.VIEWER)
    _derive(user, w.acme)


def _remove(w, user):
    membership_of(user, w.acme).delete()
    _derive(user, w.acme)


def _end(w, user):
    _set(membership_of(user, w.acme), ends_at=timezone.now())
    _derive(user, w.acme)


def _deactivate(w, user):
    _set(user, is_active=False)


LOSSES = [_suspend, _demote, _remove, _end, _deactivate]


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("template", ["invitation", "invitation_reminder"])
def test_withhold_what_its_inviter_can_no_longer_offer(world, template, lose):
    mails = _queued(world, template)
    lose(world, world.manager)

    assert _send(mails) == _withheld(Ending.NOT_OFFERED)


def test_withhold_what_is_more_than_the_inviter_may_give_now(world):
    invitation = invitations.send(world.acme, "new@example.com", Role.MANAGER, by=world.owner)
    _set(membership_of(world.owner, world.acme), role=Role.MAINTAINER)
    _derive(world.owner, world.acme)

    assert _send([invitation.mail]) == _withheld(Ending.NOT_OFFERED)


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("template", ["ownership_offer", "transfer_offer", "transfer_notice"])
def test_withhold_what_its_owner_can_no_longer_offer(world, template, lose):
    mails = _queued(world, template)
    lose(world, world.owner)

    assert _send(mails) == _withheld(Ending.NOT_OFFERED)


def test_withhold_what_someone_asks_whose_account_is_deactivated(world):
    mails = _queued(world, "access_request")
    _deactivate(world, world.outsider)

    assert _send(mails) == _withheld(Ending.DECIDED)


# --- Who reads it, and what it says --------------------------------------------------------------


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize(
    "template",
    ["access_request", "access_review_reminder", "email_domain_failing", "email_domain_lost"],
)
def test_withhold_from_who_can_no_longer_act_on_it(world, name_server, template, lose):
    mails = [mail for mail in _queued(world, template) if mail.recipient == world.owner.email]
    lose(world, world.owner)

    assert mails
    assert _send(mails) == _withheld(Ending.NOT_THEIRS)


def test_withhold_an_offer_from_who_can_no_longer_accept_it(world):
    mails = _queued(world, "transfer_offer")
    _set(membership_of(world.boss, world.globex), role=Role.VIEWER)
    _derive(world.boss, world.globex)

    assert _send(mails) == _withheld(Ending.NOT_THEIRS)


def test_withhold_an_offer_of_ownership_from_who_left(world):
    mails = _queued(world, "ownership_offer")
    _remove(world, world.viewer)

    assert _send(mails) == _withheld(Ending.NOT_THEIRS)


@pytest.mark.parametrize("template", ["invitation", "invitation_reminder"])
def test_withhold_an_invitation_that_is_over(world, template):
    mails = _queued(world, template)
    Invitation.objects.update(state="revoked", decided_at=timezone.now())

    assert _send(mails) == _withheld(Ending.DECIDED)


def test_withhold_a_link_that_another_has_replaced(world):
    invitation = _invite(world)
    Invitation.objects.update(mail=None)

    assert _send([invitation.mail]) == _withheld(Ending.REPLACED)


def test_withhold_a_request_that_is_answered(world):
    mails = _queued(world, "access_request")
    AccessRequest.objects.update(state="declined", decided_at=timezone.now())

    assert _send(mails) == _withheld(Ending.DECIDED)


def test_withhold_that_someone_has_access_who_has_none_by_now(world):
    mails = _queued(world, "access_answer")
    _remove(world, world.outsider)

    assert _send(mails) == _withheld(Ending.CHANGED)


def test_withhold_a_reminder_of_an_end_that_was_put_off(world):
    mails = _queued(world, "membership_end")
    Membership.objects.filter(user=world.viewer).update(ends_at=None, reminded_days=None)

    assert _send(mails) == _withheld(Ending.CHANGED)


def test_withhold_a_warning_of_a_record_that_is_back(world, name_server):
    mails = _queued(world, "email_domain_failing")
    EmailDomain.objects.update(failing_since=None)

    assert _send(mails) == _withheld(Ending.CHANGED)


# --- When it is asked ----------------------------------------------------------------------------


def test_ask_again_at_every_attempt(world, settings):
    invitation = _invite(world)
    sending = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.None"
    with pytest.raises(outbox.NotSentYet):
        outbox.deliver(invitation.mail.pk)
    settings.EMAIL_BACKEND = sending
    _demote(world, world.manager)

    assert _send([invitation.mail]) == _withheld(Ending.NOT_OFFERED)


def test_ask_before_a_mail_that_had_failed_goes_again(world):
    invitation = _invite(world)
    OutgoingMail.objects.update(state=MailState.FAILED)
    outbox.retry(invitation.mail)
    _demote(world, world.manager)

    assert _send([invitation.mail]) == _withheld(Ending.NOT_OFFERED)
