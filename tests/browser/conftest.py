"""A Chromium for the tests of this folder, and what they all watch for."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.postgres import in_memory
from tests.support.sampling import IS_THOROUGH

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# What isn't wrong is not listed; no rule that runs asks for the style sheets again.
QUICK = {"resultTypes": ["violations"], "preload": False}
AXE = (Path(__file__).parent / "axe.min.js").read_text()

PATIENCE = 30_000  # milliseconds; a busy machine may take as long
# Every text of a page must be judged, so colours must not be caught in the middle of a fade.
NO_MOTION = {"reduced_motion": "reduce"}
ABOUT_COLOURS = ("color-contrast", "link-in-text-block")

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")  # its event loop must be gone when other tests want their own
def browser():
    if not Path(CHROMIUM).exists():
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        absent(f"{CHROMIUM} is not there: install Chromium, or set CHROMIUM to where it is")
    # Playwright runs an event loop in this thread, and Django would refuse the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        # Without a graphics card its process draws everything a second time, by software.
        args = ["--no-sandbox", "--disable-gpu"]
        folder = in_memory()
        args += [] if folder else ["--disable-dev-shm-usage"]
        environment = os.environ | ({"TMPDIR": str(folder)} if folder else {})
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=args, env=environment, timeout=180_000
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser):
    """Return a function that opens a page of a given size; the test fails on any console error."""
    contexts = []
    complaints = []

    def open_page(*, width=1440, height=900, dark=False, **options) -> Page:
        scheme = "dark" if dark else "light"
        viewport = {"width": width, "height": height}
        context = browser.new_context(
            viewport=viewport, color_scheme=scheme, **NO_MOTION, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: _note(complaints, message, page))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _note(complaints, message, page):
    """Note what the browser complains about; that the page itself answers 404 is no complaint."""
    url = message.location.get("url", "")
    is_own_status = message.text.startswith("Failed to load resource") and url == page.url
    if message.type in ("error", "warning") and not is_own_status:
        complaints.append(f"{message.text} ({url})")


def findings(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds on the page as it stands, by all rules or only by `rules`."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = QUICK | ({"runOnly": list(rules)} if rules else {})
    violations = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [
        f"{found['impact']} {found['id']}: {[node['html'][:160] for node in found['nodes'][:4]]}"
        for found in violations
    ]


def wrong_in_any_look(page: Page) -> list[str]:
    """Return what axe-core finds, and what is too wide, in light and dark at both widths.

    The page is loaded once: its layout follows the width, and its theme is one class. Of what
    axe-core asks, only what is about colours can be another answer in the other theme; colours
    are seldom other ones at the other width, so only a thorough run asks about them there again.
    """
    wrong = []
    for width, first in ((390, False), (1440, True)):
        page.set_viewport_size({"width": width, "height": 900})
        for dark in (first, not first) if IS_THOROUGH else (first,):
            page.emulate_media(color_scheme="dark" if dark else "light")
            page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
            rules = () if dark is first else ABOUT_COLOURS
            look = f"{width} {'dark' if dark else 'light'}"
            wrong += [f"{look}: {line}" for line in findings(page, rules)]
        wrong += _too_wide(page, width)
    return wrong


def too_wide_in_between(page: Page) -> list[str]:
    """Return at which widths between a phone's and a desktop's the page has to be scrolled."""
    wrong = []
    for width in (768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += _too_wide(page, width)
    return wrong


def _too_wide(page: Page, width: int) -> list[str]:
    is_wider = page.evaluate("document.documentElement.scrollWidth") > width
    return [f"{width}: wider than the screen"] if is_wider else []
