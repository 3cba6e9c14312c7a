"""What a session notes of how somebody has shown who they are."""

import time
from contextlib import contextmanager

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from accounts.sealed_sessions import SessionStore


@contextmanager
def signing_in(client, user):
    """Sign `user` in, and write what the block notes in the session along with it.

    Django's `force_login` writes a session first that nobody has signed in to.
    """
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    yield request
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key


def give_factor(user):
    """Give `user` an authenticator app unless they have one."""
    Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {}}
    )


def note_proof(client, user, method="mfa", seconds_ago=0, **facts):
    """Note in the session of `client` that `user` has given a proof; "mfa" is the second factor."""
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, method, **facts)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] = time.time() - seconds_ago
    request.session.save()
