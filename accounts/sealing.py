"""Text that only this installation can read, or recognise.

A copy of the database or a log says nothing.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

PURPOSE = "accounts.sealing"
RECOGNISING = "accounts.sealing.fingerprints"
UNREADABLE = (
    "It was sealed with a SECRET_KEY that is no longer configured. Add that key to"
    " SECRET_KEY_FALLBACKS, restart, and try again."
)


def seal(text: str) -> str:
    """Return `text` encrypted with a key that comes of SECRET_KEY."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed with SECRET_KEY or one of SECRET_KEY_FALLBACKS.

    Raises cryptography.fernet.InvalidToken for anything else.
    """
    return _cipher().decrypt(sealed).decode()


def fingerprints(text: str) -> list[str]:
    """Return hashes by which `text` can be recognised, and not be read or guessed without the key.

    The first, which is the one to store, is made with SECRET_KEY; the others, which are to be
    looked for as well, with SECRET_KEY_FALLBACKS.
    """
    return [
        salted_hmac(RECOGNISING, text, secret=key, algorithm="sha256").hexdigest()
        for key in _secret_keys()
    ]


def _secret_keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _cipher() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in _secret_keys()])


def _fernet(secret_key: str) -> Fernet:
    digest = salted_hmac(PURPOSE, "", secret=secret_key, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(digest))
