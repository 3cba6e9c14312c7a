"""Whoever reads the tables opens nothing: keys are digests there, contents are sealed."""

from importlib import import_module

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.sealed_sessions import Key, SessionStore, digest_of
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/profile/"
DEVICES = "/accounts/sessions/"
SECRET = "what only this session knows"


@pytest.fixture
def ada():
    return UserFactory(email="ada@example.com")


@pytest.fixture
def device(ada):
    """Return a function that signs Ada in with one more browser."""

    def device():
        client = Client(HTTP_USER_AGENT="Firefox")
        client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
        return client

    return device


def _cookie(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _is_signed_in(client):
    return client.get(PAGE).status_code == 200


def _present(cookie):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    return client


def _database():
    """Return all rows of all tables as one text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT "{table}"::text FROM "{table}"')
            yield from (row for (row,) in cursor.fetchall())


def _texts(model):
    return {str(value) for row in model.objects.values_list() for value in row}


def test_keep_no_cookie_and_nothing_of_the_contents_readable(device):
    client = device()
    session = client.session
    session["note"] = SECRET
    session.save()

    database = "\n".join(_database())

    assert _is_signed_in(client)
    assert client.session["note"] == SECRET
    assert digest_of(_cookie(client)) in database
    assert _cookie(client) not in database
    assert SECRET not in database
    # Django's own engine reads what is signed and not sealed.
    assert [row.get_decoded() for row in Session.objects.all()] == [{}]


def test_open_nothing_with_what_the_tables_say(device):
    client = device()
    known = _texts(Session) | _texts(UserSession)
    known |= {text.lstrip(".") for text in known} | {f"..{digest_of(_cookie(client))}"}

    opened = [text for text in known if text.isprintable() and _is_signed_in(_present(text))]

    assert len(known) > 8
    assert opened == []
    assert _is_signed_in(_present(_cookie(client)))


def test_end_nobodys_session_with_what_the_tables_say(device):
    client = device()

    _present(digest_of(_cookie(client))).post("/accounts/logout/")

    assert _is_signed_in(client)


def test_list_and_end_devices(device):
    here = device()
    there = device()

    page = here.get(DEVICES)
    rows = page.context["sessions"]
    here.post(reverse("accounts:session-end", args=[rows[1].pk]))

    assert [row.session_key == here.session.session_key for row in rows] == [True, False]
    assert page.content.decode().count("This device") == 1
    assert [_is_signed_in(client) for client in (here, there)] == [True, False]


def test_end_all_other_devices(device):
    here = device()
    there = device()

    here.post(DEVICES)

    assert [_is_signed_in(client) for client in (here, there)] == [True, False]


def test_forget_devices_whose_session_is_over_and_keep_the_others(device, ada):
    here = device()
    there = device()
    lost = digest_of(_cookie(there))
    Session.objects.filter(session_key=lost).delete()

    devices = UserSession.objects.purge_and_list(ada)

    assert [row.session_key for row in devices] == [digest_of(_cookie(here))]


def test_forget_devices_from_before_the_password_was_changed(device, ada):
    device()
    ada.set_password("another quite long password")
    ada.save()

    assert UserSession.objects.purge_and_list(ada) == []


def test_stay_signed_in_while_the_former_secret_key_is_known(device, settings):
    client = device()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "k" * 64, [settings.SECRET_KEY]
    assert _is_signed_in(client)
    session = client.session
    session["note"] = SECRET
    session.save()

    settings.SECRET_KEY_FALLBACKS = []

    assert client.session["note"] == SECRET


def test_sign_in_again_once_it_is_not(device, settings):
    client = device()

    settings.SECRET_KEY = "k" * 64

    assert client.get(PAGE).status_code == 302


def test_read_and_write_the_same_without_waiting():
    async def through_all_ways():
        store = SessionStore()
        await store.aset("note", SECRET)
        await store.asave()
        first = store.session_key
        await store.acycle_key()
        return first, store.session_key, await SessionStore(str(store.session_key)).aget("note")

    first, second, note = async_to_sync(through_all_ways)()

    assert note == SECRET
    assert set(Session.objects.values_list("session_key", flat=True)) == {digest_of(second)}
    assert not SessionStore(str(first)).get("note")
    async_to_sync(SessionStore(str(second)).adelete)()
    assert not Session.objects.exists()


def test_know_a_key_by_its_digest():
    key = Key("abcdefgh12345678")

    assert key == Key("abcdefgh12345678") == digest_of("abcdefgh12345678")
    assert {key: 1}[digest_of(key)] == 1
    assert key != "abcdefgh12345678"
    assert key != Key("abcdefgh12345679")
    assert f"{key}" == "abcdefgh12345678"


def test_end_what_was_kept_under_readable_keys(device):
    client = device()
    migration = import_module("accounts.migrations.0006_end_sessions_with_readable_keys")
    (operation,) = migration.Migration.operations

    with connection.cursor() as cursor:
        cursor.execute(operation.sql)

    assert not _is_signed_in(client)
