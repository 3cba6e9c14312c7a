"""Lists of what waits for a person in this room, for the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hierarchy import access, asking
from hierarchy.console.views.waiting import newest
from hierarchy.joining.actions import email_domains, invitations
from hierarchy.models import AccessRequest, EmailDomain
from hierarchy.roles import VIEW, Level

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from hierarchy.console.views.pages import Request
    from hierarchy.models.access_request import AccessRequestQuerySet
    from hierarchy.models.invitation import InvitationQuerySet

MOST_INVITATIONS = 10


def offers(request: Request) -> dict[str, object]:
    """Return the invitations that the person can accept."""
    rows = invitations.open_for(request.user)
    return newest(request, rows, "offers", "invitations", MOST_INVITATIONS)


def maybe_offers(user: User) -> InvitationQuerySet:
    """Return the invitations to the person, also to where they can't accept them."""
    return invitations.addressed_to(user)


def domains(request: Request) -> dict[str, object]:
    """Return the domains by which the person can come in, or may ask to."""
    found = email_domains.open_for(request.user)
    return {"domains": found} if found else {}


def maybe_domains(user: User) -> QuerySet[EmailDomain]:
    """Return the domains of the person's addresses, but for organizations where they have a role.

    Most people of a verified domain are members already: so they aren't asked about any further.
    """
    joined = access.grant_map(user).held[Level.ORGANIZATION]
    return EmailDomain.objects.open_to(user).exclude(organization_id__in=list(joined))


def answerable(request: Request) -> dict[str, object]:
    """Return the requests that the person can answer."""
    return newest(request, asking.requests_to_answer(request.user), "answerable", "requests")


def maybe_answerable(user: User) -> AccessRequestQuerySet:
    """Return the requests on nodes where the person can answer any, be it that one or not."""
    return asking.requests_near(user)


def asked(request: Request) -> dict[str, object]:
    """Return what the person asks for and has no answer to yet, where that is still there.

    Each with what may be named of where: of what they no longer see, the organization.
    """
    user = request.user
    found = [
        (row, row.node if VIEW[row.level] in access.held(user, row.node) else row.organization)
        for row in maybe_asked(user).with_nodes()
        if not row.node.is_deleted
    ]
    return {"asked": found} if found else {}


def maybe_asked(user: User) -> AccessRequestQuerySet:
    """Return what the person asks for and has no answer to yet, wherever that was."""
    return AccessRequest.objects.pending().filter(user=user)
