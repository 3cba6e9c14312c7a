"""What the page tests share."""

import time

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.core.cache import cache
from django.http import HttpRequest

from config.session_life import SIGNED_IN_AT


@pytest.fixture
def sign_in(client):
    """Return a function that signs somebody in, an hour ago, and returns the client."""

    def sign_in(user):
        client.force_login(user)
        session = client.session
        session[SIGNED_IN_AT] = time.time() - 60 * 60
        session.save()
        return client

    return sign_in


@pytest.fixture
def give_password(client):
    """Return a function that makes the session of `user` one that has just given the password."""

    def give_password(user):
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "password", reauthenticated=True)
        request.session.save()

    return give_password


@pytest.fixture
def enter(sign_in, give_password):
    """Return a function that signs somebody in who has just given their password."""

    def enter(user):
        client = sign_in(user)
        give_password(user)
        return client

    return enter


@pytest.fixture
def forget_limits(db):
    """Let a test ask as often as it likes: how often people did is in the cache."""
    cache.clear()
