"""Whether names are set in our font, whatever they are written in, by as few files as may be."""

import re

import pytest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]

NAMES = {
    "Anna Müller": {"latin"},
    "Łukasz Żółć": {"latin", "latin-extended"},
    "Nguyễn Thị Hương": {"latin", "latin-extended"},
    "Анна Ковальчук": {"latin", "cyrillic"},
    "Ελένη Παπαδοπούλου": {"latin", "greek"},
}


def test_names_are_set_in_inter_by_the_files_that_have_their_letters(live_server, open_page):
    page = open_page(base_url=live_server.url)  # a page of its own, which has no fonts yet
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/accounts/login/")
    page.evaluate("document.fonts.ready")
    expected = {"latin"}
    assert _files(asked) == expected

    for name, files in NAMES.items():
        expected = expected | files
        assert set(_fonts_of_heading(page, name)) == {"Inter"}, name
        assert _files(asked) == expected, name


def _fonts_of_heading(page, text):
    page.locator("h1").evaluate("(heading, text) => heading.textContent = text", text)
    page.evaluate("document.fonts.ready")
    page.wait_for_function("document.fonts.status === 'loaded'")
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    session.detach()
    assert all(font["isCustomFont"] for font in fonts)
    return [font["familyName"].split()[0] for font in fonts]


def _files(urls):
    return {found[1] for url in urls if (found := re.search(r"/inter-([a-z-]+)\.woff2", url))}
