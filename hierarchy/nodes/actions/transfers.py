"""Handing a workspace to another organization, or an application to another workspace.

One side offers, the other accepts. Nothing changes until then; then everything does, in one
transaction: docs/decisions/transfers.md says what comes along and what stays behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from config.versions import Shown, digest
from hierarchy import access, audit, fates, mail_rules, outbox, visible
from hierarchy.fates import Move
from hierarchy.locking import lock, lock_both, refusing_duplicates
from hierarchy.members.actions import pending
from hierarchy.members.actions.pending import Waiting
from hierarchy.models import (
    Application,
    Ending,
    Membership,
    OfferState,
    Organization,
    OutgoingMail,
    Status,
    Transfer,
    Workspace,
    path_of,
)
from hierarchy.models.audit_event import Changes
from hierarchy.nodes import transfer_effects
from hierarchy.nodes.actions import moves, transfer_mails
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import RECEIVE, TRANSFER, Level, Permission

if TYPE_CHECKING:
    from config.versions import Version
    from hierarchy.models.node import AnyNode
    from hierarchy.models.transfer import TransferQuerySet

MOST_A_DAY = 20


def open_for(user: User) -> TransferQuerySet:
    """Return the offers that `user` may accept: those to where they may add such nodes."""
    return offered_to(user).pending()


def offered_to(user: User) -> TransferQuerySet:
    """Return the offers that `user` may accept or, once they are over, could have accepted."""
    living = {"to_organization__deleted_at": None, "to_workspace__deleted_at": None}
    related = ("to_organization", "to_workspace__organization", "offered_by")
    return to_places_of(user).filter(**living).alive().with_nodes().select_related(*related)


def to_places_of(user: User) -> TransferQuerySet:
    """Return the offers to places where `user` may add such nodes, be they deleted or not."""
    grants_of_user = access.grant_map(user)

    def to(level: Level, permission: Permission) -> Q:
        return visible.among(f"to_{level}_id", grants_of_user.nodes(level, permission))

    of_workspace = Q(application=None) & to(Level.ORGANIZATION, Permission.ADD_WORKSPACE)
    of_application = Q(application__isnull=False) & (
        to(Level.ORGANIZATION, Permission.ADD_APPLICATION)
        | to(Level.WORKSPACE, Permission.ADD_APPLICATION)
    )
    return Transfer.objects.filter(of_workspace | of_application)


@transaction.atomic
def offer(
    node: Workspace | Application,
    place: Organization | Workspace,
    *,
    by: User,
    version: Version,
) -> Transfer:
    """Offer `node` to `place`: to those who may add such nodes there.

    `version` is that of what is `shown_to_offer`.
    """
    node, place = lock_both(node, place, even_closed_place=True)
    access.require(by, TRANSFER[node.level], node)
    refuse_place(node, place)
    refuse_stale(shown_to_offer(node, place), version)
    made = Transfer(
        **path_of(node),
        to_organization=place.organization,
        to_workspace=place if isinstance(place, Workspace) else None,
        offered_by=by,
    )
    _make(made)
    transfer_mails.tell_place(made)
    return made


@transaction.atomic
def offer_to_nobody(
    node: Workspace | Application, address: str, *, by: User, version: Version
) -> Transfer:
    """Offer `node` to an address where nothing exists, as `offer` would: nobody can accept it.

    A refusal would tell which organizations exist to anyone who tries one address after another.
    """
    node = lock(node)
    access.require(by, TRANSFER[node.level], node)
    refuse_stale(shown_to_offer(node, address), version)
    made = Transfer(**path_of(node), to_address=address, offered_by=by)
    _make(made)
    return made


def _make(made: Transfer) -> None:
    """Store an offer under the lock of its organization, and tell its owners."""
    node = made.node
    by = made.offered_by
    _refuse_too_many(node.organization)
    over = Transfer.objects.at(node).filter(
        state=OfferState.PENDING, expires_at__lte=timezone.now()
    )
    over.update(state=OfferState.EXPIRED, decided_at=timezone.now())
    with refusing_duplicates(_("It has already been offered. Withdraw that offer first.")):
        made.save()
    _record("transfer.offer", made, by)
    transfer_mails.tell_owners(made)


@transaction.atomic
def withdraw(transfer: Transfer, *, by: User, version: Version) -> Transfer:
    """Take an open offer back, whatever has become of the place in the meantime.

    `version` is that of the transfer's `shown`, as for declining it.
    """
    if transfer.leads_nowhere:
        transfer = _fresh(transfer, lock(transfer.node))
    else:
        transfer = _lock(transfer, even_closed_place=True)
    access.require(by, TRANSFER[transfer.level], transfer.node)
    refuse_stale(transfer.shown, version)
    _decide(transfer, OfferState.WITHDRAWN)
    _record("transfer.withdraw", transfer, by)
    return transfer


@transaction.atomic
def decline(transfer: Transfer, *, by: User, version: Version) -> Transfer:
    """Leave the node where it is, which works from a suspended place, too."""
    transfer = _lock(transfer, even_closed_place=True)
    access.require(by, RECEIVE[transfer.level], transfer.place)
    refuse_stale(transfer.shown, version)
    _decide(transfer, OfferState.DECLINED)
    _record("transfer.decline", transfer, by)
    transfer_mails.tell_offerer(transfer, by, transfer.node)
    return transfer


@transaction.atomic
def accept(
    transfer: Transfer,
    *,
    by: User,
    keep: Collection[int],
    version: Version,
    slug: str = "",
    workspace: Workspace | None = None,
) -> AnyNode:
    """Take the node over and return it at its new place.

    `keep` are the ids of the memberships on it, and beneath it, that go on: only an owner of its
    new place keeps any. All others end, and so do the invitations and requests. `slug` is the
    node's name in addresses from now on, "" for its own or the next that is free. `workspace` is
    where an application goes that was offered to an organization. `version` is that of what is
    `shown_to_accept`.
    """
    others = {row.organization_id for row in _offers_about(transfer.node)}
    transfer = _lock(transfer, besides=others)
    locked = others | {transfer.organization_id, transfer.to_organization_id}
    if any(row.organization_id not in locked for row in _offers_about(transfer.node)):
        raise _refusal_of_changed()
    node = transfer.node
    place = _destination(transfer, workspace)
    refuse_place(node, place, is_final=True)
    _refuse_unless_still_offered(transfer)
    access.require(by, RECEIVE[node.level], place)
    _refuse_own(transfer, by)
    refuse_stale(shown_to_accept(transfer, place), version)
    kept = _kept(node, place, keep, by)
    home = transfer.organization
    _decide(transfer, OfferState.ACCEPTED)
    moved = moves.move(node, place, slug=slug, kept=kept, by=by)
    transfer_mails.tell_offerer(transfer, by, moved)
    transfer_mails.tell_former_owners(transfer, by, moved, home)
    return moved


def shown_to_offer(node: AnyNode, place: AnyNode | str) -> Shown:
    """Return what is shown before offering: what it is, where it hangs, and the address given.

    Whatever is there, since who can read the version of a form is told no more than the page tells.
    """
    address = place if isinstance(place, str) else "/".join(place.slugs.values())
    return Shown(node, "name", about="offer", parent=node.parent, place=address)


def shown_to_accept(transfer: Transfer, place: AnyNode) -> Shown:
    """Return what is shown before accepting: who may come along, and which settings change."""
    node = transfer.node
    members = {"digest": digest(transfer_effects.terms(node, place))}
    changes = transfer_effects.changed_settings(node, place)
    settings = {
        "values": [[change.then.setting.key, change.then.value] for change in changes],
        "words": ", ".join(str(change.then.setting.label) for change in changes),
    }
    return Shown(transfer, about="accept", place=place, members=members, settings=settings)


def reason_not_to_offer_there() -> str:
    """Return what is said of a missing or closed place, without telling which it is."""
    return _("It can't be offered there.")


def _refusal_of_changed() -> Refused:
    return Refused(
        "changed", _("What would come along has changed in the meantime. Check it, then try again.")
    )


def _lock(
    transfer: Transfer, *, even_closed_place: bool = False, besides: Iterable[int] = ()
) -> Transfer:
    """Return the offer as it is now, if it can still be decided.

    Both organizations are locked, and those `besides`.
    """
    if transfer.leads_nowhere:
        raise _refusal_of_closed()
    node, place = lock_both(
        transfer.node, transfer.place, even_closed_place=even_closed_place, besides=besides
    )
    fresh = _fresh(transfer, node)
    fresh.to_organization = place.organization
    fresh.to_workspace = place if isinstance(place, Workspace) else None
    return fresh


def _fresh(transfer: Transfer, node: AnyNode) -> Transfer:
    """Return the offer of the locked `node` as it is now, if it can still be decided."""
    rows = Transfer.objects.select_related("offered_by")
    fresh: Transfer | None = rows.filter(pk=transfer.pk).first()
    if fresh is None or not fresh.is_pending:
        raise _refusal_of_closed()
    fresh.hang_on(node)
    return fresh


def _refusal_of_closed() -> Refused:
    return Refused("decided", _("This offer is no longer open."))


def _destination(transfer: Transfer, workspace: Workspace | None) -> AnyNode:
    """Return the place it was offered to, or the workspace there that was chosen now."""
    if workspace is None or transfer.to_workspace is not None:
        return transfer.place
    if workspace.organization_id != transfer.to_organization_id:
        sentence = _("Choose a workspace of %(node)s.") % {"node": transfer.to_organization}
        raise Refused("elsewhere", sentence, field="workspace")
    return lock(workspace)


def refuse_place(node: AnyNode, place: AnyNode, *, is_final: bool = False) -> None:
    """Refuse a place for the wrong kind of node; an application's workspace may be chosen later."""
    if place.is_deleted or place.suspended_by:
        raise Refused("closed_place", reason_not_to_offer_there(), field="place")
    if node.parent == place:
        raise Refused("there_already", _("It's already there."), field="place")
    if isinstance(node, Workspace) and not isinstance(place, Organization):
        sentence = _("A workspace can only go to an organization.")
        raise Refused("unfit_place", sentence, field="place")
    if is_final and isinstance(node, Application) and not isinstance(place, Workspace):
        raise Refused("unfit_place", _("Choose the workspace it goes to."), field="workspace")


def _refuse_too_many(organization: Organization) -> None:
    since = timezone.now() - timedelta(days=1)
    offers = Transfer.objects.filter(organization=organization, created_at__gt=since)
    # An accepted one was no nuisance, and hangs on who has accepted it.
    if offers.exclude(state=OfferState.ACCEPTED).count() >= MOST_A_DAY:
        sentence = _("You can make at most %(most)s offers a day. Try again tomorrow.")
        raise Refused("too_many", sentence % {"most": MOST_A_DAY})


def reason_it_lapsed(transfer: Transfer) -> str:
    """Return why an open offer can no longer be accepted: its maker may not hand over; or ""."""
    access.forget(transfer.offered_by)
    if access.can(transfer.offered_by, TRANSFER[transfer.level], transfer.node):
        return ""
    sentence = _("%(person)s, who made this offer, can no longer hand it over.")
    return sentence % {"person": transfer.offered_by}


def _refuse_unless_still_offered(transfer: Transfer) -> None:
    sentence = reason_it_lapsed(transfer)
    if sentence:
        raise Refused("not_theirs", sentence)


def may_accept_own(transfer: Transfer, user: User) -> bool:
    """Return whether `user`, who has offered it, may accept it as well.

    Out of the organization, only if they may hand over any such node of it: its owners hear of the
    offer to withdraw it, and can't when it is accepted at the same instant.
    """
    if transfer.organization == transfer.to_organization:
        return True
    return access.can(user, TRANSFER[transfer.level], transfer.organization)


def reason_not_to_accept_own(transfer: Transfer, by: User) -> str:
    """Return why `by` can't accept what they have offered themselves; or ""."""
    if by != transfer.offered_by or may_accept_own(transfer, by):
        return ""
    sentence = _("You made this offer, so someone else at %(place)s has to accept it.")
    return sentence % {"place": transfer.to_organization}


def _refuse_own(transfer: Transfer, by: User) -> None:
    sentence = reason_not_to_accept_own(transfer, by)
    if sentence:
        raise Refused("own_offer", sentence)


def _kept(node: AnyNode, place: AnyNode, keep: Collection[int], by: User) -> list[Membership]:
    if keep and not transfer_effects.may_keep(by, place):
        raise Refused("not_owner", reason_to_keep_nobody(place), field="keep")
    _refuse_blocked(node, place, keep)
    kept = list(transfer_effects.coming(node, place).filter(pk__in=set(keep)))
    if len(kept) != len(set(keep)):
        raise _refusal_of_changed()
    _refuse_waking(node, kept)
    return kept


def reason_to_keep_nobody(place: AnyNode) -> str:
    """Return what is said to a person who may take a node over, but doesn't own its new place."""
    sentence = _(
        "Only owners of %(place)s can keep people. Take it over without them, or ask an owner."
    )
    return sentence % {"place": place.name}


def _refuse_blocked(node: AnyNode, place: AnyNode, keep: Collection[int]) -> None:
    blocked = transfer_effects.shut_out(node, place).filter(pk__in=set(keep)).first()
    if blocked is not None:
        sentence = _(
            "%(person)s is blocked in %(organization)s. "
            "Unblock them first, or take it over without them."
        )
        words = {"person": blocked.user, "organization": place.organization.name}
        raise Refused("blocked", sentence % words, field="keep")


def _refuse_waking(node: AnyNode, kept: list[Membership]) -> None:
    """Refuse to keep a membership without the suspension that silences it."""
    beneath = {row.user_id: row for row in kept if row.level is not node.level}
    suspended = Membership.objects.at(node).filter(status=Status.SUSPENDED, user__in=beneath)
    ending = suspended.exclude(pk__in=[row.pk for row in kept]).first()
    if ending is not None:
        sentence = _("%(person)s is suspended in %(node)s. Keep both memberships, or neither.")
        words = {"person": beneath[ending.user_id].user, "node": node.name}
        raise Refused("silenced", sentence % words, field="keep")


def _offers_about(node: AnyNode) -> TransferQuerySet:
    """Return the open offers of the node, of what is inside it, and to it, at its current place."""
    found = Transfer.objects.within(node)
    if isinstance(node, Workspace):
        found |= Transfer.objects.filter(to_workspace=node)
    return Transfer.objects.filter(Q(pk__in=found.values("pk")), state=OfferState.PENDING)


@fates.when_moved(Transfer)
def _end_other_offers(move: Move) -> Changes:
    """Withdraw them once one is accepted: the event of their organization says what they were of.

    What another organization has offered to the node is an event of its own there.
    """
    rows = _offers_about(move.node).with_nodes()
    withdrawn = []
    for row in rows.select_related("to_organization", "to_workspace", "offered_by"):
        was_open = row.is_pending
        _decide(row, OfferState.WITHDRAWN)
        if row.organization == move.node.organization:
            withdrawn.append(row.node.name)
        elif was_open:
            _record("transfer.lapse", row, None)
            transfer_mails.tell_lapsed(row)
    return {"transfers": [withdrawn, []]}


def _of_leaver(membership: Membership) -> TransferQuerySet:
    rows = Transfer.objects.within(membership.node)
    return rows.filter(offered_by=membership.user_id, state=OfferState.PENDING)


def _take_back(rows: TransferQuerySet, _by: User) -> list[Any]:
    told = [row.node.name for row in rows.with_nodes()]
    outbox.withhold_about(rows)
    rows.update(state=OfferState.WITHDRAWN, decided_at=timezone.now())
    return told


pending.declare(
    Waiting(
        name="transfers",
        of_leaver=_of_leaver,
        offered=lambda node, user: Transfer.objects.within(node).filter(offered_by=user).pending(),
        take_back=_take_back,
    )
)


def _decide(transfer: Transfer, state: OfferState) -> None:
    transfer.state = state
    transfer.decided_at = timezone.now()
    transfer.save(update_fields=["state", "decided_at"])
    outbox.withhold_about([transfer])


def _record(action: str, transfer: Transfer, by: User | None) -> None:
    audit.record(
        action,
        by=by,
        node=transfer.node,
        target=transfer,
        target_label=transfer.told_place,
    )


def _reason_not_to_offer(transfer: Transfer, mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail to those who may accept, if anything."""
    reason = _reason_not_to_notify(transfer, mail)
    if reason is not None:
        return reason
    is_closed = transfer.place.is_deleted or transfer.place.suspended_by
    if is_closed or not mail_rules.can_its_reader(mail, RECEIVE[transfer.level], transfer.place):
        return Ending.NOT_THEIRS
    return None


def _reason_not_to_notify(transfer: Transfer, _mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail to those who could withdraw the offer, if anything."""
    if not transfer.is_pending:
        return Ending.DECIDED
    return Ending.NOT_OFFERED if reason_it_lapsed(transfer) else None


mail_rules.declare("transfer_offer", about=Transfer, ended=_reason_not_to_offer)
mail_rules.declare("transfer_notice", about=Transfer, ended=_reason_not_to_notify)
