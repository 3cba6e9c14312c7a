"""E-mails that are sent exactly when their cause is committed.

`enqueue` writes the mail and its job in the caller's transaction: both come true with the change,
or vanish with it. The worker sends it, again and again with growing pauses while the mail server
fails, and not at all once its cause has ended: `mail_rules` decides that at the moment of sending.
Its content is sealed while it waits, and emptied afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import make_msgid
from itertools import repeat
from smtplib import SMTPRecipientsRefused
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from procrastinate.contrib.django import app as jobs

from accounts.mail_errors import in_words
from accounts.sealing import UNREADABLE
from config.batches import delete_in_batches
from hierarchy import mail_rules
from hierarchy.models import UNSENT, Ending, MailState, OutgoingMail

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from hierarchy.models import Organization
    from hierarchy.models.invitation import InvitationQuerySet

SEND_MAIL = "hierarchy.tasks.send_mail"
MOST_ATTEMPTS = 10
# A worker that was killed while sending leaves the mail taken: after this time another may have it.
# Its job comes back once it is thought dead (config.tasks); this is for the one that isn't, quite.
LEASE = timedelta(seconds=2 * settings.WORKER_DEAD_SECONDS)
LONGEST_ERROR = 300
SAYS_NOTHING = "Its content is lost. Repeat whatever it was about, such as inviting someone."
NO_WORKER_LIVED = (
    "Every worker that tried to send it stopped before it could report whether it was sent."
)
# What opens something for anyone who has it.
SECRETS = frozenset({"link", "code", "token"})


class NotSentYet(Exception):  # noqa: N818 - it tells the job queue to try again
    """The mail wasn't sent this time; `again_at` is when to try again."""

    def __init__(self, reason: str, again_at: datetime) -> None:
        super().__init__(reason)
        self.again_at = again_at


def link_to(page: str, **path: object) -> str:
    """Return the absolute address of a page of the console, as mails need it."""
    return str(settings.BASE_URL) + reverse(f"console:{page}", kwargs=path)


def enqueue(
    template: str,
    *,
    recipient: str,
    context: dict[str, object],
    language: str = settings.LANGUAGE_CODE,
    organization: Organization | None = None,
    about: models.Model | None = None,
) -> OutgoingMail:
    """Queue the mail `templates/emails/<template>` with the change that causes it.

    `about` is the saved row that causes it, of the model that `mail_rules.declare` says: when that
    has ended before the mail has left, it never leaves.
    """
    mail = _mail(template, recipient, context, language, organization, about)
    mail.save(force_insert=True)
    jobs.configure_task(SEND_MAIL).defer(mail_id=mail.pk)
    return mail


def enqueue_all(
    template: str,
    mails: Iterable[tuple[str, dict[str, Any]]],
    *,
    language: str = settings.LANGUAGE_CODE,
    organization: Organization | None = None,
    about: models.Model | Iterable[models.Model] | None = None,
) -> list[OutgoingMail]:
    """Queue a mail for each (recipient, context), in two queries for any number.

    `about` is the row that causes all of them, or one for each, in their order.
    """
    causes = repeat(about) if about is None or isinstance(about, models.Model) else about
    queued = OutgoingMail.objects.bulk_create(
        _mail(template, recipient, context, language, organization, cause)
        for (recipient, context), cause in zip(mails, causes, strict=False)
    )
    asked: list[dict[str, Any]] = [{"mail_id": mail.pk} for mail in queued]
    jobs.configure_task(SEND_MAIL).batch_defer(*asked)
    return queued


def _mail(
    template: str,
    recipient: str,
    context: dict[str, Any],
    language: str,
    organization: Organization | None,
    about: models.Model | None,
) -> OutgoingMail:
    mail_rules.check(template, about)
    mail = OutgoingMail(
        organization=organization,
        recipient=recipient,
        template=template,
        about="" if about is None else mail_rules.name_of(about),
        language=language,
        message_id=make_msgid(domain=urlsplit(settings.BASE_URL).hostname),
    )
    mail.context = context
    return mail


def withhold(mail: OutgoingMail | None, because: Ending = Ending.DECIDED) -> None:
    """Withhold a mail at once when its cause is gone, if it hasn't been sent."""
    if mail is not None:
        _withhold(OutgoingMail.objects.filter(pk=mail.pk), because)


def withhold_links(invitations: InvitationQuerySet) -> None:
    """Do what `withhold` does with the last mail of each of `invitations`."""
    mails = OutgoingMail.objects.filter(pk__in=invitations.order_by().values("mail"))
    _withhold(mails, Ending.DECIDED)


def withhold_about(causes: Iterable[models.Model]) -> None:
    """Do what `withhold` does for all mails that were queued about one of `causes`."""
    names = [mail_rules.name_of(cause) for cause in causes]
    if names:
        _withhold(OutgoingMail.objects.filter(about__in=names), Ending.DECIDED)


def _withhold(mails: QuerySet[OutgoingMail], because: Ending) -> None:
    unsent = mails.filter(state__in=UNSENT)
    unsent.update(state=MailState.WITHHELD, withheld_because=because, sealed="")


def retry(mail: OutgoingMail) -> None:
    """Queue a mail again that was given up."""
    failed = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.FAILED)
    if failed.update(state=MailState.QUEUED, attempts=0, last_error=""):
        jobs.configure_task(SEND_MAIL).defer(mail_id=mail.pk)


def forget_old() -> int:
    """Delete old records of whom mails went to; mails that wait to be sent stay."""
    limit = timezone.now() - timedelta(days=settings.KEEP_DAYS)
    over = OutgoingMail.objects.exclude(state__in=(MailState.QUEUED, MailState.SENDING))
    return delete_in_batches(over.filter(created_at__lt=limit))


def deliver(mail_id: int) -> None:
    """Send the mail unless it is sent or withheld; raise NotSentYet to be tried again."""
    mail = _take(mail_id)
    if mail is None:
        return
    try:
        _message(mail).send()
    except Exception as error:  # whatever the mail server or the network does, the mail stays
        _note_failure(mail, error)
        if mail.state == MailState.QUEUED:
            # Without the error itself, whose words can be those of the mail, in the log.
            raise NotSentYet(mail.last_error, timezone.now() + pause(mail.attempts)) from None
        return
    OutgoingMail.objects.filter(pk=mail.pk).update(
        state=MailState.SENT,
        sent_at=timezone.now(),
        withheld_because="",
        sealed="",
        last_error="",
    )


def pause(attempts: int) -> timedelta:
    """Return how long a mail waits after so many attempts.

    3, 9, 27 … seconds: the ninth pause is about five hours, all together most of a day.
    """
    return timedelta(seconds=3**attempts)


@transaction.atomic
def _take(mail_id: int) -> OutgoingMail | None:
    """Return the mail, marked as being sent, unless another worker has it or it must not go.

    What ends it is asked here, in the transaction that takes it. A cause that ends after that, in
    the seconds of sending, comes too late for the mail; so the link in it stops working as well.
    """
    rows = OutgoingMail.objects.select_for_update(of=("self",)).select_related("organization")
    mail = rows.filter(pk=mail_id).first()
    if mail is None or mail.state not in (MailState.QUEUED, MailState.SENDING):
        return None
    now = timezone.now()
    if mail.state == MailState.SENDING and mail.taken_at and mail.taken_at > now - LEASE:
        raise NotSentYet("another worker is sending it", mail.taken_at + LEASE)
    because = mail_rules.reason_to_withhold(mail)
    if because is not None:
        withhold(mail, because)
        return None
    mail.last_error = _reason_to_give_up(mail)
    if mail.last_error:
        mail.state = MailState.FAILED
        mail.save(update_fields=["state", "last_error"])
        return None
    mail.state = MailState.SENDING
    mail.taken_at = now
    mail.attempts += 1
    mail.save(update_fields=["state", "taken_at", "attempts"])
    return mail


def _reason_to_give_up(mail: OutgoingMail) -> str:
    """Return why the mail must not be tried again; or ""."""
    if not mail.sealed:  # queued by a former version, while this one was being installed
        return SAYS_NOTHING
    return NO_WORKER_LIVED if mail.attempts >= MOST_ATTEMPTS else ""


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    folder = f"emails/{mail.template}"
    context = mail.context
    with translation.override(mail.language):
        subject = " ".join(render_to_string(f"{folder}.subject.txt", context).split())
        text = render_to_string(f"{folder}.txt", context)
        html = render_to_string(f"{folder}.html", context)
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(subject, text, to=[mail.recipient], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def _note_failure(mail: OutgoingMail, error: Exception) -> None:
    gave_up = mail.attempts >= MOST_ATTEMPTS or _is_final(error)
    mail.state = MailState.FAILED if gave_up else MailState.QUEUED
    mail.last_error = _told(mail, error)[:LONGEST_ERROR]
    still_wanted = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.SENDING)
    still_wanted.update(state=mail.state, last_error=mail.last_error)


def _is_final(error: Exception) -> bool:
    """Return whether trying again is useless.

    The mail server refused the recipient permanently (a 5xx answer, RFC 5321), or the mail can't be
    read before its key is brought back.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _reply in error.recipients.values())
    return isinstance(error, InvalidToken)


def _told(mail: OutgoingMail, error: Exception) -> str:
    """Return what went wrong, as it can be kept and logged."""
    if isinstance(error, InvalidToken):
        return UNREADABLE
    secrets = (str(value) for name, value in mail.context.items() if name in SECRETS)
    return in_words(error, (secret.removeprefix(settings.BASE_URL) for secret in secrets))


def reseal(mail_id: int) -> bool:
    """Seal what a mail says with the present SECRET_KEY; return whether there is such a mail."""
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
        if mail is None or not mail.sealed:
            return False
        mail.context = mail.context
        mail.save(update_fields=["sealed"])
    return True


def sealed_mails() -> QuerySet[OutgoingMail]:
    """Return the mails whose content isn't emptied yet."""
    return OutgoingMail.objects.exclude(sealed="").order_by("pk")
