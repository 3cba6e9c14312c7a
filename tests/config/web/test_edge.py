import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from config.web.edge import is_storable

LOGIN = "/accounts/login/"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "X"])
@pytest.mark.parametrize("path", [LOGIN, "/admin/", "/nothing-here/"])
def test_refuse_undeclared_verb(client, method, path):
    assert client.generic(method, path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/o/%00/", "/accounts/login/?next=%00", "/accounts/login/?a%00=1", "/%00"]
)
def test_refuse_nul_in_address(client, path):
    assert client.get(path).status_code == 400


def test_refuse_nul_in_form(client):
    assert client.post(LOGIN, {"login": "a\x00@example.com"}).status_code == 400


def test_refuse_nul_in_cookie(client):
    client.cookies["session"] = "\x00"

    assert client.get(LOGIN).status_code == 400


def test_refuse_nul_in_user_agent(client):
    assert client.get(LOGIN, headers={"User-Agent": "a\x00b"}).status_code == 400


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape"])
def test_refuse_surrogate_smuggled_in_by_charset(client, charset):
    boundary = "b"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800\r\n'
    answer = client.generic(
        "POST",
        LOGIN,
        f"{body}--{boundary}--\r\n",
        content_type=f"multipart/form-data; boundary={boundary}; charset={charset}",
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["testserver.", "testserver.:8000"])
def test_refuse_host_with_trailing_dot(client, host):
    assert client.get(LOGIN, headers={"Host": host}).status_code == 400


def test_refuse_too_many_fields(client):
    assert client.post(LOGIN, {f"f{number}": "" for number in range(1_100)}).status_code == 400


def test_answer_413_to_body_over_limit(client):
    body = b"a" * 2_600_000

    answer = client.post(LOGIN, body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 413


def test_let_files_pass(client):
    answer = client.post(LOGIN, {"file": SimpleUploadedFile("logo.png", b"\x00\x01")})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Zoë 🌳", True), ("", True), ("a\x00", False), ("\ud800", False)],
)
def test_tell_storable_text(text, expected):
    assert is_storable(text) == expected


@pytest.mark.django_db
def test_refuse_a_page_of_the_admin_that_is_asked_for_by_no_field(client, admin_user):
    client.force_login(admin_user)

    assert client.get("/admin/auth/group/1/change/?_to_field=").status_code == 400
