"""What staff do with jobs that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from hierarchy import access, audit
from hierarchy.refusals import Refused

if TYPE_CHECKING:
    from accounts.models import User

CHANGE_JOB = "procrastinate.change_procrastinatejob"


@transaction.atomic
def retry(job: ProcrastinateJob, *, by: User) -> None:
    """Let the worker have a failed job once more, now."""
    access.forget(by)
    if not by.has_perm(CHANGE_JOB):
        raise Refused("not_allowed", _("Only staff who may change jobs can do that."))
    failed = ProcrastinateJob.objects.filter(pk=job.pk, status=Status.FAILED.value)
    if not failed.select_for_update().exists():
        raise Refused("not_failed", _("The job %(job)s has not failed.") % {"job": job.pk})
    jobs.job_manager.retry_job_by_id(job.pk, timezone.now())
    label = f"{job.task_name} {job.pk}"
    audit.record("job.retry", by=by, node=None, target_label=label)
