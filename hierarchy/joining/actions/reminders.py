"""Telling in time that an access, or the time to accept an offer of it, is about to end.

Nothing here ends it: that happens at the instant, when access is read. So a late worker makes a
late reminder and nothing worse.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from config.batches import one_by_one
from hierarchy import explanations, mail_rules, outbox
from hierarchy.joining.actions import invitations
from hierarchy.members.actions import rules
from hierarchy.models import Ending, Invitation, Membership, OutgoingMail
from hierarchy.refusals import Refused
from hierarchy.roles import CHANGE_MEMBER, VIEW_MEMBER

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

# How many days before the end a reminder goes out, the first one first.
DAYS_BEFORE = (7, 1)
MOST_MANAGERS = 50  # of those who can put the end off: nobody needs hundreds of mails


def remind_of_ends() -> int:
    """Remind members, and who can put the end off, of memberships that end soon.

    Returns how many memberships that were. Each is reminded of once for each of `DAYS_BEFORE`,
    however often and in however many workers this runs.
    """
    return one_by_one(_due().values_list("pk", flat=True), _remind)


def _due() -> QuerySet[Membership]:
    now = timezone.now()
    due = Q(pk__in=[])
    for days in DAYS_BEFORE:
        not_yet = Q(reminded_days=None) | Q(reminded_days__gt=days)
        due |= Q(ends_at__lte=now + timedelta(days=days)) & not_yet
    return Membership.objects.in_force().filter(due).order_by("pk")


@transaction.atomic
def _remind(pk: int) -> bool:
    rows = Membership.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    membership = rows.filter(pk=pk).with_nodes().first()
    # By a query of its own: the one that locks may still see what was before another worker's.
    if membership is None or not _due().filter(pk=pk).exists():
        return False
    if membership.ends_at is None:  # nothing that is due has no end
        return False
    if membership.node.suspended_by or rules.is_silenced([membership.user_id], membership.node):
        return False  # once that is lifted, the reminder goes out
    left = membership.ends_at - timezone.now()
    reached = [days for days in DAYS_BEFORE if left <= timedelta(days=days)]
    membership.reminded_days = min(reached)
    membership.save(update_fields=["reminded_days"])
    if membership.node.is_deleted:
        return False
    _mail(membership, membership.user, "detail")
    node = membership.node
    able = membership.permissions | {VIEW_MEMBER[node.level], CHANGE_MEMBER[node.level]}
    for manager in explanations.holders(able, node, MOST_MANAGERS):
        if manager.pk != membership.user_id:
            _mail(
                membership,
                manager,
                "membership-index",
                f"?q={quote(membership.user.email, safe='@')}",
            )
    return True


def remind_of_expiry() -> int:
    """Remind invited people, and who has invited them, of offers that expire soon; once each.

    The invited person gets a new link, since no link is stored anywhere; the old one is dead then.
    So nobody is reminded where no mail leaves: the link that was handed over goes on working.
    """
    if not settings.MAIL_ENABLED:
        return 0
    return one_by_one(_expiring().values_list("pk", flat=True), _remind_invited)


def _expiring() -> QuerySet[Invitation]:
    soon = timezone.now() + timedelta(days=invitations.DAYS_BEFORE_EXPIRY)
    rows = Invitation.objects.pending().filter(expires_at__lte=soon, reminded_at=None)
    return rows.order_by("pk")


@transaction.atomic
def _remind_invited(pk: int) -> bool:
    invitation = Invitation.objects.filter(pk=pk).with_nodes().first()
    if invitation is None:
        return False
    try:
        invitations.remind(invitation)
    except Refused:  # decided, suspended or deleted in this very moment
        return False
    return True


def _mail(membership: Membership, to: User, page: str, query: str = "") -> None:
    node = membership.node
    context: dict[str, object] = {
        "person": str(membership.user),
        "is_own": to.pk == membership.user_id,
        "node": node.name,
        "organization": node.organization.name,
        "ends_at": membership.ends_at.isoformat() if membership.ends_at else "",
        "link": outbox.link_to(page, **node.slugs) + query,
    }
    outbox.enqueue(
        "membership_end",
        recipient=to.email,
        context=context,
        language=to.known_language,
        organization=membership.organization,
        about=membership,
    )


def _reason_not_to_remind(membership: Membership, mail: OutgoingMail) -> Ending | None:
    """Return what has ended a reminder of an end: the member has gone, or ends at another time."""
    in_force = Membership.objects.in_force().filter(pk=membership.pk).exists()
    if membership.reminded_days is None or not in_force:
        return Ending.CHANGED
    if mail.recipient == membership.user.email:
        return None
    needed = CHANGE_MEMBER[membership.level]
    can_answer = mail_rules.can_its_reader(mail, needed, membership.node)
    return None if can_answer else Ending.NOT_THEIRS


mail_rules.declare("membership_end", about=Membership, ended=_reason_not_to_remind)
