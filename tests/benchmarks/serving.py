"""Requests per second of whole pages, from the product's own gunicorn on loopback.

One worker, one connection that stays open, one request after the other: so many of them does one
processor answer. What every page has in common with the bare view counts in both.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from django.conf import settings

from hierarchy.models import Organization
from hierarchy.navigation import node_url
from tests.benchmarks import databases
from tests.benchmarks.databases import FULL, use
from tests.benchmarks.measuring import median_ratio, note, report, take_turns
from tests.benchmarks.people import big_organization, organization_of_three, signed_in
from tests.benchmarks.starting import free_port, wait_for
from tests.benchmarks.world import HEAVY, OWNER, OWNER_OF_THREE


def measure() -> None:
    use(FULL)
    pages = {
        "bare": ("/bench/bare/", ""),
        "rows_50": _members_page(big_organization(), OWNER),
        "rows_3": _members_page(organization_of_three(), OWNER_OF_THREE),
        "guardian": ("/bench/guardian/", _cookie(HEAVY)),
    }
    with _gunicorn() as port, closing(http.client.HTTPConnection("localhost", port)) as server:
        times = take_turns({name: partial(_get, server, *page) for name, page in pages.items()})
    rates = {name: 1000 / statistics.median(samples) for name, samples in times.items()}
    vs_guardian = median_ratio(times["guardian"], times["rows_50"])
    report("page.rows.vs_guardian", vs_guardian, 10, at_least=True)
    vs_bare = median_ratio(times["bare"], times["rows_50"])
    report("page.rows.vs_bare", vs_bare, 0.05, at_least=True)
    vs_bare = median_ratio(times["bare"], times["rows_3"])
    report("page.rows.vs_bare.rows_3", vs_bare, 0.10, at_least=True)
    for name, rate in rates.items():
        note(f"page.rows.{name}", rate, "requests/s")


def _get(connection: http.client.HTTPConnection, url: str, cookie: str) -> None:
    connection.request("GET", url, headers={"Cookie": cookie})
    response = connection.getresponse()
    response.read()
    assert response.status == 200, (url, response.status)


def _members_page(organization: Organization, pk: int) -> tuple[str, str]:
    return node_url(organization, "membership-index"), _cookie(pk)


def _cookie(pk: int) -> str:
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={signed_in(pk).cookies[name].value}"


@contextmanager
def _gunicorn() -> Iterator[int]:
    """Serve the full platform with one worker for the length of the block."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
    environment = os.environ | {
        "DATABASE_URL": databases.url(FULL),
        "BIND": f"localhost:{port}",
        "WEB_CONCURRENCY": "1",
    }
    server = subprocess.Popen([*command, "config.wsgi"], env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://localhost:{port}/healthz")
        yield port
    finally:
        server.terminate()
        server.wait()
