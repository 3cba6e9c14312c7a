"""Middleware of the house."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.request_context import RequestFacts, _current


def request_context(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give every request an id, and remember who asks while it is served."""

    def middleware(request: HttpRequest) -> HttpResponse:
        facts = RequestFacts(
            request_id=uuid.uuid4().hex,
            address=request.META.get("REMOTE_ADDR") or None,
            user_agent=request.headers.get("User-Agent", "")[:200],
            door="admin" if request.path.startswith("/admin/") else "console",
        )
        token = _current.set(facts)
        try:
            response = get_response(request)
        finally:
            _current.reset(token)
        response["X-Request-ID"] = facts.request_id
        return response

    return middleware
