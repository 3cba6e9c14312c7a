"""Ids as they come in addresses and forms, where anybody can write anything."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_DIGITS = 18  # what the database's ids have room for, and Python reads at once


def read_id(text: str) -> int | None:
    """Return the id that `text` says; None where it can't be one."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def read_ids(texts: Iterable[str]) -> set[int]:
    """Return the ids among `texts`."""
    return {found for found in map(read_id, texts) if found is not None}
