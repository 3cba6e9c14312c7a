"""What the page tests share."""

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest


@pytest.fixture
def sign_in(client):
    """Return a function that signs somebody in and returns the client."""

    def sign_in(user):
        client.force_login(user)
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
