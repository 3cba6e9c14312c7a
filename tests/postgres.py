"""One throw-away PostgreSQL for a test run, loaded before pytest-django reads the settings.

TEST_DATABASE_URL names a server to use instead.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config import embedded_postgres

_folder: tempfile.TemporaryDirectory[str] | None = None

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
elif "PYTEST_XDIST_WORKER" not in os.environ:
    _folder = tempfile.TemporaryDirectory(prefix="canopy-test-")
    Path(_folder.name).chmod(0o711)
    _data = Path(_folder.name) / "pg"
    embedded_postgres.start(_data, throw_away=True)
    os.environ["DATABASE_URL"] = embedded_postgres.url(_data)


def url_of_test_database() -> str:
    """Return the DATABASE_URL for a process of its own that shall see what this test sees."""
    server = urlsplit(os.environ["DATABASE_URL"])
    return server._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def without_triggers() -> Iterator[None]:
    """Let rows be written that the database refuses: what it held back can be put wrong so."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def wait_until_somebody_waits() -> None:
    """Return when a transaction waits for a lock, as one in another thread shall."""
    with connection.cursor() as cursor:
        for _ in range(250):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


def pytest_unconfigure(config: pytest.Config) -> None:
    if _folder is not None:
        embedded_postgres.stop(Path(_folder.name) / "pg", delete=True)
        _folder.cleanup()
