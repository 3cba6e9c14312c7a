"""Jobs that the worker does."""

from __future__ import annotations

from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from accounts import erasure
from config.periodic_task import by_clock
from hierarchy import grants, outbox
from hierarchy.console.actions import sent_forms
from hierarchy.joining.actions import email_domains, reminders
from hierarchy.nodes.actions import nodes
from hierarchy.reviews.actions import access_review_deadlines


class UntilGivenUp(BaseRetryStrategy):
    """Tries a mail again when it says so, until it is given up.

    Of anything else that fails, such as the database, the mail may not know: that has pauses of
    its own, or a mail that waits would have no job.
    """

    others = RetryStrategy(max_attempts=outbox.MOST_ATTEMPTS, exponential_wait=3)

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, outbox.NotSentYet):
            return RetryDecision(retry_at=exception.again_at)
        return self.others.get_retry_decision(exception=exception, job=job)


@app.task(name=outbox.SEND_MAIL, retry=UntilGivenUp())
def send_mail(mail_id: int) -> None:
    """Send one mail of the outbox."""
    outbox.deliver(mail_id)


@by_clock("17 3 * * *")
def purge_deleted() -> None:
    """Remove for good what was in the trash, in a log of deliveries or on a device long enough."""
    try:
        nodes.purge_expired()
    finally:
        outbox.forget_old()
        sent_forms.forget_old()
        erasure.forget_devices()


@by_clock("*/15 * * * *")
def remind_of_ends() -> None:
    """Warn people a week and a day before their access ends automatically."""
    reminders.remind_of_ends()


@by_clock("7,22,37,52 * * * *")
def remind_of_expiry() -> None:
    """Say two days before that an invitation expires."""
    reminders.remind_of_expiry()


@by_clock("27 4 * * *")
def recheck_email_domains() -> None:
    """Ask the DNS whether verified domains still belong to their organizations."""
    email_domains.recheck()


@by_clock("11,26,41,56 * * * *")
def watch_access_reviews() -> None:
    """Say three days before that an access review is due, and tell the owners when it is."""
    try:
        access_review_deadlines.remind()
    finally:
        access_review_deadlines.escalate()


@by_clock("47 3 * * *")
def check_permissions() -> None:
    """Fail when a stored permission isn't what its membership implies."""
    grants.tell_of_drift()
