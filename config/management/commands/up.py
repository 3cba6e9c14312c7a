"""Everything in one process tree: database, web server and worker. `make run` calls it."""

from __future__ import annotations

import io
import os
import socket
import sys
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import OperationalError

from config.health import has_all_migrations
from config.process_group import ProcessGroup
from config.safety import UnsafeConfigurationError, refuse_unsafe_configuration

SIGN_INS = settings.VAR_DIR / "demo-sign-ins.txt"


class Command(BaseCommand):
    help = "Prepare the database, then run the web server and the worker until told to stop."
    requires_system_checks: list[str] = []  # noqa: RUF012  # `make check` runs them; this starts fast

    def handle(self, **options: Any) -> None:
        refuse_busy_port(settings.PORT)
        try:
            refuse_unsafe_configuration()
            self.prepare()
        except (UnsafeConfigurationError, OperationalError) as error:
            raise CommandError(str(error).strip()) from error
        processes = ProcessGroup()
        environment = {**os.environ, "PORT": str(settings.PORT)}
        web = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
        processes.start("web server", [*web, "config.wsgi"], environment)
        processes.start("worker", [sys.executable, "manage.py", "worker"], environment)
        failure = processes.wait(Greeting(self))
        self.stdout.write("Stopping …")
        processes.stop()
        if failure:
            raise CommandError(f"{failure} Everything else has been stopped.")

    def prepare(self) -> None:
        """Bring the database and the static files up to date, doing only what is missing."""
        if not has_all_migrations():
            self.stdout.write("Preparing the database …")
            call_command("migrate", verbosity=0)
            call_command("createcachetable")
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        elif not get_user_model().objects.exists() and "demo" in get_commands():
            self.stdout.write("Creating the demo organizations …")
            output = io.StringIO()
            call_command("demo", stdout=output)
            SIGN_INS.write_text(output.getvalue())

    def greet(self) -> None:
        self.stdout.write(f"\nCanopy is at {settings.BASE_URL}\n")
        if settings.DEBUG and SIGN_INS.exists():
            self.stdout.write(SIGN_INS.read_text())


class Greeting:
    """Says once that the server answers, as soon as it really does."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.is_done = False

    def __call__(self) -> None:
        if not self.is_done and answers(settings.PORT):
            self.is_done = True
            self.command.greet()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def refuse_busy_port(port: int) -> None:
    """Raise CommandError when something listens on `port` already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is in use ({error.strerror}): stop what listens there, or choose"
                f" another, for example `make run PORT={port + 1}`."
            ) from error
