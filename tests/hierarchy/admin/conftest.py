"""Staff at work in the admin."""

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from hierarchy.roles import Role
from tests.factories import MembershipFactory, UserFactory


@pytest.fixture
def enter(client):
    """Return a function that signs staff in, with a second factor and the password just given."""

    def enter(user):
        if user.is_staff:
            Authenticator.objects.get_or_create(
                user=user, type=Authenticator.Type.TOTP, defaults={"data": {}}
            )
        client.force_login(user)
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "password", reauthenticated=True)
        request.session.save()
        return client

    return enter


@pytest.fixture
def admin(enter, staff):
    """The browser of a superuser."""
    return enter(staff)


@pytest.fixture
def limited(tree):
    """Staff without global permissions: manager of the workspace Shop alone."""
    user = UserFactory(email="limited@example.com", is_staff=True)
    MembershipFactory(user=user, node=tree.shop, role=Role.MANAGER)
    return user
