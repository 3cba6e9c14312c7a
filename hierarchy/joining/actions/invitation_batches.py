"""Inviting many people at once: judged address by address first, then all of them or nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.emails import canonical_email
from hierarchy import access, audit, outbox
from hierarchy.joining.actions import invitation_limits, invitations
from hierarchy.locking import lock, refusing_duplicates
from hierarchy.members.actions import rules
from hierarchy.models import AnyRole, CustomRole, Invitation, State, path_of, role_columns
from hierarchy.models.invitation import MOST_AT_ONCE, Offer
from hierarchy.refusals import Refused
from hierarchy.roles import INVITE_MEMBER

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


class Verdict(models.TextChoices):
    """Outcome that an address would have; only the fine ones are invited."""

    FINE = "fine", _lazy("Can be invited")
    MALFORMED = "malformed", _lazy("Not an e-mail address")
    REPEATED = "repeated", _lazy("Listed twice")
    OWN = "own", _lazy("Your own address")
    MEMBER = "member", _lazy("Already a member")
    ENDED = "ended", _lazy("Access has ended: extend it instead")
    SUSPENDED = "suspended", _lazy("Suspended at a higher level")
    INVITED = "invited", _lazy("Already invited")
    FOREIGN = "foreign", _lazy("Domain not allowed")
    NO_ROLE = "no_role", _lazy("No such role")
    BEYOND = "beyond", _lazy("More than you can give")


@dataclass(frozen=True)
class Judged:
    offer: Offer
    verdict: Verdict

    @property
    def is_fine(self) -> bool:
        return self.verdict is Verdict.FINE


def judge(node: AnyNode, offers: Iterable[Offer], *, by: User) -> list[Judged]:
    """Say of each offer what would become of it now: in as many queries for one as for all."""
    written = [_canonical(offer) for offer in offers]
    known = _Known(node, [offer.email for offer in written], by)
    judged = []
    seen = set()
    for offer in written:
        verdict = Verdict.REPEATED if offer.email in seen else known.verdict(offer)
        seen.add(offer.email)
        judged.append(Judged(offer, verdict))
    return judged


@transaction.atomic
def send(
    node: AnyNode,
    offers: Iterable[Offer],
    *,
    by: User,
    message: str = "",
    days: int | None = None,
    ends_at: datetime | None = None,
) -> list[Invitation]:
    """Make all the offers, by mail, or none when one of them can no longer be made.

    What else they say is as in `invitations.send`.
    """
    node = lock(node)
    access.require(by, INVITE_MEMBER[node.level], node)
    judged = judge(node, offers, by=by)
    if not judged:
        raise Refused("empty", _("Enter at least one address."), field="addresses")
    if len(judged) > MOST_AT_ONCE:
        sentence = _("Invite at most %(most)d people at once.") % {"most": MOST_AT_ONCE}
        raise Refused("too_many", sentence, field="addresses")
    if not all(each.is_fine for each in judged):
        sentence = _("Some of them can no longer be invited. Nothing has been sent.")
        raise Refused("changed", sentence)
    invitation_limits.refuse_over(node.organization, len(judged))
    emails = [each.offer.email for each in judged]
    over = Invitation.objects.at(node).filter(state=State.PENDING, email__in=emails)
    over.update(state=State.EXPIRED, decided_at=F("expires_at"))
    rules.refuse_dates(None, ends_at)
    common = {"message": rules.clean_message(message), "access_ends_at": ends_at}
    made = [_made(node, each.offer, common, by, days) for each in judged]
    rows = [invitation for invitation, _token in made]
    with refusing_duplicates(
        _("Someone else has just invited one of them. Nothing has been sent.")
    ):
        Invitation.objects.bulk_create(rows)
    _queue(node, made)
    told = [(row, row.email, invitations.offered(row)) for row in rows]
    audit.record_all("invitation.send", told, by=by, node=node)
    return rows


class _Known:
    """Facts about some addresses on the path of a node that `by` is allowed to know."""

    def __init__(self, node: AnyNode, emails: list[str], by: User) -> None:
        access.forget(by)
        self.node = node
        self.held = access.held_here(by, node)
        self.roles = access.custom_roles_for(node)
        found = invitations.Standings(node, emails)
        self.own = {email for email, user in found.people.items() if user == by.pk}
        self.members = found.members if rules.sees_members(by, node) else {}
        over = (email for email, row in self.members.items() if row.is_active and row.has_ended)
        self.ended = set(over)
        seen = {part for part in node.path if rules.sees_members(by, part)}
        self.suspended = {email for email, parts in found.silencing.items() if seen & set(parts)}
        open_ones = Invitation.objects.at(node).pending().filter(email__in=emails)
        self.invited = set(open_ones.values_list("email", flat=True))

    def verdict(self, offer: Offer) -> Verdict:
        email = offer.email
        verdicts = {
            Verdict.MALFORMED: not _is_address(email),
            Verdict.OWN: email in self.own,
            Verdict.ENDED: email in self.ended,
            Verdict.MEMBER: email in self.members,
            Verdict.SUSPENDED: email in self.suspended,
            Verdict.INVITED: email in self.invited,
            Verdict.FOREIGN: not invitations.is_of_allowed_domain(self.node.organization, email),
            Verdict.NO_ROLE: offer.role is None,
            Verdict.BEYOND: offer.role is not None and self._is_beyond(offer.role),
        }
        return next((verdict for verdict, is_so in verdicts.items() if is_so), Verdict.FINE)

    def _is_beyond(self, role: AnyRole) -> bool:
        if isinstance(role, CustomRole) and role not in self.roles:
            return True
        return not role.permissions_on(self.node.level) <= self.held


def _canonical(offer: Offer) -> Offer:
    try:
        return replace(offer, email=canonical_email(offer.email))
    except ValidationError:
        return offer


def _is_address(email: str) -> bool:
    try:
        return canonical_email(email) == email
    except ValidationError:
        return False


def _made(
    node: AnyNode, offer: Offer, common: dict[str, Any], by: User, days: int | None
) -> tuple[Invitation, str]:
    token = invitations.new_token()
    role = cast(AnyRole, offer.role)
    invitation = Invitation(**path_of(node), **role_columns(role), **common, email=offer.email)
    invitations.renew(invitation, token, by=by, days=days)
    return invitation, token


def _queue(node: AnyNode, made: list[tuple[Invitation, str]]) -> None:
    found = invitations.Standings(node, [row.email for row, _token in made])
    mails = outbox.enqueue_all(
        invitation_limits.MAIL,
        (
            (row.email, invitations.words_of(row, token, found.told(row.email)))
            for row, token in made
        ),
        language=get_language() or settings.LANGUAGE_CODE,
        organization=node.organization,
        about=(row for row, _token in made),
    )
    for (invitation, _token), mail in zip(made, mails, strict=True):
        invitation.mail = mail
    Invitation.objects.bulk_update([row for row, _token in made], ["mail"])
