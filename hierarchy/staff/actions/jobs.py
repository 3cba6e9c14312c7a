"""Actions of staff on failed jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from config.versions import Shown
from hierarchy import access, audit
from hierarchy.refusals import Refused, refuse_stale

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version

CHANGE_JOB = "procrastinate.change_procrastinatejob"


@transaction.atomic
def retry(job: ProcrastinateJob, *, by: User, version: Version) -> None:
    """Let the worker have a failed job once more, now; `version` is that of what is `shown`."""
    access.forget(by)
    if not by.has_perm(CHANGE_JOB):
        raise Refused("not_allowed", _("Only staff who can change jobs can do this."))
    failed = ProcrastinateJob.objects.filter(pk=job.pk, status=Status.FAILED.value)
    stored = failed.select_for_update().first()
    if stored is None:
        raise Refused("not_failed", _("The job %(job)s hasn't failed.") % {"job": job.pk})
    refuse_stale(shown(stored), version)
    jobs.job_manager.retry_job_by_id(job.pk, timezone.now())
    label = f"{job.task_name} {job.pk}"
    audit.record("job.retry", by=by, node=None, target_label=label)


def shown(job: ProcrastinateJob) -> Shown:
    """Return what is shown of a job where a person has it run again."""
    return Shown(job, "status", "attempts")
