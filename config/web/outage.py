"""An unavailable database is a pause, not a crash: 503 and when to try again.

Anything on the way to an answer may need the database: the session, the signed-in person, a view, a
template. Django turns what they raise into an answer close to where it was raised; the signal that
it sends then is the one place that sees them all.
"""

from __future__ import annotations

import sys

import psycopg
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from config.web import errors
from config.web.middleware import GetResponse

RETRY_AFTER_SECONDS = 5
OUTAGES = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


def database_outage(get_response: GetResponse) -> GetResponse:
    """Answer 503 with Retry-After when the database could not be used."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if getattr(request, "has_met_outage", False):
            response = errors.unavailable(request)
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    return middleware


@receiver(got_request_exception)
def _remember_outage(request: HttpRequest | None = None, **_kwargs: object) -> None:
    error = sys.exc_info()[1]
    if request is not None and error is not None and is_outage(error):
        request.has_met_outage = True  # type: ignore[attr-defined]


def is_outage(error: BaseException) -> bool:
    """Return whether `error`, or what it was raised from, says that the database can't be used."""
    if isinstance(error, OUTAGES):
        return True
    return error.__cause__ is not None and is_outage(error.__cause__)
