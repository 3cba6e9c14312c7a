from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from config import tasks


def _work():
    """Do every job that waits, as the worker does, then return."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
        worker_app.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)


@pytest.mark.django_db(transaction=True)
def test_queue_stalled_job_again():
    job = tasks.clear_expired_sessions.defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id",
            [timezone.now() - timedelta(hours=1)],
        )
        (dead_worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [dead_worker, job],
        )
    tasks.retry_stalled_jobs.defer(timestamp=0)

    _work()
    _work()

    assert not ProcrastinateJob.objects.filter(pk=job).exists()


@pytest.mark.django_db(transaction=True)
def test_clear_expired_sessions():
    Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(days=1))
    tasks.clear_expired_sessions.defer(timestamp=0)

    _work()

    assert not Session.objects.exists()
