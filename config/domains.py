"""One form for a domain name, and how people read it.

Names are kept in ASCII by the rules of 2008 (IDNA 2008, mapped as UTS 46 says), which are those of
registries: by the older ones, `straße.de` would be `strasse.de`, which is someone else's.
"""

from __future__ import annotations

import re
import unicodedata

import idna

LONGEST = 253
NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
# Their letters look like Latin ones: what mixes them in one label pretends to be something else.
LOOK_ALIKES = {"ARMENIAN", "CHEROKEE", "CYRILLIC", "GREEK"}


def to_ascii(name: str) -> str:
    """Return a domain in lower case and in ASCII, without a dot at its end.

    Labels that are ASCII already stay as they are: the package refuses some that browsers send,
    such as `r3---sn.example`. Raises ValueError for what is no domain.
    """
    name = name.lower()
    if not name.isascii():
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        labels = [_label(label) for label in mapped.rstrip(".").split(".")]
        name = ".".join(labels)
    name = name.removesuffix(".")
    if len(name) > LONGEST or not NAME.fullmatch(name):
        raise ValueError
    return name


def readable(name: str) -> str:
    """Return a domain in ASCII as people read it; as it is where that pretends to be another."""
    return ".".join(_readable_label(label) for label in name.split("."))


def sender_in_ascii(sender: str) -> str:
    """Return a sender, such as `Canopy <canopy@bücher.example>`, with its domain in ASCII.

    What has none stays as it is: that is for the mail server to refuse.
    """
    before, at, rest = sender.rpartition("@")
    domain = rest.rstrip("> ")
    try:
        return f"{before}{at}{to_ascii(domain)}{rest[len(domain) :]}"
    except ValueError:
        return sender


def _label(label: str) -> str:
    return label if label.isascii() else idna.alabel(label).decode("ascii")


def _readable_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        shown = idna.ulabel(label)
    except idna.IDNAError:
        return label
    scripts = {unicodedata.name(letter, "").split()[0] for letter in shown if letter.isalpha()}
    return label if len(scripts) > 1 and scripts & LOOK_ALIKES else shown
