"""Staff at work in the admin."""

from functools import partial

import pytest

from hierarchy.roles import Role
from tests.factories import MembershipFactory, UserFactory
from tests.proofs import give_factor, note_proof

REASON = "Asked for by phone"


@pytest.fixture
def enter(client):
    """Return a function that signs staff in, who have just given second factor and password."""

    def enter(user):
        if user.is_staff:
            give_factor(user)
        client.force_login(user)
        note_proof(client, user, "password", reauthenticated=True)
        note_proof(client, user, "mfa", type="totp", reauthenticated=True)
        client.post = partial(_post_with_reason, client)
        return client

    return enter


def _post_with_reason(client, path, data=None, **more):
    """Send a form of the admin as staff fill it in: with the reason that its buttons ask for."""
    given = data if data and not isinstance(data, dict) else {"why": REASON} | (data or {})
    return type(client).post(client, path, given, **more)


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
