"""Refused attempts, which the record keeps besides changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import transaction
from django.utils.text import slugify

from hierarchy import audit

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode

SAME_FOR = 60 * 60  # seconds in which the same attempt again leaves no other event
MOST_REFUSALS = 100  # that a person leaves on one organization in that time


@transaction.atomic
def note_refusal(node: AnyNode | None, what: str, *, by: User) -> None:
    """Record that `by`, who sees `node`, tried to change something there and may not.

    `what` is the permission that they lack, by its name, or else what they tried, in words. None
    is for what belongs to no organization. Call it after the refused transaction has ended. Who
    keeps trying doesn't fill the log: see `SAME_FOR` and `MOST_REFUSALS`.
    """
    place = f"{node.level}-{node.pk}" if node else "platform"
    whole = node.organization.pk if node else "platform"
    if not cache.add(f"refusal-{by.pk}-{place}-{slugify(what)}", True, SAME_FOR):
        return
    # Not by `incr`: the database's cache keeps what it counts for five minutes, whatever was asked.
    total = f"refusals-{by.pk}-{whole}"
    noted = cache.get(total, 0)
    if noted >= MOST_REFUSALS:
        return
    cache.set(total, noted + 1, SAME_FOR)
    audit.record(audit.REFUSED, by=by, node=node, target_label=what)
