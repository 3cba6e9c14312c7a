"""Middleware of ours: the facts of a request, its log line, headers on every answer."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from config.web.logs import arguments_of, route_of
from config.web.request_context import ADMIN, CONSOLE, RequestFacts, client_address, serving

GetResponse = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger("canopy.access")


def request_context(get_response: GetResponse) -> GetResponse:
    """Give every request an id, remember who asks while it is served, and log one line of it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        facts = RequestFacts(
            request_id=uuid.uuid4().hex,
            address=client_address(request),
            user_agent=request.headers.get("User-Agent", "")[:200],
            door=ADMIN if request.path.startswith("/admin/") else CONSOLE,
        )
        with serving(facts):
            response = get_response(request)
            response["X-Request-ID"] = facts.request_id
            _log(request, response, facts, started)
        return response

    return middleware


def _log(request: HttpRequest, response: HttpResponse, facts: RequestFacts, started: float) -> None:
    # Only a person whom the request has already loaded: a log line is not worth a query.
    user = getattr(request, "_cached_user", None)
    logger.info(
        "request",
        extra={
            "method": request.method,
            "route": route_of(request),
            "arguments": arguments_of(request),
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            "address": facts.address,
            "user_id": user.pk if user is not None else None,
        },
    )


def security_headers(get_response: GetResponse) -> GetResponse:
    """Put the fixed headers on every answer, also where SecurityMiddleware itself refuses."""
    defaults = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in defaults.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def private_pages(get_response: GetResponse) -> GetResponse:
    """Keep answers out of every cache unless they say they are public, as static files do."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        if "public" not in response["Cache-Control"]:
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware
