"""What every step leaves behind: its events in the activity, and its mails in the outbox."""

from collections import Counter
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import rule

from hierarchy import outbox
from hierarchy.models import (
    AuditEvent,
    Invitation,
    MailState,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    PurgeReceipt,
    Transfer,
)
from hierarchy.roles import Level
from tests.properties.machine.base import Machine, after_change

# What an event sends to exactly one person, and what to as many as it concerns, each once.
TO_ONE = {
    "invitation.send": "invitation",
    "invitation.resend": "invitation",
    "access_request.approve": "access_answer",
    "access_request.decline": "access_answer",
    "ownership.offer": "ownership_offer",
    "ownership.accept": "ownership_answer",
    "ownership.decline": "ownership_answer",
}
ABOUT_MEMBERS = """
    access_review.change access_review.remove custom_role.delete custom_role.edit membership.add
    membership.change_dates membership.change_role membership.reactivate membership.remove
    membership.suspend
"""
ABOUT_OWNERS = """
    access_request.approve account.close account.deactivate account.reactivate invitation.accept
    membership.leave ownership.accept
"""
# These tell their person in any case; others that do depend on what was changed.
TO_ITS_PERSON = """
    access_review.remove membership.add membership.reactivate membership.remove membership.suspend
"""
STATES = ("suspend", "resume", "delete", "restore")
TO_MANY = {
    **{f"{level}.{verb}": {"node_change"} for level in Level for verb in STATES},
    **{event: {"access_change", "owner_change"} for event in ABOUT_MEMBERS.split()},
    **{event: {"owner_change"} for event in ABOUT_OWNERS.split()},
    "access_request.ask": {"access_request"},
    "access_review.start": {"access_review"},
    "access_review.escalate": {"access_review_overdue"},
    "email_domain.lose": {"email_domain_lost"},
    "ownership_recovery.start": {"ownership_recovery"},
    "ownership_recovery.complete": {"ownership_recovered"},
    "transfer.offer": {"transfer_offer", "transfer_notice"},
    "transfer.accept": {"transfer_answer", "transfer_leave", "access_change"},
    "transfer.decline": {"transfer_answer"},
}
# What the clock sends without an event.
REMINDERS = {
    "access_review_reminder",
    "email_domain_failing",
    "invitation_reminder",
    "membership_end",
}


class Ledger(Machine):
    def __init__(self, world, name_server):
        super().__init__(world, name_server)
        self.last_event = self.last_mail = self.last_receipt = self.events = 0
        self.seen = Counter()
        self.numbers = {}

    @rule(most=st.sampled_from([1, 5]))
    def send_mails(self, most):
        """Let the worker have some of what is queued, the newest first; it must not matter."""
        queued = OutgoingMail.objects.filter(state=MailState.QUEUED)
        for pk in list(queued.order_by("-pk").values_list("pk", flat=True)[:most]):
            outbox.deliver(pk)
        self.note_change()

    @after_change
    def record_every_change_once(self):
        """As many events as there were changes, by who made them, numbered without a gap."""
        columns = ("pk", "action", "actor_id", "organization_id", "number")
        rows = AuditEvent.objects.filter(pk__gt=self.last_event).order_by("pk")
        events = list(rows.values_list(*columns))
        self.seen.update(organization for *_rest, organization, _number in events)
        self.events += len(events) + self._count_removed()
        assert self.events == self.reference.events
        actors = {actor for _pk, _action, actor, *_rest in events}
        assert actors <= {name and self.users[name].pk for name in self.actors}
        for pk, _action, _actor, organization, number in events:
            self.last_event = pk
            if organization is not None:
                assert number == next(self.numbers.setdefault(organization, count(1)))
        self._compare_mails(Counter(action for _pk, action, *_rest in events))

    def _count_removed(self):
        """What has left with an organization before anybody saw it: its receipt counts it."""
        receipts = PurgeReceipt.objects.filter(pk__gt=self.last_receipt).order_by("pk")
        gone = set(self.seen) - {None, *Organization.objects.values_list("pk", flat=True)}
        seen = sum(self.seen.pop(organization) for organization in gone)
        removed = 0
        for receipt in receipts:
            self.last_receipt = receipt.pk
            removed += receipt.events
        return removed - seen

    def _compare_mails(self, actions):
        """What the events call for is queued, once for each person, and nothing else."""
        rows = OutgoingMail.objects.filter(pk__gt=self.last_mail).order_by("pk")
        mails = list(rows)
        self.last_mail = mails[-1].pk if mails else self.last_mail
        queued = Counter(mail.template for mail in mails)
        due = Counter()
        for action, times in actions.items():
            if action in TO_ONE:
                due[TO_ONE[action]] += times
        others = set().union(*(TO_MANY.get(action, ()) for action in actions))
        others |= REMINDERS if None in self.actors else set()
        self.actors.clear()
        assert {template: queued[template] for template in due} == due
        assert set(queued) <= set(due) | others, (set(queued) - set(due) - others, dict(actions))
        assert queued["access_change"] >= sum(actions[each] for each in TO_ITS_PERSON.split())
        told = [(mail.template, mail.recipient, str(mail.context)) for mail in mails]
        assert len(told) == len(set(told))

    @after_change
    def queue_nothing_that_is_withdrawn(self):
        """What has expired may go: it says until when it was good."""
        asking = {"invitation": Invitation, "transfer_offer": Transfer}
        asking |= {"ownership_offer": OwnershipOffer}
        mails = OutgoingMail.objects.filter(state=MailState.QUEUED, template__in=asking)
        now = self.reference.now.isoformat()
        queued = {
            (mail.template, mail.pk if mail.template == "invitation" else _cause_of(mail))
            for mail in mails
            if mail.context["expires_at"] > now
        }
        for template in {template for template, _pk in queued}:
            column = "mail" if template == "invitation" else "pk"
            rows = asking[template].objects.filter(state="pending")
            queued -= {(template, pk) for pk in rows.values_list(column, flat=True)}
        assert queued == set()


def _cause_of(mail):
    return int(mail.about.partition(" ")[2])
