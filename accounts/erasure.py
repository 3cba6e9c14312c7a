"""Erasing who someone was: accounts that were closed, and devices of long ago."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import NOWHERE, User
from config.batches import delete_in_batches


@transaction.atomic
def erase(user: User) -> None:
    """Make the account unusable and nameless; end its sessions once this is committed."""
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    storage = user.avatar.storage
    avatar = user.avatar.name
    if avatar:
        transaction.on_commit(lambda: storage.delete(avatar))
    user.email = f"{user.pk}@{NOWHERE}"  # so that the address itself is free for a new account
    user.first_name = user.last_name = ""
    user.avatar = ""
    user.former_address_hashes = []
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    for session in UserSession.objects.filter(user=user):
        transaction.on_commit(session.end)


def forget_devices() -> int:
    """Delete what is known of devices that were signed out, or whose session is over, long ago."""
    limit = timezone.now() - timedelta(days=settings.KEEP_DAYS)
    live = Session.objects.filter(session_key=OuterRef("session_key"))
    return delete_in_batches(UserSession.objects.filter(~Exists(live), last_seen_at__lt=limit))
