"""What the record keeps besides changes: attempts that were refused, files that were taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import models, transaction
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


@transaction.atomic
def note_export(
    action: str,
    node: AnyNode,
    *,
    rows: int,
    form: str,
    by: User,
    target: models.Model | None = None,
    filters: dict[str, Any] | None = None,
) -> None:
    """Record that `by` takes `rows` rows of `node` away as a file, before the first one leaves.

    `action` says of what, `form` is the file's, and `filters` are those that chose the rows.
    """
    told: dict[str, Any] = {"rows": rows, "file": form} | (filters or {})
    changes = {name: [None, value] for name, value in told.items()}
    audit.record(action, by=by, node=node, target=target, target_label=node.name, changes=changes)
