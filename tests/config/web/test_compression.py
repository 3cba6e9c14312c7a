import gzip
import re

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path

from config import urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.web.test_compression")]

TEXT = b"The same words again and again. " * 100
TOKEN = re.compile(rb"X-CSRFToken\W+(\w+)")


@login_not_required
def _answer(_request, kind):
    answers = {
        "page": lambda: HttpResponse(TEXT, headers={"ETag": '"1"'}),
        "short": lambda: HttpResponse(b"Yes"),
        "image": lambda: HttpResponse(TEXT, content_type="image/webp"),
        "export": lambda: StreamingHttpResponse([TEXT] * 3, content_type="text/csv"),
    }
    return answers[kind]()


urlpatterns = [path("answers/<kind>/", _answer), *urls.urlpatterns]


def _get(address, encodings="gzip, deflate, br"):
    return Client(headers={"Accept-Encoding": encodings}).get(address)


def _varies(answer):
    return {each.strip() for each in answer.get("Vary", "").split(",")}


def test_compress_a_page_for_whoever_takes_it():
    answer = _get("/answers/page/")

    assert gzip.decompress(answer.content) == TEXT
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["ETag"] == 'W/"1"'
    assert _varies(answer) >= {"Accept-Encoding", "Cookie"}


def test_leave_a_page_as_it_is_for_whoever_does_not():
    answer = _get("/answers/page/", encodings="identity")

    assert answer.content == TEXT
    assert "Content-Encoding" not in answer
    assert "Accept-Encoding" in _varies(answer)


def test_compress_an_export_while_it_is_written():
    answer = _get("/answers/export/")

    assert gzip.decompress(b"".join(answer.streaming_content)) == TEXT * 3
    assert "Content-Length" not in answer


@pytest.mark.parametrize("kind", ["short", "image"])
def test_leave_what_would_not_gain(kind):
    assert "Content-Encoding" not in _get(f"/answers/{kind}/")


def test_compress_a_static_file_once_and_a_font_never():
    """What is compressed beforehand, and where, is decided by the collecting of static files."""
    assert "Content-Encoding" not in _get("/static/css/pages.css")
    assert "Content-Encoding" not in _get("/static/fonts/inter-latin.woff2")


def test_a_page_does_not_tell_its_token_by_its_length():
    """It is another one in each answer, and the length is drawn by lot."""
    client = Client(headers={"Accept-Encoding": "gzip"})

    pages = [client.get("/accounts/login/").content for _time in range(6)]

    tokens = {TOKEN.search(gzip.decompress(page))[1] for page in pages}
    assert len(tokens) == len(pages)
    assert len({len(page) for page in pages}) > 1
