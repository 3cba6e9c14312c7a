"""Bytes of the members page on a first visit, with all that it asks for, as Chromium counts."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from tests.lab.benchmarks.crowd import ORGANIZATION, served, this_build
from tests.lab.benchmarks.databases import FULL, use
from tests.lab.benchmarks.measuring import note, report

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
BEFORE = 511_000  # of the build of `crowd`, three font files and eighteen style sheets and scripts


def measure() -> None:
    use(FULL)
    if not Path(CHROMIUM).exists():
        return
    build = this_build()
    with served(build) as (port, _process):
        received = _received(f"http://localhost:{port}{ORGANIZATION}members/", build.cookie)
    report("page.cold.bytes", sum(received.values()) / BEFORE, 0.25)
    for kind, size in received.most_common():
        note(f"page.cold.{kind.lower()}", size / 1000, "KB over the wire, headers included")


def _received(url: str, cookie: str) -> Counter[str]:
    """Return the bytes of each kind of thing that the page asks for."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(extra_http_headers={"Cookie": cookie})
        sizes = _counting(page.context.new_cdp_session(page))
        page.goto(url, wait_until="networkidle")
        browser.close()
    return sizes


def _counting(session: CDPSession) -> Counter[str]:
    kinds: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    session.on(
        "Network.responseReceived", lambda said: kinds.update({said["requestId"]: said["type"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda said: sizes.update({kinds[said["requestId"]]: int(said["encodedDataLength"])}),
    )
    session.send("Network.enable")
    return sizes
