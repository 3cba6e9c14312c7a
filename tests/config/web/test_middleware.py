import logging

import pytest
from django.contrib.auth.decorators import login_not_required
from django.test import Client, override_settings
from django.urls import path

from config import urls
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@login_not_required
def _broken(request):
    raise ZeroDivisionError


# handler500 and its siblings are looked up on the module that holds the patterns.
urlpatterns = [path("broken/", _broken), *urls.urlpatterns]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500


def _get(address, **headers):
    return Client(raise_request_exception=False).get(address, headers=headers)


ANSWERS = {
    "page": (lambda: _get("/accounts/login/"), 200),
    "static file": (lambda: _get("/static/css/base.css"), 200),
    "redirect": (lambda: _get("/admin/"), 302),
    "redirect to the slash": (lambda: _get("/accounts/login"), 301),
    "bad host": (lambda: _get("/accounts/login/", Host="evil.example"), 400),
    "odd input": (lambda: _get("/accounts/login/?next=%00"), 400),
    "no CSRF token": (lambda: Client(enforce_csrf_checks=True).post("/accounts/login/"), 403),
    "no such page": (lambda: _get("/nothing-here/"), 404),
    "undeclared verb": (lambda: Client().generic("TRACE", "/accounts/login/"), 405),
    "crash": (lambda: _get("/broken/"), 500),
    "not ready": (lambda: _get("/readyz"), 503),
    "alive": (lambda: _get("/healthz"), 200),
}


@pytest.mark.urls("tests.config.web.test_middleware")
@pytest.mark.parametrize(("ask", "status"), ANSWERS.values(), ids=ANSWERS.keys())
@pytest.mark.parametrize("https", [False, True])
def test_send_every_header_on_every_answer(ask, status, https):
    with override_settings(SECURE_HSTS_SECONDS=31_536_000 if https else 0):
        answer = ask()

    assert answer.status_code == status
    assert {name: answer.get(name) for name in HEADERS} == HEADERS
    policy = dict(part.split(maxsplit=1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "camera=()" in answer["Permissions-Policy"]
    assert len(answer["X-Request-ID"]) == 32


@override_settings(SECURE_SSL_REDIRECT=True)
def test_send_headers_where_security_middleware_itself_refuses():
    redirect = _get("/accounts/login/")
    refusal = _get("/accounts/login/", Host="evil.example")

    assert redirect.status_code == 301
    assert redirect["Location"] == "https://testserver/accounts/login/"
    assert refusal.status_code == 400
    assert {name: redirect[name] for name in HEADERS} == HEADERS
    assert {name: refusal[name] for name in HEADERS} == HEADERS


def test_keep_signed_in_pages_out_of_caches(client):
    client.force_login(UserFactory())

    answer = client.get("/accounts/email/")

    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]


def test_let_static_files_be_cached():
    answer = _get("/static/css/base.css")

    assert "public" in answer["Cache-Control"]
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.urls("tests.config.web.test_middleware")
@pytest.mark.parametrize("path", ["/nothing-here/", "/broken/", "/accounts/login/?next=%00"])
def test_name_request_on_error_page(path):
    answer = _get(path)

    assert answer["X-Request-ID"] in answer.text


@pytest.mark.urls("tests.config.web.test_middleware")
def test_render_crash_page_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert _get("/broken/").status_code == 500


def test_log_one_line_per_request(client, caplog):
    user = UserFactory()
    client.force_login(user)
    with caplog.at_level(logging.INFO, logger="canopy.access"):
        answer = client.get("/accounts/email/?page=2", REMOTE_ADDR="203.0.113.5")

    (line,) = [record for record in caplog.records if record.name == "canopy.access"]
    assert (line.method, line.route, line.status) == ("GET", "/accounts/email/", 200)
    assert (line.user_id, line.address) == (user.pk, "203.0.113.5")
    assert answer.status_code == 200
