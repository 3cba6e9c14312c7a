"""Rows as files to take away: CSV as RFC 4180 wants it, harmless to spreadsheets; JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Facts: TypeAlias = Mapping[str, Any]

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Form:
    """One kind of file. `write` gets the names of the columns, and the facts of each row."""

    label: str
    content_type: str
    write: Callable[[Iterable[str], Iterable[Facts]], Iterator[str]]


class _Line:
    """What `csv` writes to: hands back the line that it was given."""

    def write(self, line: str) -> str:
        return line


def _csv(columns: Iterable[str], rows: Iterable[Facts]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row.values()])


def _cell(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value or "")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _json_lines(_columns: Iterable[str], rows: Iterable[Facts]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


FORMS: Final[dict[str, Form]] = {
    "csv": Form("CSV", "text/csv; charset=utf-8; header=present", _csv),
    "jsonl": Form("JSON Lines", "application/jsonl; charset=utf-8", _json_lines),
}
