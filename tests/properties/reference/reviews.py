"""Access reviews in miniature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.hierarchy.test_roles import REACHES
from tests.properties.reference.members import Members

REMINDED = timedelta(days=3)  # before


@dataclass
class Review:
    node: str
    due: datetime
    answers: dict[int, str]  # by membership: "" while nobody has answered
    since: datetime
    state: str = "open"
    is_escalated: bool = False
    is_reminded: bool = False


class Reviews(Members):
    def __init__(self, now):
        super().__init__(now)
        self.reviews: dict[int, Review] = {}

    def forget(self, gone):
        for name in gone:
            if self.path(name)[0] not in gone:
                self.leave_reviews(name, self.path(name)[0])
        self.reviews = {pk: r for pk, r in self.reviews.items() if r.node not in gone}
        super().forget(gone)

    def may_start_review(self, by, name):
        if name not in self.nodes or not self.is_open(name):
            return False
        level = self.nodes[name].level
        rights = self.rights(by, name)
        needed = {f"change_{reached}_member" for reached in REACHES[level]}
        is_new = not any((r.node, r.state) == (name, "open") for r in self.reviews.values())
        is_fit = level != "application" and is_new
        return is_fit and needed <= rights and bool(self.members_in_force(name))

    def members_in_force(self, name):
        return {
            pk
            for pk, m in self.members.items()
            if name in self.path(m.node)
            and self.exists(m.node)
            and m.is_active
            and not m.has_ended
            and m.user not in self.inactive
        }

    def waiting(self, pk):
        """Return the memberships that nobody has answered for, and that there are now."""
        review = self.reviews[pk]
        members = {
            k: self.members[k]
            for k, answer in review.answers.items()
            if not answer and k in self.members
        }
        inside = {k for k, m in members.items() if review.node in self.path(m.node)}
        return {k for k in inside if self.exists(members[k].node) and not members[k].has_ended}

    def may_run_review(self, by, pk):
        review = self.reviews.get(pk)
        if review is None or review.state != "open" or not self.is_open(review.node):
            return False
        return self.may(by, "change_*_member", review.node)

    def may_keep(self, by, pk, membership):
        """Who keeps a membership could have changed it."""
        if not self.may_run_review(by, pk) or membership not in self.waiting(pk):
            return False
        member = self.members[membership]
        is_somebody_elses = member.user != by or self.is_last_owner(member)
        return is_somebody_elses and self._may_each(by, [member], "change")

    def may_change_in_review(self, by, pk, membership, role):
        if not self.may_run_review(by, pk) or membership not in self.waiting(pk):
            return False
        is_new = role != self.members[membership].role
        return is_new and self.may_change_role(by, membership, role)

    def may_remove_in_review(self, by, pk, membership):
        may_answer = self.may_run_review(by, pk) and membership in self.waiting(pk)
        return may_answer and self.may_remove(by, membership)

    def finish_review(self, pk):
        review = self.reviews[pk]
        waiting = self.waiting(pk)
        review.state = "finished"
        for membership, answer in review.answers.items():
            if not answer and membership not in waiting:
                review.answers[membership] = "gone"

    def leave_reviews(self, name, home):
        """Hang the reviews of what leaves on the organization; an open one is cancelled."""
        for review in self.reviews.values():
            if review.node == name:
                review.node = home
                review.state = "cancelled" if review.state == "open" else review.state

    def remind_of_reviews(self):
        """Remind of what is due soon, and was not to be so soon; return how often that was."""
        due = [
            review
            for pk, review in self.reviews.items()
            if review.state == "open"
            and review.due - REMINDED <= self.now
            and review.due > review.since + REMINDED + timedelta(days=1)
            and not review.is_reminded
            and self.is_open(review.node)
            and self.waiting(pk)
        ]
        for review in due:
            review.is_reminded = True
        return len(due)

    def escalate(self):
        """Tell owners of what is late; return how often that has happened."""
        late = [
            review
            for pk, review in self.reviews.items()
            if review.state == "open"
            and review.due <= self.now
            and not review.is_escalated
            and self.is_open(review.node)
            and self.waiting(pk)
        ]
        for review in late:
            review.is_escalated = True
        self.events += len(late)
        return len(late)
