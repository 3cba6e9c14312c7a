"""After SECRET_KEY has changed: make the second factors independent of the former key."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.sealing import seal, unseal

SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    help = "Seal the secrets of all second factors with the present SECRET_KEY."

    def handle(self, **options: Any) -> None:
        kept = Authenticator.objects.filter(type__in=SEALED).order_by("pk")
        numbers = list(kept.values_list("pk", flat=True))
        for pk in numbers:
            reseal(pk)
        self.stdout.write(f"Sealed anew: {len(numbers)}. The former key is needed no more.")


@transaction.atomic
def reseal(pk: int) -> None:
    """Seal one factor anew, whatever its owner does with it at the same time."""
    factor = Authenticator.objects.select_for_update().get(pk=pk)
    name = SEALED[factor.type]
    factor.data[name] = seal(unseal(factor.data[name]))
    factor.save(update_fields=["data"])
