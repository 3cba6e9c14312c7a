"""Mail leaves exactly when its cause is committed: later, again, once, or not at all."""

from datetime import timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.jobs import Job

from accounts.sealing import UNREADABLE
from config import batches
from hierarchy import outbox
from hierarchy.models import Invitation, MailState, OutgoingMail
from hierarchy.roles import Role
from hierarchy.tasks import UntilGivenUp
from tests.support.acting import invitations


class Disconnecting(BaseEmailBackend):
    """A mail server that drops the connection."""

    def send_messages(self, email_messages):
        raise SMTPServerDisconnected("Connection unexpectedly closed")


class Refusing(BaseEmailBackend):
    """A mail server that knows no such mailbox (a 550 answer)."""

    def send_messages(self, email_messages):
        raise SMTPRecipientsRefused({"nobody@example.com": (550, b"No such mailbox")})


class Greylisting(BaseEmailBackend):
    """A mail server that wants to be asked again (a 450 answer)."""

    def send_messages(self, email_messages):
        raise SMTPRecipientsRefused({"nobody@example.com": (450, b"Try again later")})


class RevokedMeanwhile(BaseEmailBackend):
    """A mail server that fails while the invitation is being revoked."""

    def send_messages(self, email_messages):
        outbox.withhold(OutgoingMail.objects.get())
        raise SMTPRecipientsRefused({"nobody@example.com": (550, b"No such mailbox")})


@pytest.fixture
def invitation(tree, owner):
    return invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)


@pytest.fixture
def mail(invitation):
    return invitation.mail


def _jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT args ->> 'mail_id' FROM procrastinate_jobs ORDER BY id")
        return [int(mail_id) for (mail_id,) in cursor.fetchall()]


def _use(settings, backend):
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"


def test_send_queues_mail_and_job_together(mail, mailoutbox):
    assert (mail.state, _jobs(), mailoutbox) == ("queued", [mail.pk], [])


def test_send_leaves_nothing_when_rolled_back(tree, owner, mailoutbox):
    with transaction.atomic():
        invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)
        transaction.set_rollback(True)

    assert (OutgoingMail.objects.count(), Invitation.objects.count(), _jobs()) == (0, 0, [])
    assert mailoutbox == []


def test_deliver_sends_once_and_empties_what_it_said(mail, mailoutbox):
    outbox.deliver(mail.pk)
    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert [message.to for message in mailoutbox] == [["new@example.com"]]
    assert (mail.state, mail.context, mail.attempts, mail.last_error) == ("sent", {}, 1, "")
    assert mail.sent_at is not None


def test_deliver_keeps_message_id_of_the_row(mail, mailoutbox):
    outbox.deliver(mail.pk)

    assert mailoutbox[0].extra_headers["Message-ID"] == mail.message_id
    assert mailoutbox[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_deliver_sends_nothing_that_was_revoked(owner, invitation, mail, mailoutbox):
    invitations.revoke(invitation, by=owner)

    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.context, mailoutbox) == ("withheld", {}, [])


def test_deliver_sends_only_the_newest_link(owner, invitation, mail, mailoutbox):
    renewed = invitations.resend(invitation, by=owner)

    for queued in (mail, renewed.mail):
        outbox.deliver(queued.pk)

    token = mailoutbox[0].body.partition("/invitations/")[2].partition("/")[0]
    assert len(mailoutbox) == 1
    assert invitations.find(token) == renewed


def test_deliver_ignores_mail_that_is_gone(db, mailoutbox):
    outbox.deliver(1)

    assert mailoutbox == []


@pytest.mark.parametrize("server", [Disconnecting, Greylisting])
def test_deliver_tries_again_while_the_server_fails(settings, mail, mailoutbox, server):
    sending = settings.EMAIL_BACKEND
    _use(settings, server)

    with pytest.raises(outbox.NotSentYet):
        outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, bool(mail.last_error)) == ("queued", 1, True)
    assert mail.context != {}

    settings.EMAIL_BACKEND = sending
    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, len(mailoutbox)) == ("sent", 2, 1)


def test_deliver_gives_up_when_the_recipient_is_refused_for_good(settings, mail):
    _use(settings, Refusing)

    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("failed", 1)
    assert "550" in mail.last_error


def test_deliver_gives_up_what_nobody_can_read_and_sends_it_once_the_key_is_back(
    settings, mail, mailoutbox
):
    key = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, long enough to be taken for one"

    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error) == ("failed", 1, UNREADABLE)

    settings.SECRET_KEY_FALLBACKS = [key]
    outbox.retry(mail)
    outbox.deliver(mail.pk)

    assert len(mailoutbox) == 1


def test_deliver_sends_the_others_when_one_cannot_be_read(tree, owner, mail, mailoutbox):
    other = invitations.send(tree.shop, "other@example.com", Role.VIEWER, by=owner).mail
    OutgoingMail.objects.filter(pk=mail.pk).update(sealed="of another key")

    for pk in (mail.pk, other.pk):
        outbox.deliver(pk)

    assert [message.to for message in mailoutbox] == [["other@example.com"]]


def test_reseal_what_waits_with_the_present_key(settings, mail, mailoutbox):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]

    call_command("reseal_secrets", stdout=StringIO())

    settings.SECRET_KEY_FALLBACKS = []
    outbox.deliver(mail.pk)
    assert len(mailoutbox) == 1


def test_deliver_sends_nothing_that_says_nothing(mail, mailoutbox):
    OutgoingMail.objects.filter(pk=mail.pk).update(sealed="")

    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.last_error, mailoutbox) == ("failed", outbox.SAYS_NOTHING, [])


def test_deliver_gives_up_a_mail_that_ends_every_worker(mail, mailoutbox):
    OutgoingMail.objects.filter(pk=mail.pk).update(attempts=outbox.MOST_ATTEMPTS)

    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.last_error, mailoutbox) == ("failed", outbox.NO_WORKER_LIVED, [])


def test_deliver_gives_up_after_the_last_attempt(settings, mail):
    _use(settings, Disconnecting)
    OutgoingMail.objects.filter(pk=mail.pk).update(attempts=outbox.MOST_ATTEMPTS - 1)

    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("failed", outbox.MOST_ATTEMPTS)


def test_deliver_waits_for_the_worker_that_has_it(mail, mailoutbox):
    taken = timezone.now() - outbox.LEASE + timedelta(seconds=10)
    OutgoingMail.objects.filter(pk=mail.pk).update(state="sending", taken_at=taken)

    with pytest.raises(outbox.NotSentYet):
        outbox.deliver(mail.pk)

    assert mailoutbox == []


def test_deliver_takes_over_from_a_worker_that_died(mail, mailoutbox):
    taken = timezone.now() - outbox.LEASE - timedelta(seconds=1)
    OutgoingMail.objects.filter(pk=mail.pk).update(state="sending", taken_at=taken)

    outbox.deliver(mail.pk)

    assert len(mailoutbox) == 1


def test_deliver_keeps_the_mail_withheld_that_was_revoked_while_it_failed(settings, mail):
    _use(settings, RevokedMeanwhile)

    outbox.deliver(mail.pk)

    mail.refresh_from_db()
    assert mail.state == "withheld"


def test_retry_queues_a_failed_mail_again(mail, mailoutbox):
    OutgoingMail.objects.filter(pk=mail.pk).update(state="failed", attempts=10, last_error="no")

    outbox.retry(mail)

    assert _jobs() == [mail.pk, mail.pk]
    outbox.deliver(mail.pk)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("state", ["queued", "sending", "withheld"])
def test_retry_leaves_other_mails_alone(mail, state):
    OutgoingMail.objects.filter(pk=mail.pk).update(state=state)

    outbox.retry(mail)

    assert _jobs() == [mail.pk]


def test_keep_trying_with_growing_pauses_for_most_of_a_day(settings, mail):
    _use(settings, Disconnecting)

    pauses = [_pause(mail) for _attempt in range(outbox.MOST_ATTEMPTS)]

    assert pauses[:3] == [3, 9, 27]
    assert 5 * 3_600 < sum(pauses[:-1]) < 24 * 3_600
    assert pauses[-1] is None


def _pause(mail):
    """Return for how many seconds the job waits after the next attempt; None when it ends."""
    try:
        outbox.deliver(mail.pk)
    except outbox.NotSentYet as error:
        return round((_decided(error, attempts=99).retry_at - timezone.now()).total_seconds())
    return None


def _decided(error, attempts):
    """Return what becomes of a job that was tried `attempts` times before, and says `error`."""
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="", attempts=attempts)
    return UntilGivenUp().get_retry_decision(exception=error, job=job)


def test_try_again_when_the_database_fails_but_not_for_good():
    error = OperationalError("the connection is lost")

    assert _decided(error, attempts=0) is not None
    assert _decided(error, attempts=outbox.MOST_ATTEMPTS) is None


@pytest.mark.parametrize("size", [1, 1_000])
def test_forget_old_mails_but_none_that_waits(invitation, settings, monkeypatch, size):
    monkeypatch.setattr(batches, "BATCH", size)
    long_ago = timezone.now() - timedelta(days=settings.KEEP_DAYS + 1)
    for number, state in enumerate(MailState):
        for created_at in (long_ago, timezone.now()):
            sent_at = created_at if state == MailState.SENT else None
            OutgoingMail.objects.create(
                message_id=f"{number} {created_at}",
                state=state,
                created_at=created_at,
                sent_at=sent_at,
            )
    OutgoingMail.objects.filter(pk=invitation.mail.pk).update(
        state=MailState.WITHHELD, created_at=long_ago
    )

    assert outbox.forget_old() == 4

    left = OutgoingMail.objects.filter(created_at=long_ago).values_list("state", flat=True)
    assert set(left) == {MailState.QUEUED, MailState.SENDING}
    invitation.refresh_from_db()
    assert invitation.mail is None
