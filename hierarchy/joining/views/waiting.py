"""Lists of what waits for a person in this room, for the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hierarchy import access, asking
from hierarchy.console.views.waiting import newest
from hierarchy.joining.actions import email_domains, invitations
from hierarchy.models import AccessRequest
from hierarchy.roles import VIEW

if TYPE_CHECKING:
    from hierarchy.console.views.pages import Request

MOST_INVITATIONS = 10


def offers(request: Request) -> dict[str, object]:
    """Return the invitations that the person can accept."""
    rows = invitations.open_for(request.user)
    return newest(request, rows, "offers", "invitations", MOST_INVITATIONS)


def domains(request: Request) -> dict[str, object]:
    """Return the domains by which the person can come in, or may ask to."""
    found = email_domains.open_for(request.user)
    return {"domains": found} if found else {}


def answerable(request: Request) -> dict[str, object]:
    """Return the requests that the person can answer."""
    return newest(request, asking.requests_to_answer(request.user), "answerable", "requests")


def asked(request: Request) -> dict[str, object]:
    """Return what the person asks for and has no answer to yet, where that is still there.

    Each with what may be named of where: of what they no longer see, the organization.
    """
    user = request.user
    rows = AccessRequest.objects.pending().filter(user=user).with_nodes()
    found = [
        (row, row.node if VIEW[row.level] in access.held(user, row.node) else row.organization)
        for row in rows
        if not row.node.is_deleted
    ]
    return {"asked": found} if found else {}
