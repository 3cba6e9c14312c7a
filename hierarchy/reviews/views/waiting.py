"""Lists of what waits for a person in this room, for the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hierarchy.console import paging
from hierarchy.console.views.waiting import FEW
from hierarchy.reviews.actions import access_reviews

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from hierarchy.console.views.pages import Request
    from hierarchy.models import AccessReview


def reviews(request: Request) -> dict[str, object]:
    """Return the reviews that wait for the person, and by how many rows, also in words.

    With them goes the address of the reviews that follow, or "".
    """
    rows = access_reviews.open_for(request.user)
    most = access_reviews.COUNT_NO_FURTHER
    page = paging.page(request, rows, by=("due_at", "id"), size=FEW, parameter="reviews")
    counted = [
        (review, review.waiting, paging.in_words(review.waiting, most))  # type: ignore[attr-defined]
        for review in page.rows
    ]
    return {"reviews": counted, "more_reviews": page.next_url} if counted else {}


def maybe_reviews(user: User) -> QuerySet[AccessReview]:
    """Return the open reviews of nodes whose members the person may change, with rows or not."""
    return access_reviews.open_near(user)
