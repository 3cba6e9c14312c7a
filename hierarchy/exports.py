"""Rows as files to take away: CSV as RFC 4180 wants it, harmless to spreadsheets; JSON Lines.

The one place that writes CSV, but for the evidence of reviews from before, whose bytes stay.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from config.visible_text import BLANKS

Facts: TypeAlias = Mapping[str, object]

BYTE_ORDER_MARK: Final = "\ufeff"  # without it Excel reads accents as something else
# With one of these a formula begins; their full-width, small and raised forms become these by NFKC.
FORMULA_SIGNS: Final = frozenset("=+-@\u2212")
# Where a spreadsheet set to another separator, or one that ignores quotes, begins another cell.
CELL_STARTS: Final = re.compile(r"([;\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029])")


@dataclass(frozen=True)
class Format:
    """One kind of file. `write` gets the names of the columns, and the facts of each row."""

    label: str
    content_type: str
    write: Callable[[Iterable[str], Iterable[Facts]], Iterator[str]]


class _Line:
    """File for `csv` to write to, which hands back the line that it was given."""

    def write(self, line: str) -> str:
        return line


def _csv(columns: Iterable[str], rows: Iterable[Facts]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row.values()])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):  # a number isn't text that someone wrote
        return str(value)
    if isinstance(value, dict | list):
        return json.dumps(_harmless_texts(value), ensure_ascii=False)
    return harmless(str(value))


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet, of whatever locale, takes a part of it for a formula.

    An apostrophe goes before what would begin one: at the beginning, and wherever a spreadsheet
    with another separator would begin a cell. Blanks, quotes and what can't be seen don't hide it.
    """
    parts = CELL_STARTS.split(text)
    return "".join(f"'{part}" if _begins_formula(part) else part for part in parts)


def as_written(cell: str) -> str:
    """Return what a cell of a file of ours said before it was made harmless."""
    parts = CELL_STARTS.split(cell)
    return "".join(part[1:] if _is_marked(part) else part for part in parts)


def _is_marked(part: str) -> bool:
    return part.startswith("'") and _begins_formula(part[1:])


def _begins_formula(text: str) -> bool:
    seen = next((each for each in text if not _is_skipped(each)), "")
    return unicodedata.normalize("NFKC", seen)[:1] in FORMULA_SIGNS if seen else False


def _is_skipped(character: str) -> bool:
    """Return whether a spreadsheet, or a reader, looks past a character to what follows it."""
    is_seen = unicodedata.category(character)[0] in "LNPS" and character not in BLANKS
    return character == '"' or not is_seen


def _harmless_texts(value: object) -> object:
    """Return a value of JSON with all of its texts harmless: it stays JSON, and says the same."""
    if isinstance(value, dict):
        return {name: _harmless_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_harmless_texts(each) for each in value]
    return harmless(value) if isinstance(value, str) else value


def _json_lines(_columns: Iterable[str], rows: Iterable[Facts]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


FORMATS: Final[dict[str, Format]] = {
    "csv": Format("CSV", "text/csv; charset=utf-8; header=present", _csv),
    "jsonl": Format("JSON Lines", "application/jsonl; charset=utf-8", _json_lines),
}
