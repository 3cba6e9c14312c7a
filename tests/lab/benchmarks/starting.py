"""How long `make run` takes to its first answer, once everything is prepared."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from django.conf import settings

from tests.lab.benchmarks.measuring import note

LONGEST_SECONDS = 120


def measure() -> None:
    _seconds_to_first_answer()
    note("start", _seconds_to_first_answer(), "s (at most 5)")


def _seconds_to_first_answer() -> float:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PORT": str(port),
        "BASE_URL": f"http://localhost:{port}",
        "VAR_DIR": str(Path(settings.VAR_DIR) / "run"),
    }
    started = time.monotonic()
    command = [sys.executable, "manage.py", "up"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, env=environment, **quiet)
    try:
        wait_for(f"http://localhost:{port}/healthz")
        return time.monotonic() - started
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def wait_for(url: str) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(url)
