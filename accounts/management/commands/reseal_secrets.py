"""After SECRET_KEY has changed: make the second factors independent of the former key."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.sealing import seal, unseal
from config.jobs import SomeFailed, one_by_one

SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    help = "Seal the secrets of all second factors with the present SECRET_KEY."

    def handle(self, **options: Any) -> None:
        kept = Authenticator.objects.filter(type__in=SEALED).order_by("pk")
        try:
            number = one_by_one(kept.values_list("pk", flat=True), reseal)
        except SomeFailed as failed:
            raise CommandError(f"{failed} The former key is still needed.") from failed
        self.stdout.write(f"Sealed anew: {number}. The former key is needed no more.")


@transaction.atomic
def reseal(pk: int) -> bool:
    """Seal one factor anew; return whether it is still there."""
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if factor is not None:
        name = SEALED[factor.type]
        factor.data[name] = seal(unseal(factor.data[name]))
        factor.save(update_fields=["data"])
    return factor is not None
