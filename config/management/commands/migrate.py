"""Django's `migrate`, run by the owner of the tables, and complete: cache and rights included."""

from __future__ import annotations

from django.core.management import call_command
from django.core.management.commands import migrate

from config import database_roles


class Command(migrate.Command):
    def handle(self, *args: object, **options: object) -> None:
        """Migrate, then make what no migration makes, unless only a question was asked."""
        with database_roles.as_owner():
            super().handle(*args, **options)
            if options["check_unapplied"] or options["plan"]:
                return
            call_command(
                "createcachetable", database=options["database"], verbosity=options["verbosity"]
            )
            if role := database_roles.service_role():
                database_roles.grant(role)
