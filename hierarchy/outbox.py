"""Mail that leaves exactly when its cause is committed.

`enqueue` writes the mail and its job in the caller's transaction: both come true with the change,
or vanish with it. The worker sends it, again and again with growing pauses while the mail server
fails, and not at all once the cause has been withdrawn. What it said is emptied afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from email.utils import make_msgid
from smtplib import SMTPRecipientsRefused
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from procrastinate.contrib.django import app as jobs

from config.jobs import delete_in_batches
from hierarchy.models import MailState, OutgoingMail

if TYPE_CHECKING:
    from hierarchy.models import Organization
    from hierarchy.models.invitation import InvitationQuerySet

SEND_MAIL = "hierarchy.tasks.send_mail"
MOST_ATTEMPTS = 10
# A worker that was killed while sending leaves the mail taken: after this time another may have it.
LEASE = timedelta(minutes=2)
LONGEST_ERROR = 300
UNSENT = (MailState.QUEUED, MailState.SENDING, MailState.FAILED)


class NotSentYet(Exception):  # noqa: N818 - it tells the job queue to try again
    """The mail has not left this time."""


def link_to(page: str, **path: Any) -> str:
    """Return the address of a page of the console as a mail has to say it: whole."""
    return str(settings.BASE_URL) + reverse(f"console:{page}", kwargs=path)


def enqueue(
    template: str,
    *,
    recipient: str,
    context: dict[str, Any],
    language: str = settings.LANGUAGE_CODE,
    organization: Organization | None = None,
    about: models.Model | None = None,
) -> OutgoingMail:
    """Queue the mail `templates/emails/<template>` with the change that causes it.

    `about` is the row by which `withhold_about` finds it again, should that be over before the
    mail has left.
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
    about: models.Model | None = None,
) -> list[OutgoingMail]:
    """Queue a mail for each (recipient, context), in two queries however many they are."""
    queued = OutgoingMail.objects.bulk_create(
        _mail(template, recipient, context, language, organization, about)
        for recipient, context in mails
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
    if about is not None:
        context = context | {"about": _name_of(about)}
    return OutgoingMail(
        organization=organization,
        recipient=recipient,
        template=template,
        context=context,
        language=language,
        message_id=make_msgid(domain=urlsplit(settings.BASE_URL).hostname),
    )


def withhold(mail: OutgoingMail | None) -> None:
    """See to it that a mail whose cause is gone is not sent, if it hasn't been."""
    if mail is not None:
        unsent = OutgoingMail.objects.filter(pk=mail.pk, state__in=UNSENT)
        unsent.update(state=MailState.WITHHELD, context={})


def withhold_links(invitations: InvitationQuerySet) -> None:
    """Do what `withhold` does with the last mail of each of `invitations`."""
    mails = OutgoingMail.objects.filter(pk__in=invitations.order_by().values("mail"))
    mails.filter(state__in=UNSENT).update(state=MailState.WITHHELD, context={})


def withhold_about(causes: Iterable[models.Model]) -> None:
    """Do what `withhold` does for all mails that were queued about one of `causes`."""
    names = [_name_of(cause) for cause in causes]
    if names:
        unsent = OutgoingMail.objects.filter(state__in=UNSENT, context__about__in=names)
        unsent.update(state=MailState.WITHHELD, context={})


def _name_of(cause: models.Model) -> str:
    return f"{cause._meta.model_name} {cause.pk}"


def retry(mail: OutgoingMail) -> None:
    """Queue again a mail that was given up."""
    failed = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.FAILED)
    if failed.update(state=MailState.QUEUED, attempts=0, last_error=""):
        jobs.configure_task(SEND_MAIL).defer(mail_id=mail.pk)


def forget_old() -> int:
    """Delete what says to whom mails went, once that is old; what waits to be sent stays."""
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
            raise NotSentYet(str(error)) from error
        return
    OutgoingMail.objects.filter(pk=mail.pk).update(
        state=MailState.SENT, sent_at=timezone.now(), context={}, last_error=""
    )


@transaction.atomic
def _take(mail_id: int) -> OutgoingMail | None:
    """Return the mail, marked as being sent, unless another worker has it or it must not go."""
    mail = OutgoingMail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
    if mail is None or mail.state not in (MailState.QUEUED, MailState.SENDING):
        return None
    now = timezone.now()
    if mail.state == MailState.SENDING and mail.taken_at and mail.taken_at > now - LEASE:
        raise NotSentYet("another worker is sending it")
    mail.state, mail.taken_at = MailState.SENDING, now
    mail.attempts += 1
    mail.save(update_fields=["state", "taken_at", "attempts"])
    return mail


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    folder = f"emails/{mail.template}"
    with translation.override(mail.language):
        subject = " ".join(render_to_string(f"{folder}.subject.txt", mail.context).split())
        text = render_to_string(f"{folder}.txt", mail.context)
        html = render_to_string(f"{folder}.html", mail.context)
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(subject, text, to=[mail.recipient], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def _note_failure(mail: OutgoingMail, error: Exception) -> None:
    gave_up = mail.attempts >= MOST_ATTEMPTS or _is_final(error)
    mail.state = MailState.FAILED if gave_up else MailState.QUEUED
    mail.last_error = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    still_wanted = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.SENDING)
    still_wanted.update(state=mail.state, last_error=mail.last_error)


def _is_final(error: Exception) -> bool:
    """Return whether the mail server refused the recipient for good (a 5xx answer, RFC 5321)."""
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _reply in error.recipients.values())
