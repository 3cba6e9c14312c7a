import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from config.development.process_group import end_with_parent
from hierarchy.tasks import send_mail
from tests.support.postgres import url_of_test_database

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    """A real worker process on the test database."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={**os.environ, "DEBUG": "true", "DATABASE_URL": url_of_test_database()},
        preexec_fn=end_with_parent,
    )
    yield process
    process.kill()
    process.wait()


def _wait_until(claim):
    deadline = time.monotonic() + 120
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_done(job):
    """Done jobs are deleted. Others may come and go: the worker keeps house by the clock."""
    return not ProcrastinateJob.objects.filter(pk=job).exists()


def _live_workers():
    return set(ProcrastinateWorker.objects.values_list("id", flat=True))


def test_do_jobs_and_sign_off_when_told_to_stop(worker):
    _wait_until(_live_workers)
    job = send_mail.defer(mail_id=0)
    _wait_until(lambda: _is_done(job))

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(120) == 0
    assert _live_workers() == set()


def test_come_back_after_outage(worker):
    _wait_until(_live_workers)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    job = send_mail.defer(mail_id=0)

    _wait_until(lambda: _is_done(job))
    assert worker.poll() is None
