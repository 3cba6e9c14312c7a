"""One canonical form for an e-mail address, so that two spellings are never two people."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from config import domains

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64


def canonical_email(address: str) -> str:
    """Return the one form under which `address` is stored and compared.

    Both sides of the @ are lower-cased, the domain becomes its ASCII form (`config.domains`), and
    a trailing dot goes. Plus tags and dots stay: whether they matter is the mail server's affair.
    Raises ValidationError for what is not an address that can be used.
    """
    text = unicodedata.normalize("NFC", address).strip().lower()
    local, at, domain = text.rpartition("@")
    if at and local.isprintable() and not local.isascii():
        sentence = _("Letters such as “ä” before the @ aren't supported. Use another address.")
        raise ValidationError(sentence, code="invalid")
    try:
        if not at or len(local) > LONGEST_LOCAL_PART or '"' in local:
            raise ValueError
        canonical = f"{local}@{domains.to_ascii(domain)}"
        validate_email(canonical)
        if len(canonical) > LONGEST_ADDRESS:
            raise ValueError
    except (ValueError, ValidationError):  # idna's errors are ValueErrors
        raise ValidationError(_("Enter a valid e-mail address."), code="invalid") from None
    return canonical


def is_as_typed(canonical: str, typed: str) -> bool:
    """Return whether a person who typed that recognizes it: only letters' case may differ."""
    return typed.strip().lower().removesuffix(".") == canonical


def in_full(canonical: str) -> str:
    """Return an address with its domain as people read it, where that is written otherwise."""
    domain = canonical.rpartition("@")[2]
    shown = domains.readable(domain)
    return canonical if shown == domain else f"{canonical} ({shown})"


def searched(text: str) -> str:
    """Return the beginning of addresses, or a part, that someone searches for by `text`."""
    text = text.strip().lower()
    local, at, domain = text.rpartition("@")
    try:
        return text if domain.isascii() else f"{local}{at}{domains.to_ascii(domain)}"
    except ValueError:
        return text


def canonical_domain(domain: str) -> str:
    """Return a domain as canonical addresses have it; raise ValidationError for anything else."""
    return canonical_email(f"x@{domain}").rpartition("@")[2]


def canonical_domains(text: str) -> str:
    """Return domains of addresses, one a line, each once and in the form that addresses have.

    They may be separated by anything that isn't part of a domain. Raises ValidationError naming the
    first that isn't one.
    """
    written = dict.fromkeys(text.replace(",", " ").replace(";", " ").replace("@", " ").split())
    canonical = []
    for domain in written:
        try:
            canonical.append(canonical_domain(domain))
        except ValidationError:
            sentence = _("“%(domain)s” isn't a valid domain.")
            raise ValidationError(sentence, params={"domain": domain}) from None
    return "\n".join(dict.fromkeys(canonical))


def domains_are_sound(text: str) -> None:
    """Raise ValidationError unless `text` is what `canonical_domains` returns."""
    if canonical_domains(text) != text:
        raise ValidationError(_("Enter one domain per line, such as example.com."))
