from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils import timezone

from config.web.session_life import LAST_SEEN_AT, NOTE_EVERY_SECONDS, SIGNED_IN_AT
from tests.factories import UserFactory

IDLE = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
LONGEST = timedelta(seconds=settings.SESSION_COOKIE_AGE)
PAGE = "/accounts/email/"

pytestmark = pytest.mark.django_db


def _is_signed_in(client):
    client.get(PAGE)
    return SIGNED_IN_AT in client.session


def test_keep_session_within_idle_limit(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(UserFactory())
        clock.shift(IDLE - timedelta(seconds=60))

        assert _is_signed_in(client)


def test_end_session_after_idle_limit(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(UserFactory())
        clock.shift(IDLE + timedelta(seconds=60))

        assert not _is_signed_in(client)


def test_end_session_after_longest_life_whatever_the_activity(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(UserFactory())
        started = timezone.now()
        while timezone.now() + IDLE / 2 < started + LONGEST:
            clock.shift(IDLE / 2)
            assert _is_signed_in(client)
        clock.shift(IDLE / 2 + timedelta(seconds=60))

        assert not _is_signed_in(client)


def test_note_activity_only_now_and_then(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(UserFactory())
        before = client.session[LAST_SEEN_AT]
        clock.shift(60)
        client.get(PAGE)
        assert client.session[LAST_SEEN_AT] == before
        clock.shift(NOTE_EVERY_SECONDS)
        client.get(PAGE)

        assert client.session[LAST_SEEN_AT] > before
        assert UserSession.objects.get().last_seen_at == timezone.now()
