"""Build of an earlier day, filled and served as this one is, to be asked beside it.

It has tables of its own days, so it fills a platform of its own, by its own benchmark.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.lab.benchmarks import databases

COMMIT = "ef9c0b9"
NAME = "earlier"
ROOT = Path(__file__).resolve().parents[3]
PREPARE = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from tests.benchmarks import people, world
for command in (["migrate"], ["createcachetable"], ["collectstatic", "--no-input"]):
    call_command(*command, verbosity=0)
world.build(int(sys.argv[1]))
session = people.signed_in(world.OWNER).cookies[settings.SESSION_COOKIE_NAME].value
print(json.dumps(f"{settings.SESSION_COOKIE_NAME}={session}"))
"""


@dataclass(frozen=True)
class Build:
    """Where a build lies, in which environment it runs, and the cookie of who is signed in."""

    root: Path
    environment: dict[str, str]
    cookie: str


@contextmanager
def earlier_build() -> Iterator[Build | None]:
    """Have that build for the length of the block; none where the history ends before it."""
    archive = subprocess.run(["git", "archive", COMMIT], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        print(f"No {COMMIT} here to compare with: fetch the whole history.", file=sys.stderr)
        yield None
        return
    with TemporaryDirectory(prefix="canopy-earlier-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(folder, filter="data")
        yield _filled(Path(folder))


def _filled(root: Path) -> Build:
    databases.create_empty(NAME)
    environment = os.environ | {
        "DATABASE_URL": databases.url(NAME),
        "VAR_DIR": str(root / "var"),
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "PYTHONPATH": str(root),
    }
    size = os.environ.get("SIZE", "100")
    command = [sys.executable, "-c", PREPARE, size]
    said = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, check=True)
    cookie = json.loads(said.stdout.splitlines()[-1])
    return Build(root, environment, cookie)
