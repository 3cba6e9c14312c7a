"""Steps of those who review who has access."""

from datetime import timedelta
from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy.models import AccessReview, AccessReviewRow
from tests.properties.machine.base import ACTORS, Machine, after_change, choice, role
from tests.properties.reference.reviews import Review
from tests.support.acting import access_reviews


class Reviews(Machine):
    @rule(choice=choice, days=st.sampled_from([2, 10]))
    def start_review(self, choice, days):
        places = [name for name, node in self.real.items() if node.level != "application"]
        due = self.reference.now + timedelta(days=days)
        done = self.take(
            choice,
            product(ACTORS, places),
            self.reference.may_start_review,
            lambda user, name: access_reviews.start(self.real[name], due_at=due, by=user),
        )
        if done:
            _by, name, row = done
            waiting = dict.fromkeys(self.reference.members_in_force(name), "")
            self.reference.reviews[row.pk] = Review(name, due, waiting, self.reference.now)

    def _answer(self, choice, is_allowed, action, *more):
        """Return who has answered, of which review, and for which membership."""
        rows = [(pk, member) for pk, r in self.reference.reviews.items() for member in r.answers]
        done = self.take(
            choice,
            ((by, *row, *more) for by, row in product(ACTORS, rows)),
            is_allowed,
            lambda user, pk, member, *_more: action(self._row(pk, member), user) or True,
        )
        return done[:3] if done else None

    def _row(self, pk, membership):
        row = AccessReviewRow.objects.get(review=pk, membership_id=membership)
        row.review = self._review(pk)
        return row

    def _review(self, pk):
        """Return the review as a request of this moment loads it: its place may have moved."""
        return AccessReview.objects.with_nodes().get(pk=pk)

    @precondition(lambda self: self.reference.reviews)
    @rule(choice=choice)
    def keep(self, choice):
        done = self._answer(
            choice,
            self.reference.may_keep,
            lambda row, user: access_reviews.keep(row.review, [row], by=user),
        )
        if done:
            _by, pk, membership = done
            self.reference.reviews[pk].answers[membership] = "keep"

    @precondition(lambda self: self.reference.reviews)
    @rule(choice=choice, new=role)
    def change_in_review(self, choice, new):
        done = self._answer(
            choice,
            self.reference.may_change_in_review,
            lambda row, user: access_reviews.change(row, self.real_role(new), by=user),
            new,
        )
        if done:
            by, pk, membership = done
            self.reference.reviews[pk].answers[membership] = "change"
            self.reference.members[membership].role = new
            self.assert_not_raised(by)

    @precondition(lambda self: self.reference.reviews)
    @rule(choice=choice)
    def remove_in_review(self, choice):
        before = {pk: self.reference.waiting(pk) for pk in self.reference.reviews}
        done = self._answer(
            choice,
            self.reference.may_remove_in_review,
            lambda row, user: access_reviews.remove(row, by=user),
        )
        if done:
            by, pk, membership = done
            self._end(membership, is_blocked=self.reference.could_return(membership))
            for ended in before[pk] - self.reference.waiting(pk):
                self.reference.reviews[pk].answers[ended] = "remove"
            self.assert_not_raised(by)

    def _close(self, choice, action):
        done = self.take(
            choice,
            product(ACTORS, self.reference.reviews),
            self.reference.may_run_review,
            lambda user, pk: action(self._review(pk), by=user),
        )
        return done[1] if done else None

    @precondition(lambda self: self.reference.reviews)
    @rule(choice=choice)
    def finish_review(self, choice):
        pk = self._close(choice, access_reviews.finish)
        if pk:
            self.reference.finish_review(pk)

    @precondition(lambda self: self.reference.reviews)
    @rule(choice=choice)
    def cancel_review(self, choice):
        pk = self._close(choice, access_reviews.cancel)
        if pk:
            self.reference.reviews[pk].state = "cancelled"

    @after_change
    def store_reviews_as_the_reference(self):
        assert set(AccessReview.objects.values_list("pk", "state")) == {
            (pk, review.state) for pk, review in self.reference.reviews.items()
        }
        rows = AccessReviewRow.objects.values_list("review", "membership_id", "decision")
        assert set(rows) == {
            (pk, membership, answer)
            for pk, review in self.reference.reviews.items()
            for membership, answer in review.answers.items()
        }
        for review in AccessReview.objects.filter(state="open", organization__deleted_at=None):
            waiting = set(review.unanswered().values_list("membership_id", flat=True))
            assert waiting == self.reference.waiting(review.pk)
            assert review.count_unanswered() == len(waiting)
            assert review.answered().count() == review.size - len(waiting)
