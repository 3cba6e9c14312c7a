"""No table, dump or log tells what a mail lets its reader do: open an invitation or an account."""

import base64
import binascii
import re
import zlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from allauth.account.models import EmailAddress
from django.contrib.sessions.serializers import JSONSerializer
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from hierarchy import outbox
from hierarchy.console.navigation import node_url
from hierarchy.models import Invitation, MailState, OutgoingMail
from tests.browser.installation import free_port
from tests.factories import PASSWORD, UserFactory
from tests.support.acting import reminders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]

TOKEN = re.compile(r"/invitations/([\w-]{20,})/")
CODE = re.compile(r"^([A-Z0-9]{3,}-[A-Z0-9]{3,})$", re.MULTILINE)
RESET = re.compile(r"/password/reset/key/([\w-]+)/")
# What may be base64: of a session, of the cache, or of something inside either.
ENCODED = re.compile(r"[\w+/=-]{24,}")


class Quoting:
    """A mail server that keeps what it is sent, and may quote all of it in a refusal."""

    def __init__(self):
        self.texts = []
        self.is_refusing = False
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.port = self._controller.port

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        text = envelope.content.decode().replace("=\r\n", "").replace("=3D", "=")
        self.texts.append(text.replace("\r\n", "\n"))
        if not self.is_refusing:
            return "250 OK"
        found = TOKEN.findall(text) + CODE.findall(self.texts[-1]) + RESET.findall(text)
        return f"451 4.7.1 Listed: {' '.join(found)} http://{found[0]}/ {found[0][:9].lower()}"

    def stop(self):
        self._controller.stop()

    def found(self, pattern):
        return [secret for text in self.texts for secret in pattern.findall(text)]


@pytest.fixture
def mail_server(settings):
    server = Quoting()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    yield server
    server.stop()


def _signed_in(user):
    cache.clear()
    browser = Client()
    browser.force_login(user)
    return browser


def _work():
    """Do every job that waits, as the worker does, then return."""
    with jobs.replace_connector(jobs.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)


def _tables():
    """Return every column of every table, as text."""
    texts = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            texts += [row for (row,) in cursor.fetchall()]
    return "\n".join(texts)


def _server_log():
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone()
    log = Path(folder) / "server.log"
    return log.read_text(errors="replace") if log.exists() else ""


def _forms(secret):
    """Return how a secret may be written down."""
    raw = secret.encode()
    forms = {secret, quote(secret), raw.hex(), secret[::-1]}
    for shift in range(3):  # base64 reads three bytes at a time
        whole = base64.b64encode(b"\0" * shift + raw).decode()
        core = whole[4 if shift else 0 :].rstrip("=")[:-2]
        forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms


def _decoded(text):
    """Return what is inside the parts of `text` that are encoded or packed, and inside these."""
    found = []
    for part in ENCODED.findall(text):
        try:
            raw = base64.urlsafe_b64decode(part.replace("+", "-").replace("/", "_") + "==")
        except (binascii.Error, ValueError):
            continue
        with suppress(zlib.error):
            raw = zlib.decompress(raw)
        found.append(raw.decode("latin-1"))
    return "\n".join(found)


def _shown_in(text, secrets):
    haystacks = [text]
    layer = text
    for _layer in range(2):
        layer = _decoded(layer)
        haystacks.append(layer)
    return {
        secret
        for secret in secrets
        if any(form in haystack for form in _forms(secret) for haystack in haystacks)
    }


def test_find_what_would_show():
    """The search itself: it finds a token in each of the places where one has stood before."""
    token = "kPz9-Q0x_3uYv8aRr2T5w7eHnM1bLs4dFgJcXoViUyA"
    in_session = signing.dumps(
        {"a": "b" * 99, "t": token}, serializer=JSONSerializer, compress=True
    )
    in_cache = base64.b64encode(f"..{token}..".encode()).decode()

    for text in (
        f'{{"link": "/invitations/{token}/"}}',
        in_session,
        in_cache,
        token.encode().hex(),
    ):
        assert _shown_in(text, [token, "another"]) == {token}
    assert _shown_in(f"{token[:20]} {token[21:]}", [token]) == set()


def test_no_table_and_no_log_opens_an_invitation(
    owner, tree, staff, mail_server, caplog, capfd, settings
):
    settings.DEBUG = True  # staff without a second factor
    client = _signed_in(owner)
    tokens = set()
    data = {"email": "new@example.com", "role": "viewer", "message": "Hi", "days": "7"}

    def look():
        """Note the secrets that there are now, and look for all that there have been."""
        waiting = OutgoingMail.objects.exclude(sealed="")
        links = " ".join(str(mail.context.get("link")) for mail in waiting)
        tokens.update(TOKEN.findall(links), mail_server.found(TOKEN))
        assert _shown_in(_tables(), tokens) == set()

    def press(verb):
        """Press a button of the invitation as it is shown now."""
        shown = Invitation.objects.get()
        url = node_url(tree.shop, f"invitation-{verb}", pk=shown.pk)
        return client.post(url, {"version": str(shown.shown)})

    mail_server.is_refusing = True
    client.post(node_url(tree.shop, "invitation-send"), data)
    look()
    _work()  # refused, in words that quote the link
    look()
    (invitation,) = Invitation.objects.all()
    assert "•••" in invitation.mail.last_error
    client.get(node_url(tree.shop, "membership-index"))
    _signed_in(staff).get(reverse("admin:hierarchy_outgoingmail_change", args=[invitation.mail_id]))

    mail_server.is_refusing = False
    press("resend")
    look()
    _work()
    assert OutgoingMail.objects.filter(state=MailState.SENT).count() == 1
    _open(max(mail_server.found(TOKEN), key=mail_server.found(TOKEN).index))
    look()

    page = press("copy-link").content.decode()
    tokens.update(TOKEN.findall(page))
    _open(TOKEN.findall(page)[0])
    look()

    soon = timezone.now() + timedelta(days=1)
    Invitation.objects.update(expires_at=soon, reminded_at=None)
    assert reminders.remind_of_expiry() == 1
    look()
    _work()
    outbox.forget_old()
    _open(mail_server.found(TOKEN)[-1])
    look()

    assert len(tokens) == 4
    assert _shown_in(caplog.text + "".join(capfd.readouterr()) + _server_log(), tokens) == set()


def _open(token):
    """Open a link as its reader does: see it, try to accept, begin to sign up; then a wrong one."""
    visitor = Client()
    address = reverse("console:invitation-open", kwargs={"token": token})
    assert visitor.get(address, follow=True).status_code == 200
    visitor.post(reverse("console:invitation-accept"))
    visitor.get(reverse("account_signup"))
    visitor.get(address[:-2] + "x/")


def test_no_table_and_no_log_opens_an_account(mail_server, caplog, capfd):
    ada = UserFactory(email="ada@example.com")
    secrets = set()
    sign_up = {"email": "new@example.com", "first_name": "New", "password1": PASSWORD}

    def work_and_look(*patterns):
        for is_refusing in (True, False):
            mail_server.is_refusing = is_refusing
            _hurry()
            _work()
        found = {secret for pattern in patterns for secret in mail_server.found(pattern)}
        assert found - secrets
        secrets.update(found)
        assert _shown_in(_tables(), secrets) == set()

    visitor = Client()
    visitor.post(reverse("account_signup"), sign_up)
    work_and_look(CODE)
    Client().post(reverse("account_reset_password"), {"email": ada.email})
    work_and_look(RESET)
    Client().get(f"/accounts/password/reset/key/{mail_server.found(RESET)[-1]}/", follow=True)
    member = _signed_in(ada)
    change = {"action_add": "", "email": "lovelace@example.com", "password": PASSWORD}
    member.post(reverse("account_email"), change)
    work_and_look(CODE)

    assert not EmailAddress.objects.filter(email="lovelace@example.com", verified=True).exists()
    assert len(secrets) >= 3
    assert _shown_in(caplog.text + "".join(capfd.readouterr()) + _server_log(), secrets) == set()


def _hurry():
    """Let jobs that rest after a failure be done now."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
