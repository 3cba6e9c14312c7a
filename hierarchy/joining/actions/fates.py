"""Endings of invitations and requests when their node moves, or one of its people goes or comes.

Their models declare it: see `hierarchy.fates`, and `pending` for what waits for an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import ngettext

from hierarchy import audit, fates, outbox
from hierarchy.members.actions import pending
from hierarchy.members.actions.pending import Waiting
from hierarchy.models import AccessRequest, Invitation, RequestState, State

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.fates import Move
    from hierarchy.models import Membership
    from hierarchy.models.access_request import AccessRequestQuerySet
    from hierarchy.models.audit_event import Changes
    from hierarchy.models.invitation import InvitationQuerySet
    from hierarchy.models.node import AnyNode


def _foretell_invitations(node: AnyNode) -> str:
    number = Invitation.objects.within(node).pending().count()
    sentence = ngettext("1 open invitation ends.", "%(number)s open invitations end.", number)
    return sentence % {"number": number} if number else ""


def _foretell_requests(node: AnyNode) -> str:
    number = AccessRequest.objects.within(node).pending().count()
    sentence = ngettext("1 open request ends.", "%(number)s open requests end.", number)
    return sentence % {"number": number} if number else ""


@fates.when_moved(Invitation, foretell=_foretell_invitations)
def _end_invitations(move: Move) -> Changes:
    rows = Invitation.objects.within(move.node)
    told = list(rows.pending().values_list("email", flat=True))
    outbox.withhold_links(rows.pending())
    rows.delete()
    return {"invitations": [told, []]}


@fates.when_moved(AccessRequest, foretell=_foretell_requests)
def _end_requests(move: Move) -> Changes:
    rows = AccessRequest.objects.within(move.node)
    told = [audit.label_of(row.user) for row in rows.pending().select_related("user")]
    outbox.withhold_about(rows)
    rows.delete()
    return {"access_requests": [told, []]}


def _invitations_of_leaver(membership: Membership) -> InvitationQuerySet:
    theirs = Q(invited_by=membership.user_id) | Q(email__in=pending.addresses_of(membership))
    return Invitation.objects.within(membership.node).filter(theirs, state=State.PENDING)


def _invitations_of_comer(membership: Membership) -> InvitationQuerySet:
    rows = Invitation.objects.at(membership.node).filter(state=State.PENDING)
    return rows.filter(email__in=pending.addresses_of(membership))


def _revoke(rows: InvitationQuerySet, _by: User) -> list[Any]:
    told = list(rows.values_list("email", flat=True))
    outbox.withhold_links(rows)
    rows.update(state=State.REVOKED, decided_at=timezone.now())
    return told


def _requests_of_leaver(membership: Membership) -> AccessRequestQuerySet:
    rows = AccessRequest.objects.within(membership.node)
    return rows.filter(user=membership.user_id, state=RequestState.PENDING)


def _wish_of_comer(membership: Membership) -> AccessRequestQuerySet:
    rows = AccessRequest.objects.at(membership.node).filter(user=membership.user_id)
    return rows.filter(permission="", state=RequestState.PENDING)


def _withdraw(rows: AccessRequestQuerySet, by: User) -> list[Any]:
    told = [row.label for row in rows.with_nodes().order_by("pk")]
    outbox.withhold_about(rows)
    rows.update(state=RequestState.WITHDRAWN, decided_at=timezone.now(), decided_by=by)
    return told


pending.declare(
    Waiting(
        name="invitations",
        of_leaver=_invitations_of_leaver,
        of_comer=_invitations_of_comer,
        offered=lambda node, user: (
            Invitation.objects.within(node).filter(invited_by=user).pending()
        ),
        take_back=_revoke,
    )
)
pending.declare(
    Waiting(
        name="access_requests",
        of_leaver=_requests_of_leaver,
        of_comer=_wish_of_comer,
        take_back=_withdraw,
    )
)


def _places_of_asker(user: User) -> set[int]:
    """Return where the person has asked: approving it waits for the account."""
    return set(AccessRequest.objects.filter(user=user).values_list("organization", flat=True))


@fates.when_account_closes(AccessRequest, places=_places_of_asker)
def _end_requests_of(user: User, by: User) -> None:
    asked = AccessRequest.objects.filter(user=user)
    outbox.withhold_about(asked)
    for wish in asked.pending().with_nodes():  # where they aren't a member
        states = [RequestState.PENDING.value, RequestState.WITHDRAWN.value]
        audit.record(
            "access_request.withdraw",
            by=by,
            node=wish.node,
            target=wish,
            target_label=audit.label_of(user),
            changes={"state": states},
        )
    asked.delete()
