"""Current request, for code that records or logs without being handed the request."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest

# The doors that requests come through.
CONSOLE = "console"
ADMIN = "admin"


@dataclass(frozen=True)
class RequestFacts:
    """Facts about who asks from where, read by the audit log and the log lines."""

    request_id: str = ""
    address: str | None = None  # the client's IP address, proxies taken into account
    user_agent: str = ""
    door: str = ""  # CONSOLE, ADMIN, or none: a command or a job
    reason: str = ""  # why staff do it, in their own words


NOTHING = RequestFacts()
_current: ContextVar[RequestFacts] = ContextVar("request_facts", default=NOTHING)


def current() -> RequestFacts:
    """Return the facts of the request being served, or empty ones outside of a request."""
    return _current.get()


@contextmanager
def serving(facts: RequestFacts) -> Iterator[None]:
    """Let `current()` return `facts` within the block."""
    token = _current.set(facts)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Record `reason` with everything that is done within the block."""
    with serving(replace(current(), reason=reason)):
        yield


@contextmanager
def through(door: str) -> Iterator[None]:
    """Let what is done within the block come through `door`, whatever the request's address is.

    A form that waited until a password was given again is sent by the page that asks for it.
    """
    with serving(replace(current(), door=door)):
        yield


def client_address(request: HttpRequest) -> str | None:
    """Return the IP address that the request came from, or None if there isn't one.

    Behind TRUSTED_PROXIES proxies each has appended the address that it saw to X-Forwarded-For, so
    the client's stands that many places from the end; what stands before it the client made up. A
    request with fewer entries did not pass all proxies: then it is the peer that counts.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        if len(forwarded) >= settings.TRUSTED_PROXIES:
            address = forwarded[-settings.TRUSTED_PROXIES].strip() or address
    try:
        return str(ipaddress.ip_address(address.strip("[]")))
    except ValueError:
        return None
