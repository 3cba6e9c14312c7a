"""`manage.py demo`: load the demo data and say who can sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hierarchy import demo


class Command(BaseCommand):
    help = "Load three example organizations, once, and print who can sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="Load it even where DEBUG is off.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "The demo's passwords are public, so it belongs in development only (DEBUG=true)."
            )
        created = demo.load()
        self.stdout.write("Demo data loaded." if created else "The demo data was already loaded.")
        for person in demo.SIGN_INS:
            self.stdout.write(f"  {person.email:<24} {person.description}")
        self.stdout.write(f"  Password for everyone: {demo.PASSWORD}")
