"""Former addresses of accounts, kept so that they can be recognised but not read.

A person who changes the address takes their past along: what keeps them out who could come in by
an address counts those that they have given up.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed
from django.dispatch import receiver

from accounts.models import User
from accounts.sealing import fingerprints


@receiver(email_changed)
def remember(user: User, from_email_address: EmailAddress | None, **_kwargs: object) -> None:
    """Note the address that is given up, and its domain."""
    if from_email_address is None or not from_email_address.verified:
        return
    email = from_email_address.email
    marks = {fingerprints(text)[0] for text in (email, _domain_of(email))}
    user.former_address_hashes = sorted(marks.union(user.former_address_hashes))
    user.save(update_fields=["former_address_hashes"])


def recognised_by(user: User) -> list[str]:
    """Return the fingerprints of the addresses that `user` has verified: see `fingerprints`."""
    return [one for address in user.verified_addresses() for one in fingerprints(address.email)]


def had_address_at(user: User, domain: str) -> bool:
    """Return whether one of the addresses that `user` had before is of `domain` itself."""
    return not set(fingerprints(f"@{domain}")).isdisjoint(user.former_address_hashes)


def recognised_in_the_past(user: User, email: str) -> bool:
    """Return whether `user` has had the address before."""
    return not set(fingerprints(email)).isdisjoint(user.former_address_hashes)


def _domain_of(email: str) -> str:
    return "@" + email.rpartition("@")[2]
