"""Fixtures of the account tests: rate limits start anew, and mails are read from the queue."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from procrastinate.contrib.django.models import ProcrastinateJob


@pytest.fixture(autouse=True)
def fresh_rate_limits(db):
    cache.clear()


@pytest.fixture
def queued_mails(db):
    """Return a function that gives what waits to be sent about accounts, oldest first."""

    def queued_mails():
        jobs = ProcrastinateJob.objects.filter(task_name="accounts.tasks.send_mail").order_by("id")
        return [job.args for job in jobs]

    return queued_mails


@pytest.fixture
def newest_code(queued_mails):
    def newest_code():
        return re.search(r"^([A-Z0-9-]{6,})$", queued_mails()[-1]["text"], re.M).group(1)

    return newest_code
