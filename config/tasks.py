"""Housekeeping that the worker does by the clock."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

KEEP_FAILED_JOBS_HOURS = 30 * 24

logger = logging.getLogger("canopy.jobs")


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Queue again what a killed worker had in its hands; every job must bear being done twice.

    One that can't be queued, since another of its kind waits by now, keeps no other from it.
    """
    manager = context.app.job_manager
    dead = settings.WORKER_DEAD_SECONDS
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=dead):
        try:
            await manager.retry_job(job)
        except ConnectorException as error:
            logger.warning("The job %s of a dead worker waits another minute: %s", job.id, error)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Forget jobs that failed a month ago."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FAILED_JOBS_HOURS,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )


@app.periodic(cron="37 3 * * *")
@app.task(queueing_lock="clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    """Delete sessions that have expired."""
    call_command("clearsessions")
