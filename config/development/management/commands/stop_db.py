"""Stop the embedded PostgreSQL, should something have left it running."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from config.development import embedded_postgres


class Command(BaseCommand):
    help = "Stop the embedded PostgreSQL."

    def handle(self, **options: object) -> None:
        was_running = embedded_postgres.is_running(settings.EMBEDDED_DATA)
        embedded_postgres.stop(settings.EMBEDDED_DATA)
        self.stdout.write("Stopped." if was_running else "It wasn't running.")
