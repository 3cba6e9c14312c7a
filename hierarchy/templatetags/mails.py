"""Filters for what others wrote, in e-mails: as text, on one line, and never as a link."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime

from django import template
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import pgettext

from hierarchy.roles import BUILT_IN, Permission, Role

register = template.Library()

# Invisible. Readers of e-mail make links of what looks like an address; across this they don't.
BREAK = "\u200c"
# Lines, and the joiners that emoji and some scripts are spelled with.
KEPT = "\n\u200c\u200d"
LONGEST_IN_SUBJECT = 60
LINKED_BY = re.compile(r"([.:/@])(?=\S)")


@register.filter
def harmless(name: str) -> str:
    """Return a name on one line, without marks that reorder text, and not taken for a link."""
    return LINKED_BY.sub(rf"\1{BREAK}", " ".join(shown(name).split()))


@register.filter
def in_subject(name: str) -> str:
    """Return a name as `harmless` does, and short enough to leave room for our own words."""
    return Truncator(harmless(name)).chars(LONGEST_IN_SUBJECT)


@register.filter
def shown(text: str) -> str:
    """Return a text without control characters and marks that reorder it; lines stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character for character in lines if _is_shown(character))


def _is_shown(character: str) -> bool:
    return character in KEPT or unicodedata.category(character) not in ("Cc", "Cf")


@register.filter
def quoted(text: str) -> str:
    """Return a text with every line marked as someone else's, as plain mails do."""
    return "\n".join(f"> {line}".rstrip() for line in shown(text).splitlines())


@register.filter
def role_label(role: str) -> str:
    """Return what a role is called: in the reader's language, or by its name if it is custom."""
    return str(Role(role).label).lower() if role in BUILT_IN else harmless(role)


@register.simple_tag
def role_in_words(role: str, description: str) -> str:
    """Return what a role lets a person do, after its name, if anything describes it."""
    words = Role(role).description if role in BUILT_IN else harmless(description)
    return f"{role_label(role).capitalize()}: {words}" if words else role_label(role)


@register.filter
def permission_label(permission: str) -> str:
    """Return what a permission lets a person do, to be read after "may"."""
    return Permission(permission).label


@register.filter
def instant(value: str) -> str:
    """Return an instant in words, in UTC, since nobody knows the reader's zone."""
    utc = datetime.fromisoformat(value)
    with suppress(OverflowError):  # at either end of the calendar, UTC has no such instant
        utc = utc.astimezone(UTC)
    return date_format(utc, pgettext("in a mail", "j F Y, H:i e"))
