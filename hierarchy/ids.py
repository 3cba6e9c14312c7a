"""Ids and versions as they come in addresses and forms, where anybody can write anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

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


def version_of(values: Mapping[str, Any]) -> str:
    """Return what travels with a form or a confirmation: another one when `values` are others."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
