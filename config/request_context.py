"""What the current request is, for whoever records or logs and is not handed the request."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestFacts:
    """Who asks from where: the audit log and the log lines read it."""

    request_id: str = ""
    address: str | None = None  # the client's IP address, proxies taken into account
    user_agent: str = ""
    door: str = ""  # "console", "admin" or "command"


_current: ContextVar[RequestFacts] = ContextVar("request_facts", default=RequestFacts())


def current() -> RequestFacts:
    """Return the facts of the request being served, or empty ones outside of a request."""
    return _current.get()
