"""Deadlines of access reviews: people are told shortly before, and when it has passed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.batches import one_by_one
from hierarchy import audit, explanations
from hierarchy.models import AccessReview, ReviewState
from hierarchy.refusals import Refused
from hierarchy.reviews.actions.access_reviews import lock_open, mail, reviewers
from hierarchy.roles import DELETE

if TYPE_CHECKING:
    from hierarchy.models.path import PathQuerySet

DAYS_BEFORE = timedelta(days=3)
MOST_OWNERS = 50


def remind() -> int:
    """Remind those who can answer that a review is due soon; once each. Return how many were."""
    return one_by_one(_due_soon().with_nodes(), _remind)


def escalate() -> int:
    """Tell the owners of what nobody has answered in time; once each. Return how many were."""
    return one_by_one(_late().with_nodes(), _escalate)


def _due_soon() -> PathQuerySet[AccessReview]:
    now = timezone.now()
    rows = AccessReview.objects.filter(state=ReviewState.OPEN, reminded_at=None)
    rows = rows.filter(due_at__gt=now, due_at__lte=now + DAYS_BEFORE)
    # Of one that is shorter than this, the first mail is reminder enough.
    return rows.filter(due_at__gt=F("created_at") + DAYS_BEFORE + timedelta(days=1))


def _late() -> PathQuerySet[AccessReview]:
    rows = AccessReview.objects.filter(state=ReviewState.OPEN, escalated_at=None)
    return rows.filter(due_at__lte=timezone.now())


@transaction.atomic
def _remind(review: AccessReview) -> bool:
    try:
        review = lock_open(review)
    except Refused:  # ended, suspended or deleted since
        return False
    waiting = review.count_unanswered()
    if review.reminded_at or not waiting:
        return False
    review.reminded_at = timezone.now()
    review.save(update_fields=["reminded_at"])
    mail("access_review_reminder", review, reviewers(review.node), waiting=waiting)
    return True


@transaction.atomic
def _escalate(review: AccessReview) -> bool:
    try:
        review = lock_open(review)
    except Refused:
        return False
    waiting = review.count_unanswered()
    if review.escalated_at or not waiting:
        return False
    review.escalated_at = timezone.now()
    review.save(update_fields=["escalated_at"])
    node = review.node
    changes = {"unanswered": [None, waiting]}
    audit.record(
        "access_review.escalate",
        by=None,
        node=node,
        target=review,
        target_label=node.name,
        changes=changes,
    )
    # A person who may delete it and change its members is an owner, or holds as much.
    owners = explanations.grantors(DELETE[node.level], node, most=MOST_OWNERS)
    mail("access_review_overdue", review, owners, waiting=waiting)
    return True
