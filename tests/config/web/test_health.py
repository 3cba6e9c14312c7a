from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config.clock import MOST_APART

pytestmark = pytest.mark.django_db


def _report_worker(ago=timedelta(0)):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)",
            [timezone.now() - ago],
        )


def test_alive_without_a_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz", headers={"Host": "10.0.0.7"})

    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}


def test_ready_when_a_worker_reports(client):
    _report_worker()

    answer = client.get("/readyz", headers={"Host": "10.0.0.7"})

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready"}


@pytest.mark.parametrize("ago", [timedelta(minutes=2), -MOST_APART - timedelta(seconds=20)])
def test_not_ready_without_a_worker_that_reports_now(client, ago):
    _report_worker(ago=ago)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "failed": ["worker"]}


def test_not_ready_with_migrations_to_do(client):
    _report_worker()
    MigrationRecorder.Migration.objects.filter(app="accounts").delete()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["failed"] == ["migrations"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_refuse_other_verbs(client, path):
    assert client.post(path).status_code == 405
