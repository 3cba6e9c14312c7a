"""Lists of what waits for a person in this room, for the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hierarchy.members.actions import ownership

if TYPE_CHECKING:
    from hierarchy.console.views.pages import Request


def offered(request: Request) -> dict[str, object]:
    """Return the offers of ownership to the person."""
    found = list(ownership.open_for(request.user))
    return {"ownership": found} if found else {}
