"""Loops through many rows, as jobs need them: one that fails stops no other, and is reported."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import DatabaseError, connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model | int)

BATCH = 1_000

logger = logging.getLogger("canopy.jobs")


class Failed(Exception):  # noqa: N818 - it is what a job says at its end
    """A job ends as failed, and says why to staff: on its page and on the admin's overview."""


class SomeFailed(Failed):
    """Some rows of a job failed. All others are done; these are tried again the next time."""

    def __init__(self, failed: int, tried: int) -> None:
        super().__init__(f"{failed} of {tried} failed; the log names them.")


def one_by_one(rows: Iterable[Row], act: Callable[[Row], bool]) -> int:
    """Call `act`, which is a transaction of its own, with each of `rows`; return how many acted.

    Whatever it raises is logged with the row's id. At the end SomeFailed is raised if anything was.
    Only when the database has gone, the rest isn't tried.
    """
    tried = done = failed = 0
    for row in rows:
        tried += 1
        try:
            done += bool(act(row))
        except Exception as error:
            if isinstance(error, DatabaseError) and not connection.is_usable():
                raise
            failed += 1
            pk = row.pk if isinstance(row, Model) else row
            logger.exception("%s.%s failed for the row %s.", act.__module__, act.__name__, pk)
    if failed:
        raise SomeFailed(failed, tried)
    return done


def delete_in_batches(rows: QuerySet[Model, object]) -> int:
    """Delete `rows`, the oldest first, each batch by itself; return how many they were."""
    count = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=batch).delete()
        count += len(batch)
    return count
