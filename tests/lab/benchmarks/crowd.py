"""Many at once: 32 connections on two processes, beside the build of an earlier day; and 200 that
only ever send half a request.
"""

from __future__ import annotations

import http.client
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from django.conf import settings

from tests.lab.benchmarks import databases
from tests.lab.benchmarks.databases import FULL, use
from tests.lab.benchmarks.earlier import ROOT, Build, earlier_build
from tests.lab.benchmarks.measuring import note, report
from tests.lab.benchmarks.people import signed_in
from tests.lab.benchmarks.starting import free_port, wait_for
from tests.lab.benchmarks.world import OWNER

CONNECTIONS = 32
PROCESSES = 2
TURNS = 6
SECONDS_OF_A_TURN = 4
HALVES = 200
HALF = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: "
ORGANIZATION = "/o/o1/"
WORKSPACE = "/o/o1/w/w1/"
ADDRESSES = (
    "/?all",
    ORGANIZATION,
    f"{ORGANIZATION}members/",
    f"{ORGANIZATION}members/?page=2",
    f"{ORGANIZATION}activity/",
    f"{ORGANIZATION}settings/",
    f"{ORGANIZATION}roles/",
    f"{ORGANIZATION}access/",
    WORKSPACE,
    f"{WORKSPACE}members/",
    f"{WORKSPACE}activity/",
    f"{WORKSPACE}settings/",
    f"{WORKSPACE}access/",
    "/search/?q=workspace",
    "/accounts/email/",
    "/accounts/profile/",
)


@dataclass(frozen=True)
class Load:
    """Milliseconds that each answer of a turn took, and how many came in a second."""

    times: list[float]
    rate: float

    @property
    def spread(self) -> float:
        return percentile(self.times, 99) / percentile(self.times, 50)


def percentile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]


def measure() -> None:
    use(FULL)
    with ExitStack() as stack:
        ours = this_build()
        port, process = stack.enter_context(served(ours))
        report("serve.half_open", _seconds_beside_halves(port), 1)
        earlier = stack.enter_context(earlier_build())
        if earlier is None:
            return
        other_port, other_process = stack.enter_context(served(earlier))
        turns = [
            (_load(port, ours.cookie), _load(other_port, earlier.cookie)) for _turn in range(TURNS)
        ]
        _report_loads(turns)
        memory = _megabytes(process)
        report("serve.memory", memory / _megabytes(other_process), 1)
        note("serve.memory", memory, "MB of a web worker, its share of what is shared")


def _report_loads(turns: list[tuple[Load, Load]]) -> None:
    ratio = statistics.median(ours.rate / earlier.rate for ours, earlier in turns)
    report("serve.mixed", ratio, 1.8, at_least=True)
    report("serve.mixed.spread", statistics.median(ours.spread for ours, _other in turns), 2.5)
    for name, loads in zip(("ours", "earlier"), zip(*turns, strict=True), strict=True):
        rate = statistics.median(load.rate for load in loads)
        times = [each for load in loads for each in load.times]
        note(f"serve.mixed.{name}", rate, f"requests/s (p99 {percentile(times, 99):.0f} ms)")


def this_build() -> Build:
    environment = os.environ | {"DATABASE_URL": databases.url(FULL)}
    name = settings.SESSION_COOKIE_NAME
    return Build(ROOT, environment, f"{name}={signed_in(OWNER).cookies[name].value}")


@contextmanager
def served(build: Build) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve the build for the length of the block, as its own configuration says."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
    environment = build.environment | {
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": str(PROCESSES),
        "XDG_RUNTIME_DIR": build.environment["VAR_DIR"],
    }
    server = subprocess.Popen(
        [*command, "config.wsgi"], cwd=build.root, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield port, server
    finally:
        server.terminate()
        server.wait()


class Visitor:
    """Connection that asks for one address after the other, each as soon as it has the last."""

    def __init__(self, port: int, cookie: str, first: int) -> None:
        self.port = port
        self.headers = f"Host: localhost\r\nCookie: {cookie}\r\n\r\n"
        self.addresses = cycle(ADDRESSES[first:] + ADDRESSES[:first])
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), 60)

    def ask(self) -> None:
        self.asked = time.perf_counter()
        self.address = next(self.addresses)
        self.socket.sendall(f"GET {self.address} HTTP/1.1\r\n{self.headers}".encode())

    def hear(self) -> tuple[float, bool]:
        """Return the milliseconds that the answer took, and whether the connection stays."""
        answer = http.client.HTTPResponse(self.socket)
        answer.begin()
        answer.read()
        assert answer.status == 200, (self.port, self.address, answer.status)
        return (time.perf_counter() - self.asked) * 1000, not answer.will_close


def _load(port: int, cookie: str) -> Load:
    """Let all visitors ask for one turn."""
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        for number in range(CONNECTIONS):
            visitor = Visitor(port, cookie, number % len(ADDRESSES))
            visitor.ask()
            selector.register(visitor.socket, selectors.EVENT_READ, visitor)
        started = time.perf_counter()
        while time.perf_counter() < started + SECONDS_OF_A_TURN:
            for key, _events in selector.select(1):
                times.append(_next(selector, key.data))
        seconds = time.perf_counter() - started
        for key in list(selector.get_map().values()):
            key.data.hear()  # so that nothing is left over for the next turn
            key.data.socket.close()
    return Load(times, len(times) / seconds)


def _next(selector: selectors.BaseSelector, visitor: Visitor) -> float:
    milliseconds, stays = visitor.hear()
    if not stays:
        selector.unregister(visitor.socket)
        visitor.socket.close()
        visitor.connect()
        selector.register(visitor.socket, selectors.EVENT_READ, visitor)
    visitor.ask()
    return milliseconds


def _seconds_beside_halves(port: int) -> float:
    """Return the longest that `/healthz` takes while others have sent half a request."""
    halves = [socket.create_connection(("127.0.0.1", port), 60) for _each in range(HALVES)]
    for each in halves:
        each.sendall(HALF)
    seconds = []
    for _time in range(5):
        started = time.perf_counter()
        wait_for(f"http://127.0.0.1:{port}/healthz")
        seconds.append(time.perf_counter() - started)
    for each in halves:
        each.close()
    return max(seconds)


def _megabytes(server: subprocess.Popen[bytes]) -> float:
    """Return what a worker holds by itself, and its share of what it holds with others."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    rollups = [Path(f"/proc/{child}/smaps_rollup").read_text() for child in children]
    shares = [int(text.partition("\nPss:")[2].split()[0]) for text in rollups]
    return statistics.mean(shares) / 1024
