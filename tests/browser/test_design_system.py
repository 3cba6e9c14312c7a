"""The pieces of the design system in a real browser: accessible, and quiet under the CSP."""

import pytest

from tests.browser.conftest import findings

pytestmark = [pytest.mark.urls("tests.browser.kit"), pytest.mark.django_db]

PAGES = ["/kit/", "/kit/?errors=1", "/kit/members/", "/kit/members/?q=zzz", "/kit/entrance/"]
ERRORS = ["400", "403", "404", "409", "413", "429", "500", "503", "csrf"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("address", PAGES)
def test_page_has_no_findings(live_server, open_page, address, width, dark):
    page = open_page(width=width, dark=dark)
    page.goto(live_server.url + address)

    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
