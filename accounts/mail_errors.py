"""Answers of mail servers, in words that can be kept and logged.

Servers quote what they refuse: the link of an invitation, or a code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

HIDDEN: Final = "•••"
# As much of a secret as may show: servers cut long lines, and what is left may still give it away.
LONGEST_PART: Final = 5


def in_words(error: Exception, secrets: Iterable[str]) -> str:
    """Return what `error` says, without the words in which anything of `secrets` shows."""
    parts = {part for secret in secrets for part in _parts(secret.casefold())}
    words = f"{type(error).__name__}: {error}".split()
    return " ".join(HIDDEN if _shows(word.casefold(), parts) else word for word in words)


def _shows(word: str, parts: set[str]) -> bool:
    return any(part in word for part in parts)


def _parts(secret: str) -> set[str]:
    """Return each run of `secret` that is just too long to show."""
    length = LONGEST_PART + 1
    return {secret[start : start + length] for start in range(len(secret) - length + 1)}
