"""Decorator for jobs that the worker runs by the clock: each app has its own in its `tasks`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache
from procrastinate import JobContext
from procrastinate.contrib.django import app

from config.batches import Failed
from config.tasks import KEEP_FAILED_JOBS_HOURS


def by_clock(cron: str) -> Callable[[Callable[[], None]], Any]:
    """Let the worker run a function whenever `cron` says, once at a time, and say how it ended."""

    def decorate(run: Callable[[], None]) -> Any:
        task = app.task(
            name=f"{run.__module__}.{run.__name__}",
            queueing_lock=run.__name__,
            pass_context=True,
        )
        return app.periodic(cron=cron)(task(_telling(run)))

    return decorate


def _telling(run: Callable[[], None]) -> Callable[[JobContext, int], None]:
    """Make a periodic task of `run`, whose failed job tells staff what `Failed` says."""

    @wraps(run)
    def task(context: JobContext, timestamp: int) -> None:
        try:
            run()
        except Failed as failed:
            cache.set(_key(context.job.id), str(failed), KEEP_FAILED_JOBS_HOURS * 3600)
            raise

    return task


def outcome_of(job_id: int) -> str:
    """Return what a job that failed said at its end; "" when it said nothing."""
    return str(cache.get(_key(job_id), ""))


def _key(job_id: int | None) -> str:
    return f"job-outcome-{job_id}"
