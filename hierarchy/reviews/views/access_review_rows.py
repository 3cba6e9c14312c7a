"""Rows of an access review's page: what it shows of each, and what its viewer can answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import User
from hierarchy import access
from hierarchy.models import AccessReview, AccessReviewRow, Membership, word_for
from hierarchy.reviews.actions import access_reviews
from hierarchy.roles import CHANGE_MEMBER, REMOVE_MEMBER

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class ReviewRow:
    """Row beside what is true now; `membership` is None if it has ended or is in the trash."""

    row: AccessReviewRow
    person: User | None
    membership: Membership | None
    is_own: bool
    may_keep_own: bool
    may_answer: bool
    may_remove: bool

    @property
    def has_ended(self) -> bool:
        return self.membership is None or self.membership.has_ended

    @property
    def has_another_role(self) -> bool:
        now = self.membership
        return now is not None and word_for(now.given_role) != self.row.role


def review_rows(user: User, review: AccessReview, found: list[AccessReviewRow]) -> list[ReviewRow]:
    """Return the rows of a page, in three queries at most, however many they are."""
    people = User.objects.filter(is_active=True).in_bulk({row.user_id for row in found})
    standing = Membership.objects.within(review.node).alive()
    memberships = standing.in_bulk({row.membership_id for row in found})
    return [
        _review_row(user, review, row, people.get(row.user_id), memberships.get(row.membership_id))
        for row in found
    ]


def _review_row(
    user: User,
    review: AccessReview,
    row: AccessReviewRow,
    person: User | None,
    membership: Membership | None,
) -> ReviewRow:
    is_own = row.user_id == user.pk
    may_keep_own = may_answer = may_remove = False
    is_waiting = review.is_open and not row.decision and not review.node.suspended_by
    if is_waiting and is_own and membership is not None and may_review(user, review.node):
        may_keep_own = not membership.has_ended and access_reviews.may_keep_own(user, membership)
    if membership is not None and not membership.has_ended and not is_own:
        held = access.grant_map(user).where(membership)
        is_within = is_waiting and membership.permissions <= held and may_review(user, review.node)
        may_answer = is_within and CHANGE_MEMBER[membership.level] in held
        may_remove = is_within and REMOVE_MEMBER[membership.level] in held
    return ReviewRow(row, person, membership, is_own, may_keep_own, may_answer, may_remove)


def may_review(user: User, node: AnyNode) -> bool:
    """Return whether `user` may answer for members of `node` at all."""
    return CHANGE_MEMBER[node.level] in access.held(user, node)
