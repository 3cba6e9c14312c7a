"""Ownership of an organization: handing it over, and naming a successor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from hierarchy import access, audit, mail_rules, notices, outbox, visible
from hierarchy.locking import lock, refusing_duplicates
from hierarchy.members.actions import memberships, owners, pending
from hierarchy.members.actions.pending import Waiting
from hierarchy.models import (
    Ending,
    Membership,
    OfferState,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    role_columns,
)
from hierarchy.models.audit_event import Changes
from hierarchy.notices import Change
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import Level, Permission, Role

if TYPE_CHECKING:
    from config.versions import Version
    from hierarchy.models.membership import MembershipQuerySet
    from hierarchy.models.node import AnyNode
    from hierarchy.models.ownership_offer import OwnershipOfferQuerySet

TRANSFER = Permission.TRANSFER_ORGANIZATION


def open_for(user: User) -> OwnershipOfferQuerySet:
    """Return what `user` may accept to become an owner of."""
    return offered_to(user).pending()


def offered_to(user: User) -> OwnershipOfferQuerySet:
    """Return the offers to `user`, open or not, of organizations that they see."""
    seen = visible.organizations_for(user)
    rows = addressed_to(user).filter(organization__in=seen.values("pk"))
    return rows.select_related("organization", "offered_by", "user")


def addressed_to(user: User) -> OwnershipOfferQuerySet:
    """Return the offers to `user`, open or not, whatever they see."""
    return OwnershipOffer.objects.filter(user=user)


def candidates(organization: Organization) -> MembershipQuerySet:
    """Return the memberships of those who can become owners: members who aren't yet."""
    rows = Membership.objects.at(organization).in_force()
    return rows.exclude(role=Role.OWNER)


def successor(organization: Organization) -> User | None:
    """Return the member whom the owners have named, if they can still become an owner."""
    if organization.successor_id is None:
        return None
    rows = candidates(organization).filter(user=organization.successor_id)
    heir: Membership | None = rows.select_related("user").first()
    return heir.user if heir else None


def _refuse_unless_candidate(user: User, organization: Organization) -> None:
    if not candidates(organization).filter(user=user).exists():
        sentence = _("Choose a member of the organization who isn't an owner.")
        raise Refused("no_candidate", sentence, field="user")


@transaction.atomic
def name_successor(
    organization: Organization, user: User | None, *, by: User, version: Version
) -> Organization:
    """Name who is asked first if the organization loses its owners; None for nobody.

    `version` is that of the `shown_successor` that `by` has read.
    """
    organization = lock(organization)
    access.require(by, TRANSFER, organization)
    refuse_stale(organization.shown_successor, version)
    before = organization.successor
    if user is not None:
        _refuse_unless_candidate(user, organization)
    if before == user:
        return organization
    organization.successor = user
    organization.save(update_fields=["successor"])
    changes = {"successor": [each and audit.label_of(each) for each in (before, user)]}
    audit.record("organization.name_successor", by=by, node=organization, changes=changes)
    return organization


@transaction.atomic
def offer(
    organization: Organization, user: User, *, by: User, becomes: Role = Role.OWNER
) -> OwnershipOffer:
    """Ask a member to become an owner; `becomes` is the role of `by` once they accept."""
    organization = lock(organization)
    access.require(by, TRANSFER, organization)
    _refuse_unless_owner(by, organization)
    _refuse_unless_candidate(user, organization)
    if becomes == Role.CUSTOM:
        raise Refused("unfit_role", _("Choose a built-in role."), field="becomes")
    _expire(organization)
    made = OwnershipOffer(organization=organization, user=user, offered_by=by, becomes=becomes)
    with refusing_duplicates(_("There is already an open offer. Withdraw it first.")):
        made.save()
    _record("ownership.offer", made, by, {"becomes": [Role.OWNER.value, becomes.value]})
    _mail(made, user)
    return made


@transaction.atomic
def withdraw(offer: OwnershipOffer, *, by: User, version: Version) -> OwnershipOffer:
    """Take an open offer back; `version` is that of its `shown`, as for every answer to it."""
    offer = _lock(offer)
    access.require(by, TRANSFER, offer.organization)
    refuse_stale(offer.shown, version)
    return _decide(offer, OfferState.WITHDRAWN, "withdraw", by)


@transaction.atomic
def accept(offer: OwnershipOffer, *, by: User, version: Version) -> Membership:
    """Become an owner, if the offering owner still is one and `by` is still a member."""
    offer = _lock(offer)
    _refuse_unless_addressed_to(by, offer)
    refuse_stale(offer.shown, version)
    _refuse_unless_owner(offer.offered_by, offer.organization)
    rows = candidates(offer.organization).filter(user=by).select_related("user")
    membership: Membership | None = rows.first()
    if membership is None:
        raise Refused(
            "no_candidate",
            _("You can no longer accept this offer. Only active members who aren't owners can."),
        )
    before = membership.terms
    memberships.put(membership, **role_columns(Role.OWNER), starts_at=None, ends_at=None)
    former: Membership | None = None
    if offer.becomes != Role.OWNER:
        own = Membership.objects.at(offer.organization).select_related("user")
        former = own.get(user=offer.offered_by)
        owners.keep_an_owner(former)
        memberships.put(former, **role_columns(Role(offer.becomes)))
    changes = audit.differences(before, membership.terms)
    changes["becomes"] = [Role.OWNER.value, offer.becomes]
    _decide(offer, OfferState.ACCEPTED, "accept", by, changes)
    _mail(offer, offer.offered_by)
    _tell_other_owners(offer, membership, former)
    return membership


@transaction.atomic
def decline(offer: OwnershipOffer, *, by: User, version: Version) -> OwnershipOffer:
    """Keep one's role; a suspended organization doesn't prevent that."""
    offer = _lock(offer, even_suspended=True)
    _refuse_unless_addressed_to(by, offer)
    refuse_stale(offer.shown, version)
    _decide(offer, OfferState.DECLINED, "decline", by)
    _mail(offer, offer.offered_by)
    return offer


def _lock(offer: OwnershipOffer, *, even_suspended: bool = False) -> OwnershipOffer:
    """Return the offer as it is now, its organization locked, if it can still be decided."""
    organization = lock(offer.organization, even_suspended=even_suspended)
    rows = OwnershipOffer.objects.select_related("user", "offered_by")
    fresh = rows.filter(pk=offer.pk).first()
    if fresh is None or not fresh.is_pending:
        raise Refused("decided", _("This offer is no longer open."))
    fresh.organization = organization
    return fresh


def _expire(organization: Organization) -> None:
    over = OwnershipOffer.objects.filter(
        organization=organization, state=OfferState.PENDING, expires_at__lte=timezone.now()
    )
    over.update(state=OfferState.EXPIRED, decided_at=timezone.now())


def _is_owner(user: User, organization: Organization) -> bool:
    rows = Membership.objects.effective_owners().filter(organization=organization)
    return bool(rows.filter(user=user).exists())


def _refuse_unless_owner(user: User, organization: Organization) -> None:
    if not _is_owner(user, organization):
        sentence = _("Only an owner of %(organization)s can hand it over.")
        raise Refused("no_owner", sentence % {"organization": organization})


def _refuse_unless_addressed_to(by: User, offer: OwnershipOffer) -> None:
    if offer.user_id != by.pk or not User.objects.filter(pk=by.pk, is_active=True).exists():
        raise Refused("not_yours", _("This offer is for someone else."))


def _decide(
    offer: OwnershipOffer,
    state: OfferState,
    verb: str,
    by: User,
    changes: Changes | None = None,
) -> OwnershipOffer:
    """End the offer; `changes` is what else that changed."""
    offer.state = state
    offer.decided_at = timezone.now()
    offer.save(update_fields=["state", "decided_at"])
    outbox.withhold_about([offer])
    states = {"state": [OfferState.PENDING.value, state.value]}
    _record(f"ownership.{verb}", offer, by, states | (changes or {}))
    return offer


def _tell_other_owners(
    offer: OwnershipOffer, membership: Membership, former: Membership | None
) -> None:
    """Tell the owners who neither offered nor accepted it."""
    change = Change.HANDED_OVER if former else Change.BECAME_OWNER
    besides = [offer.offered_by_id]
    notices.tell_owners(membership, change, by=membership.user, former=former, besides=besides)


def _record(action: str, offer: OwnershipOffer, by: User, changes: Changes) -> None:
    label = audit.label_of(offer.user)
    audit.record(
        action,
        by=by,
        node=offer.organization,
        target=offer,
        target_label=label,
        changes=changes,
    )


def _mail(offer: OwnershipOffer, to: User) -> None:
    """Tell the member of the offer, or the owner of the answer."""
    organization = offer.organization
    is_answer = to.pk == offer.offered_by_id
    if not to.is_active:
        return
    if not is_answer:
        link = outbox.link_to("ownership-offer-detail", pk=offer.pk)
    elif offer.state == OfferState.DECLINED:
        link = outbox.link_to("ownership", **organization.slugs)
    else:
        link = outbox.link_to("detail", **organization.slugs)
    outbox.enqueue(
        "ownership_answer" if is_answer else "ownership_offer",
        recipient=to.email,
        context={
            "person": str(offer.user),
            "owner": str(offer.offered_by),
            "organization": organization.name,
            "is_accepted": offer.state == OfferState.ACCEPTED,
            "expires_at": offer.expires_at.isoformat(),
            "link": link,
        },
        language=to.known_language,
        organization=organization,
        about=offer,
    )


def _of_leaver(membership: Membership) -> OwnershipOfferQuerySet:
    if membership.level is not Level.ORGANIZATION:
        return OwnershipOffer.objects.none()
    theirs = Q(user=membership.user_id) | Q(offered_by=membership.user_id)
    rows = OwnershipOffer.objects.filter(theirs, organization=membership.organization_id)
    return rows.filter(state=OfferState.PENDING)


def _offered(node: AnyNode, user: User) -> OwnershipOfferQuerySet:
    if node.level is not Level.ORGANIZATION:
        return OwnershipOffer.objects.none()
    return OwnershipOffer.objects.filter(organization=node.pk, offered_by=user).pending()


def _take_back(rows: OwnershipOfferQuerySet, _by: User) -> list[Any]:
    told = [audit.label_of(row.user) for row in rows.select_related("user")]
    outbox.withhold_about(rows)
    rows.update(state=OfferState.WITHDRAWN, decided_at=timezone.now())
    return told


pending.declare(
    Waiting(name="ownership_offers", of_leaver=_of_leaver, offered=_offered, take_back=_take_back)
)


def _reason_not_to_offer(offer: OwnershipOffer, _mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail with the offer, if anything."""
    if not offer.is_pending:
        return Ending.DECIDED
    if not _is_owner(offer.offered_by, offer.organization):
        return Ending.NOT_OFFERED
    is_candidate = candidates(offer.organization).filter(user=offer.user_id).exists()
    return None if is_candidate else Ending.NOT_THEIRS


mail_rules.declare("ownership_offer", about=OwnershipOffer, ended=_reason_not_to_offer)
# One may decline while it is suspended, and who has offered it hears of that.
mail_rules.declare("ownership_answer", about=OwnershipOffer, even_suspended=True)
