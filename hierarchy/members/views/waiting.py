"""Lists of what waits for a person in this room, for the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hierarchy.members.actions import ownership

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.console.views.pages import Request
    from hierarchy.models.ownership_offer import OwnershipOfferQuerySet


def offered(request: Request) -> dict[str, object]:
    """Return the offers of ownership to the person."""
    found = list(ownership.open_for(request.user))
    return {"ownership": found} if found else {}


def maybe_offered(user: User) -> OwnershipOfferQuerySet:
    """Return the open offers to the person, of organizations that they see and others."""
    return ownership.addressed_to(user).pending()
