import os
import signal
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from config.development import embedded_postgres
from tests.support.postgres import in_memory


@pytest.fixture
def folder():
    """A folder whose files stay in memory where they can: a new cluster waits long for a disk."""
    with tempfile.TemporaryDirectory(prefix="canopy-test-", dir=in_memory()) as folder:
        yield Path(folder)


@pytest.fixture
def data(folder):
    yield folder / "pg"
    embedded_postgres.stop(folder / "pg", delete=True)


def _ask(data, statement):
    with psycopg.connect(embedded_postgres.url(data), autocommit=True) as connection:
        return connection.execute(statement).fetchone()


def test_name_address_without_starting_anything(data):
    assert embedded_postgres.url(data).startswith("postgresql://canopy@/canopy?host=")
    assert not data.exists()


def test_keep_data_and_stop_after_last_user(data):
    with embedded_postgres.in_use(data):
        with psycopg.connect(embedded_postgres.url(data)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        with embedded_postgres.in_use(data):
            assert embedded_postgres.is_running(data)
        assert embedded_postgres.is_running(data)
    assert not embedded_postgres.is_running(data)

    with embedded_postgres.in_use(data):
        assert _ask(data, "SELECT number FROM kept") == (7,)


def test_come_back_after_kill(data):
    with embedded_postgres.in_use(data):
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        while embedded_postgres.is_running(data):
            time.sleep(0.05)

        assert embedded_postgres.start(data)
        assert _ask(data, "SELECT 1") == (1,)


def test_stand_in_folder_with_long_name(folder):
    data = folder / ("long" * 25) / "pg"
    with embedded_postgres.in_use(data):
        assert _ask(data, "SELECT 1") == (1,)
    embedded_postgres.stop(data, delete=True)
