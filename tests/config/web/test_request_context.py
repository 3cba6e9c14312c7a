import pytest
from django.test import RequestFactory

from config.web.request_context import RequestFacts, client_address, current, serving


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "10.6.6.6, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "[2001:DB8::9]", "2001:db8::9"),
        (1, "not an address", None),
    ],
)
def test_find_client_behind_proxies(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")

    assert client_address(request) == expected


def test_forget_facts_after_request():
    with serving(RequestFacts(request_id="abc")):
        assert current().request_id == "abc"

    assert current() == RequestFacts()
