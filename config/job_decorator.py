"""Decorator for jobs that the worker runs by the clock: each app has its own in its `tasks`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from procrastinate.contrib.django import app

from config.job_outcomes import telling


def by_clock(cron: str) -> Callable[[Callable[[], None]], Any]:
    """Let the worker run a function whenever `cron` says, once at a time, and say how it ended."""

    def decorate(run: Callable[[], None]) -> Any:
        task = app.task(
            name=f"{run.__module__}.{run.__name__}",
            queueing_lock=run.__name__,
            pass_context=True,
        )
        return app.periodic(cron=cron)(task(telling(run)))

    return decorate
