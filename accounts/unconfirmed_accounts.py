"""Accounts that someone signed up for with an address that was never confirmed."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from config.batches import one_by_one

# How long a sign-up waits for its code. Then the owner of the address finds it free.
WAITING = timedelta(days=1)


def forget() -> None:
    """Delete accounts that someone signed up for, but never showed the address to be theirs."""
    signed_up = EmailAddress.objects.filter(verified=False, user__last_login=None)
    late = signed_up.filter(user__date_joined__lt=timezone.now() - WAITING)
    one_by_one(late.select_related("user"), _forget_one)


@transaction.atomic
def _forget_one(address: EmailAddress) -> bool:
    user = address.user
    if user.is_staff or user.verified_addresses().exists():
        return False
    try:
        user.delete()
    except ProtectedError:  # staff have given the account a place: they expect someone to come
        return False
    return True
