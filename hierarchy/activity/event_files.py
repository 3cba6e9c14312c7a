"""Columns of the files in which the activity is downloaded, and their rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from hierarchy import audit

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from hierarchy.models import AuditEvent

CHUNK = 1_000
COLUMNS = (
    "number",
    "id",
    "at",
    "action",
    "actor_id",
    "actor",
    "acted_as",
    "reason",
    "node",
    "target_type",
    "target_id",
    "target",
    "changes",
    "through",
    "address",
    "user_agent",
    "request_id",
)


def rows(events: QuerySet[AuditEvent]) -> Iterator[dict[str, object]]:
    """Yield the events as files carry them, a chunk of them read at once."""
    read = events.iterator(CHUNK)
    while chunk := list(islice(read, CHUNK)):
        yield from (_row(told) for told in audit.tell(chunk))


def _row(told: audit.Told) -> dict[str, object]:
    """Return an event as files carry it: stable names, instants in UTC."""
    event = told.event
    return {
        "number": event.number,
        "id": str(event.public_id),
        "at": event.created_at.isoformat(),
        "action": event.action,
        "actor_id": told.actor_id,
        "actor": told.actor,
        "acted_as": event.acted_as,
        "reason": event.reason,
        "node": event.node_label,
        "target_type": event.target_type,
        "target_id": event.target_id,
        "target": told.target,
        "changes": told.changes,
        "through": event.door,
        "address": told.address,
        "user_agent": told.user_agent,
        "request_id": event.request_id,
    }
