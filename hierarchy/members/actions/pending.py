"""What waits for an answer about a person on a node, and is settled with their membership there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from hierarchy import audit, outbox
from hierarchy.models import (
    AccessRequest,
    Invitation,
    OfferState,
    OwnershipOffer,
    RequestState,
    State,
    Transfer,
    TransferState,
)
from hierarchy.roles import Level

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress

    from accounts.models import User
    from hierarchy.models import Membership
    from hierarchy.models.access_request import AccessRequestQuerySet
    from hierarchy.models.invitation import InvitationQuerySet
    from hierarchy.models.transfer import TransferQuerySet


def end_with(membership: Membership, *, by: User) -> dict[str, list[Any]]:
    """Take back what whoever goes has offered there, was offered, or asks for.

    Return it as the event of their going keeps it.
    """
    node, person = membership.node, membership.user_id
    invitations = Invitation.objects.within(node).filter(
        Q(invited_by=person) | Q(email__in=_addresses(membership)), state=State.PENDING
    )
    requests = AccessRequest.objects.within(node).filter(user=person, state=RequestState.PENDING)
    offers = OwnershipOffer.objects.none()
    if membership.level is Level.ORGANIZATION:
        offers = OwnershipOffer.objects.filter(
            Q(user=person) | Q(offered_by=person),
            organization=membership.organization_id,
            state=OfferState.PENDING,
        )
    transfers = Transfer.objects.within(node).filter(offered_by=person, state=TransferState.PENDING)
    return _take_back(invitations, requests, offers, transfers, by=by)


def settle_with(membership: Membership, *, by: User) -> dict[str, list[Any]]:
    """Take back what whoever is a member now was offered there, and their wish to join.

    Return it as the event of their coming keeps it.
    """
    invitations = Invitation.objects.at(membership.node).filter(
        email__in=_addresses(membership), state=State.PENDING
    )
    wishes = AccessRequest.objects.at(membership.node).filter(
        user=membership.user_id, permission="", state=RequestState.PENDING
    )
    no_offers, no_transfers = OwnershipOffer.objects.none(), Transfer.objects.none()
    return _take_back(invitations, wishes, no_offers, no_transfers, by=by)


def _addresses(membership: Membership) -> QuerySet[EmailAddress, dict[str, str]]:
    return membership.user.verified_addresses().values("email")


def _take_back(
    invitations: InvitationQuerySet,
    requests: AccessRequestQuerySet,
    offers: QuerySet[OwnershipOffer],
    transfers: TransferQuerySet,
    *,
    by: User,
) -> dict[str, list[Any]]:
    now, kinds = timezone.now(), (invitations, requests, offers, transfers)
    first, *others = [rows.order_by().values("pk") for rows in kinds]
    if not first.union(*others, all=True).exists():  # most have none: one query
        return {}
    taken_back = {
        "invitations": list(invitations.values_list("email", flat=True)),
        "access_requests": [row.label for row in requests.with_nodes().order_by("pk")],
        "ownership_offers": [audit.label_of(row.user) for row in offers.select_related("user")],
        "transfers": [row.node.name for row in transfers.with_nodes()],
    }
    outbox.withhold_links(invitations)
    outbox.withhold_about([*requests, *offers, *transfers])
    invitations.update(state=State.REVOKED, decided_at=now)
    requests.update(state=RequestState.WITHDRAWN, decided_at=now, decided_by=by)
    offers.update(state=OfferState.WITHDRAWN, decided_at=now)
    transfers.update(state=TransferState.WITHDRAWN, decided_at=now)
    return {name: [found, []] for name, found in taken_back.items() if found}
