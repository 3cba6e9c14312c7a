"""Refuse at the edge what nothing inside can handle, so that no odd input becomes a crash."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.request import UnreadablePostError

from config.web.middleware import GetResponse

METHODS = ["GET", "HEAD", "POST"]
NOT_STORABLE = re.compile(r"[\x00\ud800-\udfff]")


def refuse_odd_requests(get_response: GetResponse) -> GetResponse:
    """Answer 405 to verbs that no page declares, 400 to text that PostgreSQL can't store."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if not all(is_storable(text) for text in _texts(request)):
            raise BadRequest("The request contains characters that are not text.")
        if request.META.get("HTTP_HOST", "").partition(":")[0].endswith("."):
            # Django takes "example.com." for "example.com"; browsers keep their cookies apart.
            raise BadRequest("The host ends with a dot.")
        if "" in (request.GET.get(TO_FIELD_VAR), _form(request).get(TO_FIELD_VAR)):
            raise BadRequest("The address names no field.")  # Django's admin would look for it
        return get_response(request)

    return middleware


def is_storable(text: str) -> bool:
    """Return whether PostgreSQL can store `text`: no NUL character, no half of a surrogate pair."""
    return NOT_STORABLE.search(text) is None


def _texts(request: HttpRequest) -> Iterable[str]:
    """Return every text of the request that can reach a query."""
    head = [request.path, request.headers.get("User-Agent", ""), *request.COOKIES.values()]
    return chain(head, _pairs(request.GET), _pairs(_form(request)), _file_names(request))


def _form(request: HttpRequest) -> QueryDict:
    try:
        return request.POST
    except UnreadablePostError as error:
        raise BadRequest("The request was cut off.") from error


def _file_names(request: HttpRequest) -> Iterator[str]:
    return (file.name or "" for _key, files in request.FILES.lists() for file in files)


def _pairs(values: QueryDict) -> Iterator[str]:
    return (text for key, texts in values.lists() for text in (key, *map(str, texts)))
