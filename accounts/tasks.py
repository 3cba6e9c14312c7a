"""Jobs that the worker does for accounts."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import mails, unconfirmed_accounts
from config.periodic_task import by_clock

# 4, 16, 64 … seconds, 23 minutes all together: codes and links live little longer.
KEEP_TRYING = RetryStrategy(
    max_attempts=5,
    exponential_wait=4,
    retry_exceptions=[mails.NotSentYet, DatabaseError, InterfaceError],
)


@app.task(name=mails.SEND_MAIL, retry=KEEP_TRYING)
def send_mail(sealed: str) -> None:
    """Send one mail about an account."""
    mails.send(sealed)


@app.task(name=mails.SEND_RESET_LINK, retry=KEEP_TRYING)
def send_reset_link(sealed: str) -> None:
    """Answer a request for a new password."""
    mails.answer_reset_request(sealed)


@by_clock("47 3 * * *")
def forget_unconfirmed() -> None:
    """Free the addresses of sign-ups that nobody has confirmed."""
    unconfirmed_accounts.forget()
