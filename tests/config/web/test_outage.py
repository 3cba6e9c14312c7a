import psycopg
import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.test import Client, override_settings

from config.web import outage

SOMEWHERE_DEAD = {"HOST": "127.0.0.1", "PORT": "1"}


@pytest.fixture
def dead_database(django_db_blocker):
    """Every connection of this process is lost, and none can be made."""
    with django_db_blocker.unblock():
        connection = connections["default"]
        alive = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(SOMEWHERE_DEAD)
        yield
        connection.close()
        connection.settings_dict.update(alive)


@pytest.mark.parametrize("debug", [False, True])
def test_answer_503_when_database_is_away(dead_database, debug):
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32

    with override_settings(DEBUG=debug):
        answer = client.get("/accounts/login/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-ID"] in answer.text


def test_stay_alive_but_not_ready_when_database_is_away(dead_database, client):
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")

    assert ready.status_code == 503
    assert ready.json() == {"status": "unavailable", "failed": ["database"]}


@pytest.mark.django_db
def test_recover_without_restart(client):
    assert client.get("/accounts/login/").status_code == 200


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError(), True),
        (InterfaceError(), True),
        (psycopg.OperationalError(), True),
        (ValueError(), False),
    ],
)
def test_tell_outages_from_mistakes(error, expected):
    assert outage.is_outage(error) == expected


def test_look_behind_wrapped_errors():
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError from psycopg.OperationalError()

    assert outage.is_outage(caught.value)
