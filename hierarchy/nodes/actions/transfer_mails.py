"""E-mails about an offer to hand a node over, and about the answer to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hierarchy import explanations, mail_rules, outbox
from hierarchy.models import Membership, OfferState, Organization, Transfer
from hierarchy.roles import RECEIVE

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode

MOST_RECIPIENTS = 20


def tell_place(transfer: Transfer) -> None:
    """Tell some of those who may accept it."""
    context = _facts(transfer) | {"link": outbox.link_to("transfer-offer", pk=transfer.pk)}
    able = explanations.holders({RECEIVE[transfer.level]}, transfer.place, MOST_RECIPIENTS)
    mails = [(user.email, context) for user in able if user != transfer.offered_by]
    if mails:
        outbox.enqueue_all(
            "transfer_offer", mails, organization=transfer.to_organization, about=transfer
        )


def tell_owners(transfer: Transfer) -> None:
    """Tell the other owners of the organization that it would lose something."""
    if not transfer.leaves:
        return
    link = outbox.link_to("transfer", **transfer.node.slugs)
    context = _facts(transfer) | {"place": transfer.told_place, "link": link}
    besides = [transfer.offered_by]
    _mail_owners("transfer_notice", context, transfer, transfer.organization, besides)


def tell_former_owners(transfer: Transfer, by: User, node: AnyNode, former: Organization) -> None:
    """Tell the other owners of the organization that it has lost something."""
    if node.organization == former:
        return
    context = {
        "person": str(by),
        "offered_by": str(transfer.offered_by),
        "node": node.name,
        "organization": former.name,
        "place": transfer.told_place,
    }
    _mail_owners("transfer_leave", context, transfer, former, [by, transfer.offered_by])


def _mail_owners(
    template: str,
    context: dict[str, Any],
    transfer: Transfer,
    organization: Organization,
    besides: list[User],
) -> None:
    owners = Membership.objects.effective_owners().filter(organization=organization)
    others = owners.exclude(user__in=besides).select_related("user").order_by("id")
    mails = [(row.user.email, context) for row in others[:MOST_RECIPIENTS]]
    if mails:
        outbox.enqueue_all(template, mails, organization=organization, about=transfer)


def _facts(transfer: Transfer) -> dict[str, object]:
    return {
        "person": str(transfer.offered_by),
        "node": transfer.node.name,
        "organization": transfer.organization.name,
        "place": transfer.told_place if transfer.leads_nowhere else transfer.place.name,
        "expires_at": transfer.expires_at.isoformat(),
    }


def tell_offerer(transfer: Transfer, by: User, node: AnyNode) -> None:
    """Tell the offering person what came of it."""
    context = {
        "person": str(by),
        "node": node.name,
        "is_accepted": transfer.state == OfferState.ACCEPTED,
        "stays_inside": transfer.to_organization_id == transfer.organization_id,
    }
    _answer(transfer, context)


def tell_lapsed(transfer: Transfer) -> None:
    """Tell the offering person that the place itself was handed over."""
    _answer(transfer, {"node": transfer.node.name, "has_moved": True})


def _answer(transfer: Transfer, context: dict[str, object]) -> None:
    """Send a mail to the offering person, unless their account is closed."""
    if not transfer.offered_by.is_active:
        return
    outbox.enqueue(
        "transfer_answer",
        recipient=transfer.offered_by.email,
        context=context | {"place": transfer.told_place},
        language=transfer.offered_by.known_language,
        organization=transfer.to_organization,
        about=transfer,
    )


# What came of it, they are told even where one side is suspended by now: that can decline. What
# an organization has lost is lost, whatever becomes of it at its new place.
mail_rules.declare("transfer_answer", about=Transfer, even_suspended=True)
mail_rules.declare("transfer_leave", about=Transfer, even_suspended=True, even_deleted=True)
