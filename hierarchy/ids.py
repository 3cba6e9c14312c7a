"""Ids as they come in addresses and forms, where anybody can write anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_MOST_DIGITS = 18  # what the database's ids have room for, and Python reads at once
# The versions of whoever has read nothing: nothing is compared.
UNREAD: Mapping[int, str] = MappingProxyType({})


def read_id(text: str) -> int | None:
    """Return the id that `text` says; None where it can't be one."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def read_versions(texts: Iterable[str]) -> dict[int, str]:
    """Return, by each id among `texts`, the version that stands after a colon, or "".

    It says what the page has shown of the row that is ticked.
    """
    halves = (text.partition(":") for text in texts)
    return {pk: version for text, _colon, version in halves if (pk := read_id(text)) is not None}
