"""Pages that say what went wrong: no data of the request, its id, and nothing that can fail."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from config.web import request_context
from config.web.middleware import GetResponse


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400; a body over the limit is the one refusal with a status of its own."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return _page(status, sentence=getattr(exception, "sentence", ""))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403"""
    return _page(403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form is too old, or came from another site."""
    return _page(403, "csrf")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404"""
    return _page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500"""
    return _page(500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer with a page while the database is unavailable (config.web.outage)."""
    return _page(503)


def own_not_found_page(get_response: GetResponse) -> GetResponse:
    """Show our 404 page with DEBUG on too, where Django would list every address we have.

    Answers with `is_own_page` stay as they are.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_ours = response.status_code != 404 or getattr(response, "is_own_page", False)
        return response if is_ours else not_found(request)

    return middleware


def _page(status: int, template: str = "", sentence: str = "") -> HttpResponse:
    """Render without the request: no context processor runs, so no page needs the database."""
    context = {"request_id": request_context.current().request_id, "sentence": sentence}
    content = render_to_string(f"errors/{template or status}.html", context)
    return HttpResponse(content, status=status)
