"""What the clock does by itself: it may come at any moment, and must not change a decision."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy.models import Invitation
from tests.properties.machine.base import Machine
from tests.support.acting import access_review_deadlines, nodes, reminders


class Jobs(Machine):
    @rule()
    def purge(self):
        assert nodes.purge_expired() == self.reference.purge()
        self.note_change()

    @precondition(lambda self: self.reference.offers)
    @rule()
    def remind_of_expiry(self):
        """The links before it are dead; who is invited has the new one."""
        reminded = self.reference.remind_of_expiry()
        assert reminders.remind_of_expiry() == len(reminded)
        for row in Invitation.objects.with_nodes().filter(pk__in=reminded):
            self.offer_rows[row.pk] = row
        self.note_change()

    @precondition(lambda self: any(m.ends for m in self.reference.members.values()))
    @rule()
    def remind_of_ends(self):
        """All ends are far away here, or over."""
        assert reminders.remind_of_ends() == 0
        self.note_change()

    @precondition(lambda self: self.reference.reviews)
    @rule(escalates=st.booleans())
    def watch_reviews(self, escalates):
        if escalates:
            assert access_review_deadlines.escalate() == self.reference.escalate()
        else:
            assert access_review_deadlines.remind() == self.reference.remind_of_reviews()
        self.note_change()
