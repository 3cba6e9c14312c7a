"""Do the jobs of the queue until told to stop, and outlive outages of the database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal

import psycopg
from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from config.safety import refuse_unsafe_configuration

RETRY_SECONDS = 2

logger = logging.getLogger("canopy.worker")


class Command(BaseCommand):
    help = "Run queued jobs until stopped."
    requires_system_checks: list[str] = []  # noqa: RUF012  # `make check` runs them; this starts fast

    def handle(self, **options: object) -> None:
        refuse_unsafe_configuration()
        asyncio.run(work())


async def work() -> None:
    """Run workers, one after the other when the database goes away, until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    stop = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        worker = asyncio.create_task(_run_one_worker())
        await asyncio.wait({worker, stop}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            worker.cancel()  # it finishes the jobs in its hands first
        with contextlib.suppress(asyncio.CancelledError):
            await worker
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(stop), 0 if stopping.is_set() else RETRY_SECONDS)


async def _run_one_worker() -> None:
    """Work until cancelled, or until the database fails."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    try:
        with app.replace_connector(connector):
            async with app.open_async():
                await app.run_worker_async(install_signal_handlers=False)
    except (ConnectorException, psycopg.Error, OSError) as error:
        logger.warning("The database can't be reached, so the worker will try again: %s", error)
