"""What the tests of the hierarchy share: people who have signed in, and what is on record."""

import time
from datetime import timedelta
from functools import partial

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from config.web.session_life import SIGNED_IN_AT
from hierarchy import grants
from hierarchy.models import AuditEvent, Membership, Status
from hierarchy.roles import Role
from tests.factories import MembershipFactory, UserFactory
from tests.support.proofs import give_factor, signing_in

DAY = timedelta(days=1)
REASON = "Asked for by phone"


@pytest.fixture
def recorded():
    """Return a function that names the actions recorded so far: factories record none."""
    return lambda: list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


@pytest.fixture(params=["suspended_member", "ended", "not_begun"])
def resting(request, viewer):
    """Let the viewer be a member to whom nothing is granted now; return the code that says so."""
    fields = {
        "suspended_member": {"status": Status.SUSPENDED},
        "ended": {"ends_at": timezone.now() - DAY},
        "not_begun": {"starts_at": timezone.now() + DAY},
    }[request.param]
    membership = Membership.objects.get(user=viewer)
    Membership.objects.filter(pk=membership.pk).update(**fields)
    grants.derive(viewer, membership.organization)
    return request.param


@pytest.fixture
def sign_in(client):
    """Return a function that signs somebody in, an hour ago, and returns the client."""

    def sign_in(user):
        with signing_in(client, user) as request:
            request.session[SIGNED_IN_AT] = time.time() - 60 * 60
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
def enter(client):
    """Return a function that signs somebody in who has just given their password."""

    def enter(user):
        with signing_in(client, user) as request:
            request.session[SIGNED_IN_AT] = time.time() - 60 * 60
            record_authentication(request, user, "password", reauthenticated=True)
        return client

    return enter


@pytest.fixture
def forget_limits(db):
    """Let a test ask as often as it likes: how often people did is in the cache."""
    cache.clear()


@pytest.fixture
def enter_admin(client):
    """Return a function that signs staff in, who have just given second factor and password."""

    def enter(user):
        if user.is_staff:
            give_factor(user)
        with signing_in(client, user) as request:
            record_authentication(request, user, "password", reauthenticated=True)
            record_authentication(request, user, "mfa", type="totp", reauthenticated=True)
        client.post = partial(_post_with_reason, client)
        return client

    return enter


def _post_with_reason(client, path, data=None, **more):
    """Send a form of the admin as staff fill it in: with the reason that its buttons ask for."""
    given = data if data and not isinstance(data, dict) else {"why": REASON} | (data or {})
    return type(client).post(client, path, given, **more)


@pytest.fixture
def admin(enter_admin, staff):
    """The browser of a superuser."""
    return enter_admin(staff)


@pytest.fixture
def limited(tree):
    """Staff without global permissions: manager of the workspace Shop alone."""
    user = UserFactory(email="limited@example.com", is_staff=True)
    MembershipFactory(user=user, node=tree.shop, role=Role.MANAGER)
    return user
