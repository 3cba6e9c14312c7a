"""Everything in one process tree: database, web server and worker. `make run` calls it."""

from __future__ import annotations

import io
import socket
import sys
import urllib.request
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
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
        try:
            refuse_unsafe_configuration()
            with claim_port(settings.PORT) as listener:
                self.prepare()
                failure = self.serve(listener)
        except (UnsafeConfigurationError, PortInUseError, OperationalError) as error:
            sys.exit(str(error).strip())
        if failure:
            sys.exit(f"{failure} Everything else has been stopped.")

    def serve(self, listener: socket.socket) -> str | None:
        """Run server and worker until told to stop; return what ended unexpectedly, if any."""
        processes = ProcessGroup()
        number = listener.fileno()
        bind = ["--config", "python:config.gunicorn", "--bind", f"fd://{number}"]
        gunicorn = [sys.executable, "-m", "gunicorn", *bind, "config.wsgi"]
        processes.start("web server", gunicorn, sockets=[number])
        processes.start("worker", [sys.executable, "manage.py", "worker"])
        failure = processes.wait(Greeting(self))
        self.stdout.write("Stopping …")
        processes.stop()
        return failure

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


class PortInUseError(Exception):
    """Something listens on the port already."""


def claim_port(port: int) -> socket.socket:
    """Return a listening socket, so that nobody else gets the port while the rest starts."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise PortInUseError(
            f"Port {port} can't be used ({error.strerror}): stop what listens there, or choose"
            f" another, for example `make run PORT={port + 1}`."
        ) from error
    listener.listen(128)
    return listener
