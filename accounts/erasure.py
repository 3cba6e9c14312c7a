"""Erasing what says who somebody was, once their account is closed."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User

# Never deliverable (RFC 2606), and the address itself is free for a new account.
NOWHERE = "closed-account.invalid"


@transaction.atomic
def erase(user: User) -> None:
    """Make the account unusable and nameless; end its sessions once this is committed."""
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    storage, avatar = user.avatar.storage, user.avatar.name
    if avatar:
        transaction.on_commit(lambda: storage.delete(avatar))
    user.email = f"{user.pk}@{NOWHERE}"
    user.first_name = user.last_name = ""
    user.avatar = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    for session in UserSession.objects.filter(user=user):
        transaction.on_commit(session.end)
