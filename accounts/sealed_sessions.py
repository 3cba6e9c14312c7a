"""Sessions of which the database tells nothing that opens one: keys as digests, contents sealed.

Django keeps a session under the very text that the browser sends as its cookie, and its contents
signed but readable. A reader of either table that knows of sessions (ours is Django's own, the
other is allauth's list of devices), or a backup, finds neither here.

`docs/decisions/sessions.md` says why it is done by the type of the key.
"""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.sessions import middleware
from django.contrib.sessions.backends import base, db
from django.db.models import Value
from django.http import HttpRequest

from accounts.sealing import seal, unseal

# No key that Django makes begins with it.
MARK = "."
# As much as the column holds beside the mark: 156 bits, about as many as a key has.
LENGTH = 39


def digest_of(key: str) -> str:
    """Return how the tables call the session that opens with `key`."""
    return MARK + sha256(key.encode()).hexdigest()[:LENGTH]


class Key(str):
    """The key of a session: as text what the browser holds, to the database its digest.

    Two keys are equal when their digests are, and a key equals its digest, so that a row of a table
    can be asked whether it is of this session.
    """

    @cached_property
    def digest(self) -> str:
        return digest_of(str(self))

    def __eq__(self, other: object) -> bool:
        return self.digest == (other.digest if isinstance(other, Key) else other)

    def __ne__(self, other: object) -> bool:  # str has one of its own
        return not self == other

    def __hash__(self) -> int:
        return hash(self.digest)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """Stand for the digest in whatever Django writes, looks for and compares."""
        return Value(self.digest).resolve_expression(*args, **kwargs)


class SessionStore(db.SessionStore):
    """Django's sessions in the database: SESSION_ENGINE names this module.

    Made with a key, it is the session of a browser; made with a digest, that of a row, as allauth
    does to see whether a device is still signed in. `SessionMiddleware` lets no browser do that.
    """

    def _hold(self, key: str | None) -> None:
        is_key = isinstance(key, str) and not key.startswith(MARK)
        base.SessionBase._session_key.fset(self, Key(key) if is_key else key)  # type: ignore[attr-defined]

    _session_key = property(base.SessionBase._get_session_key, _hold)

    def encode(self, session_dict: dict[str, object]) -> str:
        return seal(super().encode(session_dict))

    def decode(self, session_data: Any) -> dict[str, Any]:
        try:
            return super().decode(unseal(session_data))
        except InvalidToken:  # of a key that is no longer known: the person signs in again
            return {}


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's, which takes no cookie for a key that can only have been read in a table."""

    def process_request(self, request: HttpRequest) -> None:
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME, "").startswith(MARK):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        super().process_request(request)
