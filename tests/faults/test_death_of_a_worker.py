"""What docs/operating.md says of a worker that dies, done to real ones: killed while they send."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from email import message_from_bytes
from itertools import product
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import AlreadyEnqueued

from accounts import mails
from config import tasks
from config.development.process_group import end_with_parent
from hierarchy.models import OutgoingMail
from hierarchy.roles import Role
from hierarchy.tasks import send_mail
from tests.browser.installation import free_port
from tests.support.acting import invitations
from tests.support.postgres import url_of_test_database
from tests.support.sampling import IS_THOROUGH

ROOT = Path(__file__).resolve().parents[2]
DEAD_SECONDS = 2
LEASE = 2 * DEAD_SECONDS
PATIENCE = 180

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


class Slow:
    """A mail server that has a mail whole, and answers only when it is let."""

    def __init__(self):
        self.mails = []
        self.may_answer = threading.Event()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append((time.monotonic(), message_from_bytes(envelope.content)))
        while not self.may_answer.is_set():
            await asyncio.sleep(0.05)
        return "250 OK"

    def stop(self):
        self.may_answer.set()
        self._controller.stop()


@pytest.fixture
def mail_server():
    server = Slow()
    yield server
    server.stop()


@pytest.fixture
def start_worker(empty_queue, mail_server):
    """Return a function that starts a real worker on the test database, mailing to the server."""
    processes = []
    environment = {
        **os.environ,
        "DEBUG": "true",
        "DATABASE_URL": url_of_test_database(),
        "EMAIL_URL": mail_server.url,
        "WORKER_DEAD_SECONDS": str(DEAD_SECONDS),
    }

    def start_worker():
        command = [sys.executable, "manage.py", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=end_with_parent)
        processes.append(process)
        return process

    yield start_worker
    for process in processes:
        process.kill()
        process.wait()


def _wait_until(claim):
    deadline = time.monotonic() + PATIENCE
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _kill(worker, mail_server):
    """Kill a worker whose mail the mail server has, and hasn't said so; let it answer from now."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    mail_server.may_answer.set()


def _take_over(mail_server):
    """Let the clock, which ticks each minute, tick each second until the mail comes once more."""
    deadline = time.monotonic() + PATIENCE
    while len(mail_server.mails) < 2:
        assert time.monotonic() < deadline
        with suppress(AlreadyEnqueued):
            tasks.retry_stalled_jobs.defer(timestamp=0)
        time.sleep(0.5)


def _invite(tree, owner):
    invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)


def _mail_code(tree, owner):
    mails.queue("account/email/email_confirmation", "new@example.com", {"code": "ABC-DEF"})


MOMENTS = ("runs already", "starts later")  # of the other worker
CASES = list(zip(MOMENTS, (_invite, _mail_code), strict=True))
ALL_CASES = list(product(MOMENTS, (_invite, _mail_code)))


@pytest.mark.parametrize(("moment", "queue"), ALL_CASES if IS_THOROUGH else CASES)
def test_another_worker_sends_what_a_dead_one_had_in_its_hands(
    tree, owner, mail_server, start_worker, moment, queue
):
    first = start_worker()
    queue(tree, owner)
    _wait_until(lambda: mail_server.mails)
    if moment == "runs already":
        start_worker()
        _wait_until(lambda: ProcrastinateWorker.objects.count() == 2)

    _kill(first, mail_server)
    if moment == "starts later":
        start_worker()
    _take_over(mail_server)

    _wait_until(lambda: not ProcrastinateJob.objects.filter(task_name__contains="mail").exists())
    (before, one), (after, two) = mail_server.mails
    assert one["To"] == two["To"] == "new@example.com"
    assert one["Message-ID"] == two["Message-ID"]
    if queue is _invite:
        mail = OutgoingMail.objects.get()
        assert (mail.state, mail.attempts, mail.message_id) == ("sent", 2, one["Message-ID"])
        assert after - before >= LEASE - 0.1  # nobody takes it from a worker that may still live


def test_one_that_cannot_be_queued_again_keeps_no_other_from_it():
    """Of jobs that lock others of their kind out, one waits by now: the dead one's waits longer."""
    stuck = _of_the_dead(tasks.clear_expired_sessions)
    free = _of_the_dead(send_mail)
    tasks.clear_expired_sessions.configure(schedule_in={"hours": 1}).defer(timestamp=1)
    tasks.retry_stalled_jobs.defer(timestamp=0)

    for _time in range(2):
        with jobs.replace_connector(jobs.connector.get_worker_connector()) as worker:
            worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)

    assert not ProcrastinateJob.objects.filter(pk=free).exists()
    assert ProcrastinateJob.objects.get(pk=stuck).status == "doing"


def _of_the_dead(task):
    """Return the id of a job that a worker has who has not been heard of for an hour."""
    job = task.defer(**({"mail_id": 0} if task is send_mail else {"timestamp": 0}))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id"
        )
        (dead,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [dead, job],
        )
    return job
