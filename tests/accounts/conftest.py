"""Fixtures of the account tests: rate limits start anew, and mails are read from the queue."""

from __future__ import annotations

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import mails, tasks
from accounts.sealing import unseal


@pytest.fixture(autouse=True)
def fresh_rate_limits(db):
    cache.clear()


@pytest.fixture
def queued_mails(db):
    """Return a function that gives what waits to be sent about accounts, oldest first."""

    def queued_mails():
        for request in ProcrastinateJob.objects.filter(task_name=mails.SEND_RESET_LINK):
            tasks.send_reset_link(**request.args)
            forget_job(request)
        jobs = ProcrastinateJob.objects.filter(task_name=mails.SEND_MAIL).order_by("id")
        return [json.loads(unseal(job.args["sealed"])) for job in jobs]

    return queued_mails


def forget_job(job):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.id])


@pytest.fixture
def newest_code(queued_mails):
    def newest_code():
        return re.search(r"^([A-Z0-9-]{6,})$", queued_mails()[-1]["text"], re.M).group(1)

    return newest_code
