"""The two platforms of a run: `full`, and `small`, which is a hundredth of it."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

from tests.lab.benchmarks import world

SMALL = "small"
FULL = "full"
_connections: dict[str, BaseDatabaseWrapper] = {}


def create(size: int) -> None:
    """Make both out of one migrated database, so that ids of permissions are the same."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    template = connection.settings_dict["NAME"]
    for name, factor in ((SMALL, 1), (FULL, size)):
        started = time.monotonic()
        _copy(template, name)
        use(name)
        world.build(factor)
        seconds = time.monotonic() - started
        print(f"Filled {name} (size {factor}) in {seconds:.0f} s", file=sys.stderr, flush=True)


def create_empty(name: str) -> None:
    """Make a database in which nothing has been done."""
    connection.close()
    _copy("template1", name)


def use(name: str) -> None:
    """Ask that platform from now on, over a connection of its own that stays open."""
    if name not in _connections:
        _connections[name] = connections.create_connection("default")
        _connections[name].settings_dict = connection.settings_dict | {"NAME": name}
    connections["default"] = _connections[name]


def url(name: str) -> str:
    """Return the address under which another process finds that platform."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))


def close() -> None:
    for each in _connections.values():
        each.close()


def count_queries(work) -> int:
    """Return how many queries `work` takes, without those that only mark savepoints."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)


@contextmanager
def undone():
    """Let the block change the platform, and take it all back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _copy(template: str, name: str) -> None:
    connection.close()
    server = connections.create_connection("default")
    server.settings_dict = connection.settings_dict | {"NAME": "postgres"}
    with server.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    server.close()
