"""One throw-away PostgreSQL for a test run, loaded before pytest-django reads the settings.

TEST_DATABASE_URL names a server to use instead.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config.development import embedded_postgres

_folder: tempfile.TemporaryDirectory[str] | None = None

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ["MIGRATION_DATABASE_URL"] = ""  # whoever makes a test database owns it
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
elif "PYTEST_XDIST_WORKER" not in os.environ:
    _folder = tempfile.TemporaryDirectory(prefix="canopy-test-")
    Path(_folder.name).chmod(0o711)
    _data = Path(_folder.name) / "pg"
    embedded_postgres.start(_data, throw_away=True)
    os.environ["DATABASE_URL"] = embedded_postgres.url(_data)


def url_of_test_database() -> str:
    """Return the DATABASE_URL for a service of its own that shall see what this test sees.

    It serves as the lesser role, as services do: see `config.database_roles`.
    """
    from config import database_roles

    with connection.cursor() as cursor:
        create_service_role(cursor.execute)
    database_roles.grant(embedded_postgres.SERVICE_ROLE)
    return url_as_service(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])


def create_service_role(execute: Callable[[str], Any]) -> None:
    """Make the lesser role, unless the server has it, as the embedded one has."""
    role = embedded_postgres.SERVICE_ROLE
    execute(f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role} LOGIN PASSWORD '{role}';
            END IF;
        END $$
    """)


def url_as_service(url: str, database: str) -> str:
    """Return `url` for the lesser role and another database of the same server."""
    server = urlsplit(url)
    role, (_person, _at, address) = embedded_postgres.SERVICE_ROLE, server.netloc.rpartition("@")
    return server._replace(netloc=f"{role}:{role}@{address}", path=f"/{database}").geturl()


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
