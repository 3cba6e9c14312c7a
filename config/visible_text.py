"""Rules for text that other people read: only visible characters, in their place.

A character that can't be seen, or that turns the text around it, lets one name pass for another
and one sentence say something else than what is stored.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Code points a reader would see as nothing, or that turn the text around them.
INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Joins the parts of one emoji or one ligature: fine between visible characters, never alone.
ZERO_WIDTH_JOINERS: Final = frozenset("\u200c\u200d")
MOST_COMBINING_MARKS = 3
# What Unicode counts as letters, marks or symbols, and a reader sees as nothing all the same.
BLANKS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)


def clean_line(text: str) -> str:
    """Return `text` in the one form that is stored: NFC, without outer or repeated white space.

    Raises ValidationError when a character in it is invisible, changes the direction of text, or
    is buried under combining marks, or when nothing in it can be seen. An empty text is one.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    refuse_hidden(line)
    if line and not number_seen(line):
        raise ValidationError(_("Enter at least one visible character."), code="invisible")
    return line


def clean_lines(text: str) -> str:
    """Do as `clean_line` for a text of several lines: these stay, and the blanks within them."""
    lines = unicodedata.normalize("NFC", text).replace("\t", " ").strip().splitlines()
    for line in lines:
        refuse_hidden(line)
    if lines and not number_seen(text):
        raise ValidationError(_("Enter at least one visible character."), code="invisible")
    return "\n".join(line.rstrip() for line in lines)


def refuse_hidden(text: str) -> None:
    """Raise ValidationError when something in `text` can't be seen, or not where it stands."""
    if any(is_invisible(each) for each in text) or not _marks_are_bearable(text):
        raise ValidationError(
            _("Remove invisible characters, direction marks and stacked accents."),
            code="invisible",
        )


def number_seen(text: str) -> int:
    """Return how many letters, digits and symbols there are in `text`."""
    return sum(unicodedata.category(each)[0] in "LNSP" for each in text)


def without_hidden(text: str) -> str:
    """Return what is left of `text` without whatever `clean_line` refuses: "" perhaps."""
    kept = []
    marks = 0
    for each in unicodedata.normalize("NFD", " ".join(text.split())):
        marks = marks + 1 if unicodedata.combining(each) else 0
        if not is_invisible(each) and marks <= MOST_COMBINING_MARKS:
            kept.append(each)
    line = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
    return line if number_seen(line) else ""


def is_invisible(character: str) -> bool:
    """Return whether a reader sees nothing of a character, by itself or between others."""
    if character in ZERO_WIDTH_JOINERS:
        return False
    return character in BLANKS or unicodedata.category(character) in INVISIBLE_CATEGORIES


def _marks_are_bearable(text: str) -> bool:
    run = 0
    for character in unicodedata.normalize("NFD", text):
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MOST_COMBINING_MARKS:
            return False
    return True
