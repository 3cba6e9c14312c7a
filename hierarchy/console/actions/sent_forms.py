"""Letting a form create one thing, no matter how often it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from config.batches import delete_in_batches
from hierarchy.models import SentForm

if TYPE_CHECKING:
    from accounts.models import User

REMEMBERED = timedelta(days=1)


def claim(digest: str, *, by: User) -> tuple[SentForm, bool]:
    """Return what is known of a form, and whether it is sent for the first time.

    Call it in the transaction that does what the form asks: who sends the same at this instant
    waits for its end. If it is undone, the form has never been sent.
    """
    with transaction.atomic():
        return SentForm.objects.get_or_create(user=by, digest=digest)


def settle(sent: SentForm, led_to: str) -> None:
    """Note where the form led; nowhere if it was shown again and may be resent."""
    if led_to:
        SentForm.objects.filter(pk=sent.pk).update(led_to=led_to)
    else:
        SentForm.objects.filter(pk=sent.pk).delete()


def forget_old() -> int:
    """Delete what is remembered of forms for longer than a day; return of how many."""
    return delete_in_batches(SentForm.objects.filter(sent_at__lt=timezone.now() - REMEMBERED))
