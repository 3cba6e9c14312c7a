"""Ids and versions as they come in addresses and forms, where anyone can write anything."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_DIGITS = 18  # what the database's ids have room for, and Python reads at once


def read_id(text: str) -> int | None:
    """Return the id that `text` says; None where it can't be one."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def read_versions(texts: Iterable[str]) -> dict[int, str]:
    """Return, by each id among `texts`, the version that follows after a colon.

    It says what the page showed of the selected row. It is "" where it is missing, or where a row
    is named twice and nobody can say which of the two was meant.
    """
    versions: dict[int, str] = {}
    for text in texts:
        number, _colon, version = text.partition(":")
        pk = read_id(number)
        if pk is not None:
            versions[pk] = "" if pk in versions else version
    return versions
