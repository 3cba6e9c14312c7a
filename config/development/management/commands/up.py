"""Everything in one process tree: database, web server and worker. `make run` calls it."""

from __future__ import annotations

import socket
import sys
import urllib.request

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from accounts.models import User
from config import database_roles
from config.development.process_group import ProcessGroup
from config.safety import refuse_unsafe_configuration
from config.web.health import has_all_migrations
from hierarchy import demo


class Command(BaseCommand):
    help = "Prepare the database, then run the web server and the worker until stopped."
    requires_system_checks: list[str] = []  # noqa: RUF012  # `make check` runs them; this starts fast

    def handle(self, **options: object) -> None:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # also into a pipe
        refuse_unsafe_configuration()
        try:
            with claim_port(settings.PORT) as listener:
                self.prepare()
                failure = self.serve(listener)
        except PortInUseError as error:
            sys.exit(str(error))
        except OperationalError as error:
            sys.exit(f"Can't use the database in DATABASE_URL: {str(error).strip()}")
        if failure:
            sys.exit(f"{failure} Everything else has been stopped.")

    def serve(self, listener: socket.socket) -> str | None:
        """Run server and worker until told to stop; return what ended unexpectedly, if any."""
        number = listener.fileno()
        bind = ["--config", "python:config.gunicorn", "--bind", f"fd://{number}"]
        with ProcessGroup() as processes:
            gunicorn = [sys.executable, "-m", "gunicorn", *bind, "config.wsgi"]
            processes.start("web server", gunicorn, sockets=[number])
            processes.start("worker", [sys.executable, "manage.py", "worker"])
            failure = processes.wait(Greeting(self))
            self.stdout.write("Stopping …")
        return failure

    def prepare(self) -> None:
        """Bring the database and the static files up to date, doing only what is missing."""
        role = database_roles.service_role()
        with database_roles.as_owner():
            is_ready = has_all_migrations() and (not role or database_roles.is_granted(role))
        if not is_ready:
            self.stdout.write("Preparing the database …")
            call_command("migrate", verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        elif not User.objects.exists():
            self.stdout.write("Creating the demo organizations …")
            demo.load()

    def greet(self) -> None:
        self.stdout.write(f"\nCanopy is at {settings.BASE_URL}\n")
        if User.objects.filter(email=demo.SIGN_INS[0].email).exists():
            call_command("demo", stdout=self.stdout)
            self.stdout.write(f"E-mails appear at {settings.BASE_URL}/dev/mail/\n")
        connection.close()


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
            f"Can't use port {port} ({error.strerror}): stop whatever listens there, or choose"
            f" another, for example `make run PORT={port + 1}`."
        ) from error
    listener.listen(128)
    return listener
