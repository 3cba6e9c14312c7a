"""Rules for names and slugs, and a slug proposed from a name."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.visible_text import clean_line, number_seen

SHORTEST_NAME = 2
LONGEST_NAME = 60
SHORTEST_SLUG = 2
LONGEST_SLUG = 60
# What joins characters or chooses how they are drawn, and isn't seen itself.
_UNSEEN = dict.fromkeys([0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
# Cyrillic and Greek letters, and a digit, that look like Latin letters of the same case.
_LOOKALIKES = str.maketrans(
    "АВЕНІЈКМОРЅТХУѴԜасеһіјорԛѕѵԝхуΑΒΕΗΙΚΜΝΟΡΤΧΥΖαιονρυχ0",  # noqa: RUF001
    "ABEHIJKMOPSTXYVWacehijopqsvwxyABEHIKMNOPTXYZaiovpuxo",
)

SLUG_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# Words that stand, or may stand one day, beside slugs in an address, or that pretend authority.
RESERVED_SLUGS = frozenset(
    """
    about access account accounts activity admin administrator api app application
    applications apps archive assets auth billing blog canopy compare console contact
    dashboard delete dev docs edit favicon health healthz help home internal invitation
    invitations invite keys legal livez login logout mail me media members metrics new null
    o official organization organizations origins owner password ping pricing privacy
    promote public readyz robots roles root search security self settings setup signin
    signout signup simulator sitemap staff static status suspend support system terms test
    transfer trash undefined user users w webhooks well-known workspace workspaces www
    """.split()  # noqa: SIM905 - a hundred lines of quoted words are no easier to read
)


def clean_name(text: str) -> str:
    """Return `text` in the one form that is stored: NFC, without outer or repeated white space.

    Raises ValidationError when it isn't 2 to 60 characters long, or when something in it can't be
    seen; see `clean_line`.
    """
    name = clean_line(text)
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise ValidationError(
            _("Enter %(low)d to %(high)d characters."),
            code="length",
            params={"low": SHORTEST_NAME, "high": LONGEST_NAME},
        )
    if number_seen(name) < SHORTEST_NAME:
        raise ValidationError(_("Enter at least two visible characters."), code="invisible")
    return name


def likeness(name: str) -> str:
    """Return what is the same for names that a reader takes for the same.

    Case and width aside, and what is in them without being seen.
    """
    seen = unicodedata.normalize("NFKC", name).translate(_UNSEEN)
    return unicodedata.normalize("NFKC", seen.casefold())


def likenesses(name: str) -> set[str]:
    """Return the likeness of `name`, and of what it looks like if it is read as Latin letters."""
    return {likeness(name), likeness(name.translate(_LOOKALIKES))}


def clean_slug(text: str) -> str:
    """Return `text` as a slug: lower-case letters, digits and single hyphens.

    Raises ValidationError for anything else and for reserved words.
    """
    slug = text.strip().lower()
    if not slug.isascii() or not SLUG_PATTERN.fullmatch(slug):
        raise ValidationError(
            _("Use lowercase letters and digits, with single hyphens between them."), code="slug"
        )
    if not SHORTEST_SLUG <= len(slug) <= LONGEST_SLUG:
        raise ValidationError(
            _("Use %(low)d to %(high)d characters."),
            code="length",
            params={"low": SHORTEST_SLUG, "high": LONGEST_SLUG},
        )
    if slug in RESERVED_SLUGS:
        raise ValidationError(
            _("“%(slug)s” is reserved. Choose another one."), params={"slug": slug}
        )
    return slug


def can_be_slug(text: str) -> bool:
    """Return whether `text` has the form that slugs are stored in, whether or not one is free."""
    return len(text) <= LONGEST_SLUG and bool(SLUG_PATTERN.fullmatch(text))


def propose_slug(name: str) -> str:
    """Return the slug that `name` suggests, or "" when nothing of it can be written in a slug."""
    ascii_text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:LONGEST_SLUG].strip("-")
    if slug in RESERVED_SLUGS or len(slug) == 1:
        return f"{slug}-1"
    return slug
