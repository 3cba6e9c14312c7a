"""A whole Canopy for the browser tests: server, worker, database of its own, and a mail server."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from email import message_from_bytes, policy
from pathlib import Path

import psycopg
from aiosmtpd.controller import Controller

from config.development.process_group import end_with_parent
from hierarchy.demo import PASSWORD, SignIn
from tests.support.postgres import create_service_role, url_as_service

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300
MAIL_SECONDS = 60


class MailServer:
    """Takes every mail by SMTP on loopback and keeps it."""

    def __init__(self) -> None:
        self.mails = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(message)
        return "250 OK"

    def wait_for(self, recipient: str, subject: str) -> str:
        """Return the text of the newest mail to `recipient` whose subject contains `subject`."""
        deadline = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < deadline:
            for mail in reversed(self.mails):
                if mail["To"] == recipient and subject in mail["Subject"]:
                    return "\n".join(mail.get_body(("plain",)).get_content().splitlines())
            time.sleep(0.1)
        seen = [(mail["To"], mail["Subject"]) for mail in self.mails]
        raise AssertionError(f"no mail to {recipient} about {subject!r}; there are {seen}")

    def stop(self) -> None:
        self._controller.stop()


class Installation:
    """`manage.py up` in a process of its own, as `make run` starts it: with two roles.

    Without the demo data it begins with a superuser, whom the command makes that operators use.
    """

    def __init__(self, folder: Path, database: str, *, superuser: SignIn | None = None) -> None:
        self.mail_server = MailServer()
        self.url = f"http://localhost:{free_port()}"
        self.log = folder / "server.log"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url_as_service(os.environ["DATABASE_URL"], database),
            "MIGRATION_DATABASE_URL": create_database(database),
            "EMAIL_URL": self.mail_server.url,
            "BASE_URL": self.url,
            "PORT": self.url.rpartition(":")[2],
            "VAR_DIR": str(folder),
            "DEBUG": "true",
        }
        if superuser:
            _create_superuser(superuser, environment)
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=environment,
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"the server does not answer:\n{self.log.read_text()}")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(180)
        self.mail_server.stop()


def _create_superuser(person: SignIn, environment: dict[str, str]) -> None:
    known = {
        "DATABASE_URL": environment["MIGRATION_DATABASE_URL"],
        "DJANGO_SUPERUSER_EMAIL": person.email,
        "DJANGO_SUPERUSER_FIRST_NAME": person.first_name,
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    command = [sys.executable, "manage.py", "createsuperuser", "--no-input", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment | known, check=True)


def create_database(name: str) -> str:
    """Create a database beside the tests' own, as they begin; return its URL for who owns it."""
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        template = os.environ.get("TEST_TEMPLATE", "template1")
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        create_service_role(connection.execute)
    return re.sub(r"/[^/?]+(\?|$)", rf"/{name}\1", url, count=1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
