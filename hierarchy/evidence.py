"""What is kept of a finished access review: files that are the same at every reading.

So their checksums, noted in the audit log when the review is finished, show whether what somebody
has in hand, or what is stored, has been changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from hierarchy.exports import FORMS, Facts

if TYPE_CHECKING:
    from hierarchy.models import AccessReview, AccessReviewRow

CHUNK = 1_000
COLUMNS = (
    "number",
    "person_id",
    "person",
    "where",
    "role",
    "source",
    "since",
    "last_active_at",
    "answer",
    "role_after",
    "answered_by",
    "answered_at",
    "note",
)


def lines(review: AccessReview, form: str) -> Iterator[str]:
    """Yield the file line by line, as it is read. Its rows can't change any more."""
    rows = review.rows.order_by("id").iterator(CHUNK)
    facts = (_facts(number, row) for number, row in enumerate(rows, start=1))
    return FORMS[form].write(COLUMNS, facts)


def checksum(review: AccessReview, form: str) -> str:
    """Return the SHA-256 of the file in hexadecimal digits."""
    digest = hashlib.sha256()
    for line in lines(review, form):
        digest.update(line.encode())
    return digest.hexdigest()


def _facts(number: int, row: AccessReviewRow) -> Facts:
    """Return a row as files carry it: stable names, words of no language, instants in UTC."""
    values = (
        number,
        row.user_id,
        row.person,
        row.place,
        row.role,
        row.source,
        _instant(row.since),
        _instant(row.last_active_at),
        row.decision,
        row.role_after,
        row.decided_by,
        _instant(row.decided_at),
        row.note,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
