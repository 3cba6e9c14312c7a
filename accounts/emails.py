"""One canonical form for an e-mail address, so that two spellings are never two people."""

from __future__ import annotations

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64


def canonical_email(address: str) -> str:
    """Return the one form under which `address` is stored and compared.

    Both sides of the @ are lower-cased, the domain becomes its ASCII form (RFC 5891), and a
    trailing dot goes. Plus tags and dots stay: whether they matter is the mail server's affair.
    Raises ValidationError for what is not an address that can be used.
    """
    text = unicodedata.normalize("NFC", address).strip().lower()
    local, at, domain = text.rpartition("@")
    try:
        if not at or not local.isascii() or len(local) > LONGEST_LOCAL_PART or '"' in local:
            raise ValueError
        if domain.startswith("["):
            raise ValueError
        canonical = f"{local}@{idna.encode(domain.rstrip('.'), uts46=True).decode('ascii')}"
        validate_email(canonical)
        if len(canonical) > LONGEST_ADDRESS:
            raise ValueError
    except (ValueError, ValidationError):  # idna's errors are ValueErrors
        raise ValidationError(_("Enter a valid e-mail address."), code="invalid") from None
    return canonical


def canonical_domains(text: str) -> str:
    """Return domains of addresses, one a line, each once and in the form that addresses have.

    They may be parted by anything that is not part of a domain. Raises ValidationError naming the
    first that is none.
    """
    domains = dict.fromkeys(text.replace(",", " ").replace(";", " ").replace("@", " ").split())
    canonical = []
    for domain in domains:
        try:
            canonical.append(canonical_email(f"x@{domain}").rpartition("@")[2])
        except ValidationError:
            sentence = _("“%(domain)s” is not a domain.")
            raise ValidationError(sentence, params={"domain": domain}) from None
    return "\n".join(dict.fromkeys(canonical))


def domains_are_sound(text: str) -> None:
    """Raise ValidationError unless `text` is what `canonical_domains` returns."""
    if canonical_domains(text) != text:
        raise ValidationError(_("Write one domain a line, such as example.com."))
