#!/usr/bin/env python
"""Django's entry point; runs the embedded PostgreSQL while a command needs it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from contextlib import AbstractContextManager

# Commands that only look at the code. Every other may want the database.
WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "stop_db",
    "version",
}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Leave by the door, so that a database that runs for this command alone is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    from django.core.management import execute_from_command_line

    from config.development.embedded_postgres import EmbeddedPostgresError
    from config.safety import UnsafeConfigurationError

    try:
        with _database(arguments[1] if len(arguments) > 1 else "help"):
            execute_from_command_line(arguments)
    except (EmbeddedPostgresError, UnsafeConfigurationError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _database(command: str) -> AbstractContextManager[None]:
    from django.conf import settings

    from config.development import embedded_postgres
    from config.safety import refuse_unsafe_configuration

    if command.lstrip("-") in WITHOUT_DATABASE or not settings.USES_EMBEDDED_POSTGRES:
        return contextlib.nullcontext()
    if not settings.EMBEDDED_POSTGRES_ALLOWED:
        refuse_unsafe_configuration()  # names this and whatever else is missing
    return embedded_postgres.in_use(settings.EMBEDDED_DATA)


if __name__ == "__main__":
    main(sys.argv)
