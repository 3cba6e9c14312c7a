"""A Chromium for the tests of this folder, and what they all watch for."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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


class Look(NamedTuple):
    width: int
    dark: bool


LOOKS = (Look(390, dark=False), Look(1440, dark=True))
BETWEEN = (768, 1024, 1280)  # widths between a phone's and a desktop's

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def kept_page():
    """A page of a Chromium that all tests of a process share: a new one takes a second.

    Playwright runs an event loop in this thread. Other tests want their own, so this one is noted
    as running only during the tests of this folder.
    """
    if not Path(CHROMIUM).exists():
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        absent(f"{CHROMIUM} is not there: install Chromium, or set CHROMIUM to where it is")
    with sync_playwright() as playwright:
        # Without a graphics card its process draws everything a second time, by software.
        args = ["--no-sandbox", "--disable-gpu"]
        folder = in_memory()
        args += [] if folder else ["--disable-dev-shm-usage"]
        environment = os.environ | ({"TMPDIR": str(folder)} if folder else {})
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=args, env=environment, timeout=180_000
        )
        page = browser.new_context(**NO_MOTION).new_page()
        page.set_default_timeout(PATIENCE)
        asyncio._set_running_loop(None)
        yield page
        asyncio._set_running_loop(page._loop)
        browser.close()


@pytest.fixture(scope="module")
def page_in_use(kept_page):
    """Let the browser work: Django would refuse the database beside an event loop."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    asyncio._set_running_loop(kept_page._loop)
    yield kept_page
    asyncio._set_running_loop(None)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(page_in_use):
    """Return a function that opens a page of a given size; the test fails on any console error.

    It is the page that is kept, as empty as a new one; with `options` a new one of its own.
    """
    contexts = []
    sessions = []
    complaints = []

    def complain(message):
        _note(complaints, message)

    def fail(error):
        complaints.append(str(error))

    def open_page(
        *, width=1440, height=900, dark=False, scripts=True, permissions=(), **options
    ) -> Page:
        page = page_in_use
        if options:
            contexts.append(page.context.browser.new_context(**NO_MOTION, **options))
            page = contexts[-1].new_page()
            page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.context.grant_permissions(list(permissions))
        if not scripts:
            sessions.append(page.context.new_cdp_session(page))
            sessions[-1].send("Emulation.setScriptExecutionDisabled", {"value": True})
        page.on("console", complain)
        page.on("pageerror", fail)
        return page

    yield open_page
    page_in_use.remove_listener("console", complain)
    page_in_use.remove_listener("pageerror", fail)
    for session in sessions:
        session.detach()
    for context in contexts:
        context.close()
    _empty(page_in_use)
    assert complaints == []


def _empty(page):
    """Make the page as a new one: signed out, with nothing kept.

    It stays where it is, or its process would end, and another one would begin.
    """
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.context.clear_cookies()
    page.context.clear_permissions()


def _note(complaints, message):
    """Note what the browser complains about; that the page itself answers 404 is no complaint."""
    url = message.location.get("url", "")
    is_own_status = message.text.startswith("Failed to load resource") and url == message.page.url
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


def wrong_in_turn(page: Page, number: int) -> list[str]:
    """Return what axe-core finds, and at which widths the page has to be scrolled.

    A page is judged light and narrow, or dark and wide, as its number is even or odd; and scrolled
    at these widths or one in between, too. A thorough run judges each page in all looks.

    The page is loaded once: its layout follows the width, and its theme is one class.
    """
    looks = LOOKS if IS_THOROUGH else [LOOKS[number % len(LOOKS)]]
    between = BETWEEN if IS_THOROUGH else [BETWEEN[number % len(BETWEEN)]]
    look_at = {look.width: look for look in looks}
    widths = sorted({LOOKS[0].width, *between, *look_at})
    if page.viewport_size["width"] == widths[-1]:
        widths.reverse()
    wrong = []
    for width in widths:
        if page.viewport_size["width"] != width:
            page.set_viewport_size({"width": width, "height": 900})
        if width in look_at:
            wrong += _judged(page, look_at[width])
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{width}: wider than the screen")
    return wrong


def _judged(page: Page, look: Look) -> list[str]:
    """Return what axe-core finds. In a thorough run colours are judged in the other theme, too."""
    wrong = []
    for dark in (look.dark, not look.dark) if IS_THOROUGH else (look.dark,):
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
        rules = () if dark is look.dark else ABOUT_COLOURS
        shown = f"{look.width} {'dark' if dark else 'light'}"
        wrong += [f"{shown}: {line}" for line in findings(page, rules)]
    return wrong


def walk(
    page: Page, server: str, addresses: list[tuple[int, str]]
) -> Iterator[tuple[str, int, list[str]]]:
    """Open each of the numbered addresses; yield it, its status and what is wrong."""
    for number, address in sorted(addresses, key=lambda each: each[0] % len(LOOKS)):
        status = page.goto(server + address).status
        yield address, status, wrong_in_turn(page, number)
