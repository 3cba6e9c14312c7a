"""What a session notes of how somebody has shown who they are."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest


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
