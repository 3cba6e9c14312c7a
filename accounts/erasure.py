"""Erasing who someone was: accounts that were closed, and those nobody confirmed."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError
from django.utils import timezone

from accounts.models import NOWHERE, User
from config.batches import delete_in_batches, one_by_one

# How long a sign-up waits for its code. Then the owner of the address finds it free.
UNCONFIRMED = timedelta(days=1)


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


def forget_unconfirmed() -> None:
    """Delete accounts that someone signed up for, but never showed the address to be theirs."""
    signed_up = EmailAddress.objects.filter(verified=False, user__last_login=None)
    late = signed_up.filter(user__date_joined__lt=timezone.now() - UNCONFIRMED)
    one_by_one(late.select_related("user"), _forget)


@transaction.atomic
def _forget(address: EmailAddress) -> bool:
    user = address.user
    if user.is_staff or user.verified_addresses().exists():
        return False
    try:
        user.delete()
    except ProtectedError:  # staff have given the account a place: they expect someone to come
        return False
    return True
