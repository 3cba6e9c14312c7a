"""`manage.py resync_permissions`: make guardian's rows equal to what memberships imply."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hierarchy import grants


class Command(BaseCommand):
    help = "Compare the stored permissions with what memberships imply, and repair them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Change nothing; fail if anything differs."
        )

    def handle(self, *args: object, check: bool, **options: object) -> None:
        drifts = grants.resync(check=check)
        for drift in drifts:
            self.stdout.write(str(drift))
        if drifts and check:
            raise CommandError(f"{len(drifts)} stored permissions differ.", returncode=1)
        self.stdout.write(f"{len(drifts)} repaired." if drifts else "Nothing differs.")
