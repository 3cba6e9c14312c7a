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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from hierarchy.console.navigation import node_url
from hierarchy.models import Organization
from tests.lab.benchmarks import databases
from tests.lab.benchmarks.databases import FULL, count_queries, use
from tests.lab.benchmarks.measuring import Ask, note, report, take_turns
from tests.lab.benchmarks.people import big_organization, organization_of_three, signed_in
from tests.lab.benchmarks.starting import free_port, wait_for
from tests.lab.benchmarks.world import GUEST, HEAVY, OWNER, OWNER_OF_THREE

# What they served of the bare view before it was asked whether anything waits, on two cores.
BEFORE = {"members_50": 0.013, "members_3": 0.029, "home": 0.013}

Pages = Mapping[str, tuple[str, str]]  # name: (address, cookie)


def measure() -> None:
    use(FULL)
    heavy = _cookie(HEAVY)
    guest = _cookie(GUEST)
    ours = {
        "bare": ("/bench/bare/", ""),
        "rows_50": ("/bench/access/", heavy),
        "rows_3": ("/bench/access/", guest),
        "members_50": _members_page(big_organization(), OWNER),
        "members_3": _members_page(organization_of_three(), OWNER_OF_THREE),
        "home": (f"{reverse('console:home')}?all", _cookie(OWNER)),
    }
    peer = {
        "rows_50.guardian": ("/bench/guardian/", heavy),
        "members_50.organizations": (reverse("organization_user_list", args=[1]), _cookie(OWNER)),
    }
    with _gunicorn() as port:
        here = f"localhost:{port}"
        rates = _rates({**_at(here, ours), **_at(here, peer), **_pretix()})
    vs_bare = {name: rate / rates["bare"] for name, rate in rates.items()}
    vs_guardian = rates["rows_50"] / rates["rows_50.guardian"]
    report("page.rows.vs_guardian", vs_guardian, 10, at_least=True)
    report("page.rows.vs_bare", vs_bare["rows_50"], 0.05, at_least=True)
    report("page.rows.vs_bare.rows_3", vs_bare["rows_3"], 0.10, at_least=True)
    report("page.members.vs_bare", vs_bare["members_50"], 0.05, at_least=True)
    report("page.members.vs_bare.rows_3", vs_bare["members_3"], 0.07, at_least=True)
    report("page.home.vs_bare", vs_bare["home"], 0.03, at_least=True)
    report("page.home.queries", _queries_of_home(), 12)
    vs_peer = rates["members_50"] / rates["members_50.organizations"]
    report("page.members.vs_peer", vs_peer, 2, at_least=True)
    if "members_50.pretix" in rates:
        vs_pretix = rates["members_50"] / rates["members_50.pretix"]
        report("page.members.vs_pretix", vs_pretix, 1.2, at_least=True)
    for name, rate in rates.items():
        before = f"; {BEFORE[name]} on 30 November 2026" if name in BEFORE else ""
        note(f"page.{name}", rate, f"requests/s ({vs_bare[name]:.3g} of the bare view{before})")


def _queries_of_home() -> int:
    """Return the queries of the second visit: the first one notes that its owner was there."""
    client = signed_in(OWNER)
    url = f"{reverse('console:home')}?all"
    assert client.get(url).status_code == 200
    return count_queries(lambda: client.get(url))


def _at(host: str, pages: Pages) -> dict[str, Ask]:
    """Return how each page is fetched from there, all of them over one connection."""
    server = http.client.HTTPConnection(host)
    return {name: partial(_get, server, *page) for name, page in pages.items()}


def _pretix() -> dict[str, Ask]:
    """Return how the page of pretix is fetched, if it is served beside us: tests/lab/pretix."""
    if "PRETIX" not in os.environ:
        return {}
    address, cookie = os.environ["PRETIX"].split(maxsplit=1)
    url = urlsplit(address)
    return _at(url.netloc, {"members_50.pretix": (url.path, cookie)})


def _rates(asks: Mapping[str, Ask]) -> dict[str, float]:
    """Return the requests per second of each, by its fastest tenth: of when nobody interrupted.

    Whoever shares the processor takes more from a page than from the bare view, which is over
    before its slice of time is.
    """
    times = take_turns(asks)
    return {name: 1000 / statistics.quantiles(t, n=10)[0] for name, t in times.items()}


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
