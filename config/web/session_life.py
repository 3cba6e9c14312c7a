"""Lifetime of a sign-in: some hours without activity, some days whatever the activity.

Whatever is under way in a session counts from an instant that it notes. One that no clock of ours
can have shown yet would let it last longer, so it ends the session.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout, user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from config.clock import is_ahead
from config.web.middleware import GetResponse

SIGNED_IN_AT = "signed_in_at"
LAST_SEEN_AT = "last_seen_at"
# How allauth notes when something has begun that is valid for a while.
BEGINNINGS = ("at", "initiated_at")
# Being seen costs two updates, so a busy person is noted only this often.
NOTE_EVERY_SECONDS = 5 * 60


def session_life(get_response: GetResponse) -> GetResponse:
    """Sign out people who were away too long or signed in too long ago; note who is still here."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if any(map(is_ahead, _instants(request.session))):
            logout(request)
        elif SIGNED_IN_AT in request.session:
            now = time.time()
            last_seen = request.session[LAST_SEEN_AT]
            if _is_over(request.session[SIGNED_IN_AT], last_seen, now):
                logout(request)
            elif now - last_seen > NOTE_EVERY_SECONDS:
                _note(request, now)
        return get_response(request)

    return middleware


def signed_in_long_ago(request: HttpRequest) -> bool:
    """Return whether the sign-in is older than what dangerous pages allow (15 minutes)."""
    age = time.time() - request.session.get(SIGNED_IN_AT, 0)
    return bool(age > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def _instants(session: Any) -> Iterator[float]:
    """Return when what the session holds began: the sign-in, proofs, codes that were mailed."""
    yield session.get(SIGNED_IN_AT, 0)
    yield session.get(LAST_SEEN_AT, 0)
    notes = [*session.values(), *session.get(AUTHENTICATION_METHODS_SESSION_KEY, ())]
    for note in notes:
        if isinstance(note, dict):
            yield from (note[name] for name in BEGINNINGS if name in note)


def _is_over(signed_in: float, last_seen: float, now: float) -> bool:
    return (
        now - last_seen > settings.SESSION_IDLE_SECONDS
        or now - signed_in > settings.SESSION_COOKIE_AGE
    )


def _note(request: HttpRequest, now: float) -> None:
    request.session[LAST_SEEN_AT] = now
    if request.user.is_authenticated:
        UserSession.objects.create_from_request(request)


@receiver(user_logged_in)
def _start(request: HttpRequest, **_kwargs: object) -> None:
    request.session[SIGNED_IN_AT] = request.session[LAST_SEEN_AT] = time.time()
