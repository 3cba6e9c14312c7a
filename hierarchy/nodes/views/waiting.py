"""Lists of what waits for a person in this room, for the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hierarchy.console.views.waiting import newest
from hierarchy.nodes.actions import transfers

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.console.views.pages import Request
    from hierarchy.models.transfer import TransferQuerySet


def incoming(request: Request) -> dict[str, object]:
    """Return the nodes that the person can take over."""
    return newest(request, transfers.open_for(request.user), "transfers", "transfers")


def maybe_incoming(user: User) -> TransferQuerySet:
    """Return the open offers to places of the person, whether the nodes still exist or not."""
    return transfers.to_places_of(user).pending()
