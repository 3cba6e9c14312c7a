"""Mails about accounts, sent by the worker. A job that has succeeded is deleted with its codes."""

from __future__ import annotations

from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

# 4, 16, 64 … seconds: codes and links are good for minutes, so nobody waits for the sixth.
KEEP_TRYING = RetryStrategy(
    max_attempts=6, exponential_wait=4, retry_exceptions=[SMTPException, OSError]
)


@app.task(name="accounts.tasks.send_mail", retry=KEEP_TRYING)
def send_mail(recipient: str, subject: str, text: str, html: str) -> None:
    """Send one mail, as text and as HTML."""
    message = EmailMultiAlternatives(subject, text, to=[recipient])
    message.attach_alternative(html, "text/html")
    message.send()
