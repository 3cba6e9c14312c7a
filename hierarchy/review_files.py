"""Evidence of a finished access review: files that are the same at every reading.

So their checksums, noted in the audit log when the review is finished, show whether what someone
has in hand, or what is stored, has been changed since.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hierarchy.exports import FORMATS, Facts

if TYPE_CHECKING:
    from hierarchy.models import AccessReview, AccessReviewRow

CHUNK = 1_000
NEWEST_VERSION = 3
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
_COLUMNS_NOW = (*_FIRST_COLUMNS, "way_in", "way_in_detail")
_COLUMNS: Final = {1: _FIRST_COLUMNS, 2: _COLUMNS_NOW, NEWEST_VERSION: _COLUMNS_NOW}
# The last version whose CSV has no byte order mark, and formulas in the middle of a cell.
_LAST_PLAIN_CSV = 2


def lines(review: AccessReview, form: str) -> Iterator[str]:
    """Yield the file line by line, as it is read. Its rows can no longer change."""
    rows = review.rows.order_by("id").iterator(CHUNK)
    columns = _COLUMNS[review.evidence_version]
    facts = (_facts(number, row, columns) for number, row in enumerate(rows, start=1))
    if form == "csv" and review.evidence_version <= _LAST_PLAIN_CSV:
        return _first_csv(columns, facts)
    return FORMATS[form].write(columns, facts)


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


def _first_csv(columns: Iterable[str], rows: Iterable[Facts]) -> Iterator[str]:
    """Write CSV as it was first: what was taken away then keeps its checksum."""
    starts = ("=", "+", "-", "@", "\t", "\r", "\n")
    texts = ([str(value or "") for value in row.values()] for row in rows)
    cells = ([f"'{text}" if text.startswith(starts) else text for text in row] for row in texts)
    yield _line(columns)
    for row in cells:
        yield _line(row)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
