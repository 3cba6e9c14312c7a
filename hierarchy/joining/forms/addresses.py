"""Reading addresses out of what people paste and upload: (address, word for a role or "")."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from hierarchy.console.forms.roles import value_of
from hierarchy.exports import BYTE_ORDER_MARK, as_written
from hierarchy.models import AnyRole
from hierarchy.models.invitation import Offer
from hierarchy.names import likeness

SEPARATORS = re.compile(r"[,;\t\n\r]+")
# "Name <address>", as mail programs copy it.
NAMED = re.compile(r"^[^<>]*<([^<>]+)>$")
# Of columns: what spreadsheets write, in some countries or others.
DELIMITERS = ",;\t"
LONGEST_QUOTE = 60
EMAIL_HEADERS = {"email", "e-mail", "mail", "address"}
ROLE_HEADER = "role"


def read(text: str) -> list[tuple[str, str]]:
    """Return the offers in a text: a word with an @ is an address, what follows it its role."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        fresh = True
        for part in filter(None, (part.strip(" \"'") for part in SEPARATORS.split(line))):
            named = NAMED.match(part)
            if "@" in part or fresh:
                found.append((named[1].strip() if named else part, ""))
                fresh = False
            elif found[-1][1] == "":
                found[-1] = (found[-1][0], part)
    return found


def read_file(text: str) -> list[tuple[str, str]]:
    """Return the offers in a file: in its named columns, or else as `read` finds it.

    What our own files have put before cells to keep spreadsheets from harm is taken off again.
    Raises ValidationError when the first line names columns, but none of addresses.
    """
    lines = [line for line in text.splitlines() if line.strip(DELIMITERS + " ")]
    if not lines:
        return []
    delimiter = next((each for each in DELIMITERS if each in lines[0]), DELIMITERS[0])
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return read(text)
    header = [cell.strip(f" {BYTE_ORDER_MARK}").casefold() for cell in rows[0]]
    email = next((place for place, name in enumerate(header) if name in EMAIL_HEADERS), None)
    if email is None:
        if "@" not in lines[0] and any("@" in line for line in lines[1:]):
            sentence = _("The file has no column named “email”. Its first line is “%(line)s”.")
            raise ValidationError(sentence % {"line": Truncator(lines[0]).chars(LONGEST_QUOTE)})
        return read(text)
    role = header.index(ROLE_HEADER) if ROLE_HEADER in header else None
    return [(_cell(row, email), _cell(row, role)) for row in rows[1:]]


def named(word: str, roles: Iterable[AnyRole]) -> list[AnyRole]:
    """Return the roles that a word may mean: the one whose value it is, or those called so.

    A value comes first: what `write` has written means the same role, whatever others are called.
    """
    word = likeness(word)
    roles = list(roles)
    by_value = [role for role in roles if value_of(role) == word]
    return by_value or [role for role in roles if likeness(str(role.label)) == word]


def write(offers: Iterable[Offer]) -> str:
    """Return a text that `read` reads as the same again."""
    return "\n".join(f"{offer.email}, {value_of(offer.role)}" for offer in offers if offer.role)


def _cell(row: list[str], place: int | None) -> str:
    return as_written(row[place].strip()) if place is not None and place < len(row) else ""
