"""What is kept of a finished access review: files that are the same at every reading.

So their checksums, noted in the audit log when the review is finished, show whether what somebody
has in hand, or what is stored, has been changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hierarchy.exports import FORMS, Facts

if TYPE_CHECKING:
    from hierarchy.models import AccessReview, AccessReviewRow

CHUNK = 1_000
NEWEST_VERSION = 2
# Of each version, so that what was taken away once stays the same bytes for ever.
_FIRST_COLUMNS = (
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
_COLUMNS: Final = {1: _FIRST_COLUMNS, NEWEST_VERSION: (*_FIRST_COLUMNS, "way_in", "way_in_detail")}


def lines(review: AccessReview, form: str) -> Iterator[str]:
    """Yield the file line by line, as it is read. Its rows can't change any more."""
    rows = review.rows.order_by("id").iterator(CHUNK)
    columns = _COLUMNS[review.evidence_version]
    facts = (_facts(number, row, columns) for number, row in enumerate(rows, start=1))
    return FORMS[form].write(columns, facts)


def checksum(review: AccessReview, form: str) -> str:
    """Return the SHA-256 of the file in hexadecimal digits."""
    digest = hashlib.sha256()
    for line in lines(review, form):
        digest.update(line.encode())
    return digest.hexdigest()


def _facts(number: int, row: AccessReviewRow, columns: tuple[str, ...]) -> Facts:
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
        row.way_in,
        row.way_in_detail,
    )
    return dict(zip(columns, values, strict=False))  # an older version ends earlier


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
