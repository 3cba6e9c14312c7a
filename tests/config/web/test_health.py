from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

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


def test_not_ready_without_worker(client):
    _report_worker(ago=timedelta(minutes=2))

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
