"""One throw-away PostgreSQL for a test run, loaded before pytest-django reads the settings.

It is a copy of a cluster in which all migrations have been done, and which is kept for as long as
they stay as they are. TEST_DATABASE_URL names a server to use instead.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from config.development import embedded_postgres

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "canopy_migrated"
KEPT = ROOT / "var" / "test-clusters"
# What decides how a migrated database looks. The permissions of the models are made at each run.
DECIDING = ("*/migrations/*.py", "requirements/*.txt", "config/development/embedded_postgres.py")

MEMORY = Path("/dev/shm")  # files cost least there, where it is large enough
ENOUGH_BYTES = 2 * 1024**3

_keeper: subprocess.Popen[bytes] | None = None

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ["MIGRATION_DATABASE_URL"] = ""  # whoever makes a test database owns it


def _start() -> Path:
    """Start a server that ends with this process, however that ends; return its cluster."""
    global _keeper
    folder = Path(tempfile.mkdtemp(prefix="canopy-test-", dir=in_memory()))
    folder.chmod(0o711)
    command = [sys.executable, "-m", "tests.support.keeper", folder]
    _keeper = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)
    embedded_postgres.copy(migrated_cluster(), folder / "pg")
    embedded_postgres.start(folder / "pg")
    return folder / "pg"


def in_memory() -> Path | None:
    """Return where files stay in memory, if this machine has such a place."""
    is_large = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    return MEMORY if is_large and os.access(MEMORY, os.W_OK) else None


def migrated_cluster() -> Path:
    """Return the cluster with the migrated database, made now if it is not there."""
    kept = KEPT / _digest()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for older in KEPT.glob("*"):
                shutil.rmtree(older, ignore_errors=True)
            _make_migrated(kept)
    return kept


def _digest() -> str:
    digest = hashlib.sha256()
    for pattern in DECIDING:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _make_migrated(kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="canopy-test-", dir=in_memory()) as folder:
        Path(folder).chmod(0o711)
        data = Path(folder) / "pg"
        embedded_postgres.start(data, throw_away=True)
        try:
            with psycopg.connect(embedded_postgres.url(data), autocommit=True) as server:
                server.execute(f'CREATE DATABASE "{TEMPLATE}"')
            address = {"DATABASE_URL": embedded_postgres.url(data, TEMPLATE)}
            settings = {"DJANGO_SETTINGS_MODULE": "config.settings_test"}
            command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
            subprocess.run(command, cwd=ROOT, env=os.environ | settings | address, check=True)
        finally:
            embedded_postgres.stop(data)
        unfinished = kept.with_suffix(".unfinished")
        subprocess.run(["cp", "-R", "-p", data, unfinished], check=True)
        unfinished.rename(kept)


if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
elif "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DATABASE_URL"] = embedded_postgres.url(_start())
    os.environ["TEST_TEMPLATE"] = TEMPLATE


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
    role = embedded_postgres.SERVICE_ROLE
    (_person, _at, address) = server.netloc.rpartition("@")
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
    if _keeper is not None:
        _keeper.communicate()  # which closes its pipe, and waits for it
