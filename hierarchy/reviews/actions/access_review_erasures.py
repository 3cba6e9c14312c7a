"""Taking people whose accounts are erased out of the reviews that name them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.former_addresses import recognised_in_the_past
from hierarchy import audit, fates, review_files
from hierarchy.identities import read
from hierarchy.models import AccessReview, AccessReviewRow, Identity, ReviewState
from hierarchy.models.identity import FORMER

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

FILES = ("csv", "jsonl")


def places_of(user: User) -> set[int]:
    """Return the ids of the organizations whose reviews, or events, name `user`."""
    label = str(audit.label_of(user))
    named = Q(user_id=user.pk) | Q(source=label) | Q(decided_by=label)
    reviewed = AccessReviewRow.objects.filter(named).order_by()
    known = Identity.objects.filter(person_id=user.pk).exclude(organization_id=None)
    places = reviewed.values_list("organization_id").union(known.values_list("organization_id"))
    return {place for (place,) in places if place is not None}


def forget(user: User, emails: Collection[str]) -> None:
    """Let reviews name a former member where they named `user`, whose addresses `emails` are.

    What a finished review is evidence of stays, but its files are others by that: the activity
    keeps the checksums of both. To be called before the identities are erased, every organization
    of `places_of` being locked.
    """
    rows = AccessReviewRow.objects.filter(organization_id__in=places_of(user)).order_by()
    changed: set[int] = set()
    for column in ("person", "source", "decided_by"):
        labels = rows.values_list(column, flat=True).distinct()
        theirs = [label for label in labels if _is_label_of(user, emails, label)]
        named = Q(user_id=user.pk) if column == "person" else Q(**{f"{column}__in": theirs})
        found = rows.filter(named)
        changed |= set(found.values_list("review", flat=True))
        found.update(**{column: str(FORMER)})
    _note_other_files(AccessReview.objects.filter(pk__in=changed, state=ReviewState.FINISHED))


@fates.when_account_closes(AccessReviewRow, places=places_of)
def _forget_closed(user: User, _by: User) -> None:
    forget(user, list(user.verified_addresses().values_list("email", flat=True)))


def _is_label_of(user: User, emails: Collection[str], label: str) -> bool:
    """Return whether a label has an address of theirs, also one that they had before."""
    named = read(label)
    if named is None:
        return False
    return named.email in emails or recognised_in_the_past(user, named.email)


def _note_other_files(reviews: QuerySet[AccessReview]) -> None:
    for review in reviews.select_related("organization", "workspace").order_by("pk"):
        changes = {}
        for form in FILES:
            column = f"{form}_sha256"
            before = getattr(review, column)
            after = review_files.checksum(review, form)
            changes[column] = [before, after]
            setattr(review, column, after)
        review.save(update_fields=list(changes))
        audit.record(
            "access_review.redact",
            by=None,
            node=review.node,
            target=review,
            target_label=review.node.name,
            changes=changes,
        )
