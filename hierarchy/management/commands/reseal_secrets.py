"""Seal what is kept sealed with the present SECRET_KEY, after it has been changed.

Until this has run, the former key must be in SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from accounts import mfa_adapter
from config.batches import SomeFailed, one_by_one
from hierarchy import outbox


class Command(BaseCommand):
    help = (
        "Reseal second factors, and e-mails that are queued or have failed, with the current"
        " SECRET_KEY."
    )

    def handle(self, **options: object) -> None:
        kinds = (
            (mfa_adapter.sealed_factors(), mfa_adapter.reseal),
            (outbox.sealed_mails(), outbox.reseal),
        )
        number = 0
        failures = []
        for rows, reseal in kinds:
            try:
                number += one_by_one(rows.values_list("pk", flat=True), reseal)
            except SomeFailed as failed:
                failures.append(str(failed))
        if failures:
            raise CommandError(f"{' '.join(failures)} The old key is still needed.")
        self.stdout.write(f"Resealed: {number}. The old key is no longer needed for them.")
