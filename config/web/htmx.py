"""Redirects as HTMX understands them: followed by the page, not put into a part of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from config.web.middleware import GetResponse

REDIRECTS = (301, 302, 303)


def whole_page_redirects(get_response: GetResponse) -> GetResponse:
    """Let the browser follow a redirect that would otherwise land inside a dialog or a list.

    After signing in, people come back to the page that they were on, not to a fragment of it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        htmx = request.htmx  # type: ignore[attr-defined]
        if not htmx or htmx.boosted or response.status_code not in REDIRECTS:
            return response
        url = response["Location"]
        login = resolve_url(settings.LOGIN_URL)
        if htmx.current_url_abs_path and urlsplit(url).path == login:
            url = redirect_to_login(htmx.current_url_abs_path, login)["Location"]
        answer = HttpResponseClientRedirect(url)
        answer.cookies = response.cookies
        return answer

    return middleware
