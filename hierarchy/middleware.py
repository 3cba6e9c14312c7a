"""How a refusal, or a former address, becomes an answer, whichever view raised it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from hierarchy import access
from hierarchy.refusals import NotAllowed, Refused


class Refusals:
    """Answers 403 with the missing permission, 409 with what is stored, 301 to the new address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, access.Moved):
            return _follow(request, exception)
        if isinstance(exception, NotAllowed):
            return _forbid(request, exception)
        if isinstance(exception, Refused):
            context = {"reason": exception.sentence}
            return render(request, "errors/409.html", context, status=409)
        return None


def _follow(request: HttpRequest, moved: access.Moved) -> HttpResponse:
    match = request.resolver_match
    if match is None or request.method not in ("GET", "HEAD"):
        return render(request, "errors/409.html", {"reason": str(moved)}, status=409)
    url = reverse(match.view_name, kwargs=match.kwargs | moved.node.slugs)
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{url}?{query}" if query else url, permanent=False)


def _forbid(request: HttpRequest, refused: NotAllowed) -> HttpResponse:
    context = {
        "permission": refused.permission,
        "permission_label": refused.permission.label,
        "reason": refused.sentence,
        "node": refused.node,
        "grantors": access.grantors(refused.permission, refused.node),
    }
    return render(request, "errors/403.html", context, status=403)
