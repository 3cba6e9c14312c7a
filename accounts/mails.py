"""Mails about an account, sent by the worker.

A page neither fails nor takes longer for a mail, so no answer tells whether there was one to send.
What waits in the queue is sealed: codes and links open the account, and queues end up in logs.
"""

from __future__ import annotations

import json
from email.utils import make_msgid
from smtplib import SMTPException
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from procrastinate.contrib.django import app as jobs

from accounts.mail_errors import in_words
from accounts.models import User
from accounts.reset_tokens import link_for
from accounts.sealing import UNREADABLE, seal, unseal

SEND_MAIL: Final = "accounts.tasks.send_mail"
SEND_RESET_LINK: Final = "accounts.tasks.send_reset_link"


class NotSentYet(Exception):  # noqa: N818 - it tells the job queue to try again
    """The mail has not left this time."""


class Unreadable(Exception):  # noqa: N818 - it is what the log says
    """Nobody can read what was sealed."""


def queue(template_prefix: str, recipient: str, context: dict[str, Any]) -> None:
    """Queue the mail of `<template_prefix>_subject.txt` and `<template_prefix>_message.txt`."""
    known = {"email": recipient, "base_url": settings.BASE_URL, **context}
    mail = {
        "recipient": recipient,
        "subject": " ".join(render_to_string(f"{template_prefix}_subject.txt", known).split()),
        "text": render_to_string(f"{template_prefix}_message.txt", known).strip(),
        "code": known.get("code"),
        "language": get_language() or settings.LANGUAGE_CODE,
        "message_id": make_msgid(domain=urlsplit(settings.BASE_URL).hostname),
    }
    jobs.configure_task(SEND_MAIL).defer(sealed=seal(json.dumps(mail)))


def send(sealed: str) -> None:
    """Send what `queue` has sealed, as text and as HTML.

    The HTML is made of the text: a paragraph that is a link becomes a button, the code stands out.
    Raises NotSentYet to be tried again, with the same Message-ID, and Unreadable when nobody can.
    """
    mail = json.loads(_unseal(sealed))
    paragraphs = [part.strip() for part in mail["text"].split("\n\n") if part.strip()]
    with override(mail["language"]):
        html = render_to_string("emails/account.html", mail | {"paragraphs": paragraphs})
    headers = {"Auto-Submitted": "auto-generated"}
    if "message_id" in mail:  # those that were queued by a former version have none
        headers["Message-ID"] = mail["message_id"]
    message = EmailMultiAlternatives(
        mail["subject"], mail["text"], to=[mail["recipient"]], headers=headers
    )
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except (SMTPException, OSError) as error:
        # Without the error itself, whose words can be those of the mail, in the log.
        raise NotSentYet(in_words(error, _secrets_of(mail))) from None


def _secrets_of(mail: dict[str, Any]) -> list[str]:
    links = [word for word in mail["text"].split() if word.startswith(settings.BASE_URL)]
    paths = [link.removeprefix(settings.BASE_URL) for link in links]
    return [*paths, mail["code"] or ""]


def _unseal(sealed: str) -> str:
    try:
        return unseal(sealed)
    except InvalidToken:
        raise Unreadable(UNREADABLE) from None


def queue_reset_link(address: str) -> None:
    """Let the worker find out whether there is an account that gets a link for a new password."""
    jobs.configure_task(SEND_RESET_LINK).defer(sealed=seal(address))


def answer_reset_request(sealed: str) -> None:
    """Queue the link for the account with the sealed address, if there is an active one."""
    user = User.objects.filter(email=_unseal(sealed), is_active=True).first()
    if user is not None:
        with override(user.known_language):
            link = {"password_reset_url": link_for(user)}
            queue("account/email/password_reset_key", user.email, link)
