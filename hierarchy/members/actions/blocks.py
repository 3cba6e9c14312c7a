"""Keeping people out of an organization: they can neither ask for access nor join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.former_addresses import had_address_at, recognised_by
from config.versions import Shown
from hierarchy import access, asking, audit, fates, outbox
from hierarchy.locking import lock
from hierarchy.models import (
    AccessRequest,
    BlockedPerson,
    EmailDomain,
    Membership,
    Organization,
    RequestState,
)
from hierarchy.models.audit_event import Changes
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import Level, Permission

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version


@transaction.atomic
def block(organization: Organization, user: User, *, by: User, version: Version) -> BlockedPerson:
    """Decline a person's requests anywhere in the organization, and let them ask no more.

    `version` is that of what is `shown_to_block` of them.
    """
    organization = lock(organization)
    access.require(by, Permission.INVITE_ORGANIZATION_MEMBER, organization)
    if user.pk == by.pk:
        raise Refused("own", _("You can't block yourself."))
    refuse_stale(shown_to_block(organization, user), version)
    blocked = shut_out(user, organization, by)
    if blocked is None:
        raise Refused("duplicate", _("%(person)s is already blocked.") % {"person": user})
    asked = AccessRequest.objects.filter(
        organization=organization, user=user, state=RequestState.PENDING
    )
    outbox.withhold_about(asked)
    declined = [row.label for row in asked.with_nodes()]
    asked.update(state=RequestState.DECLINED, decided_at=timezone.now(), decided_by=by)
    changes = {"access_requests": [declined, []]} if declined else None
    _record("access_request.block", blocked, by, changes)
    return blocked


@transaction.atomic
def unblock(blocked: BlockedPerson, *, by: User, version: Version) -> None:
    """Let a person ask again, even if they were blocked under a closed account before."""
    organization = lock(blocked.organization)
    access.require(by, Permission.INVITE_ORGANIZATION_MEMBER, organization)
    found = BlockedPerson.objects.select_related("user").filter(pk=blocked.pk).first()
    if found is None:
        raise Refused("gone", _("That person is no longer blocked."))
    refuse_stale(found.shown, version)
    _record("access_request.unblock", found, by)
    let_in(found.user, organization)


def shown_to_block(organization: Organization, user: User) -> Shown:
    """Return what is shown before blocking: who it is, and where."""
    return Shown(organization, about="block", person=user)


def shut_out(user: User, organization: Organization, by: User) -> BlockedPerson | None:
    """Note under the organization's lock that `user` is blocked; None if the account was before."""
    if BlockedPerson.objects.filter(organization=organization, user=user).exists():
        return None
    blocked = BlockedPerson(organization=organization, user=user, blocked_by=by)
    blocked.remember_addresses()
    blocked.save()
    return blocked


def let_in(user: User, organization: Organization) -> bool:
    """Forget under the organization's lock that `user` is blocked; return whether they were.

    Another person who was blocked under an address that is now theirs stays blocked.
    """
    rows = BlockedPerson.objects.filter(organization=organization).about(user)
    found = list(rows.select_related("user"))  # most have none: one query
    for blocked in found:
        if blocked.user == user or blocked.user.is_closed:
            blocked.delete()
        else:
            theirs = set(blocked.address_hashes).difference(recognised_by(user))
            blocked.address_hashes = sorted(theirs)
            blocked.save(update_fields=["address_hashes"])
    return bool(found)


def refuse_blocked(user: User, organization: Organization) -> None:
    """Refuse a person who may neither ask in the organization nor join it."""
    if asking.is_blocked(user, organization):
        sentence = _("%(organization)s doesn't accept requests from you.")
        raise Refused("blocked", sentence % {"organization": organization})


def could_return(membership: Membership) -> bool:
    """Return whether the member, once removed, could join again by their address alone.

    Removing blocks them, or access would not end.
    """
    return bool(_ways_back(membership))


def would_gain(membership: Membership) -> bool:
    """Return whether the member could join again by their address, and be more than they are."""
    ways = _ways_back(membership)
    if ways and (not membership.is_active or not membership.has_begun or membership.ends_at):
        return True
    return any(not way.permissions <= membership.permissions for way in ways)


def _ways_back(membership: Membership) -> list[EmailDomain]:
    """Return the e-mail domains through which a member of an organization could join it again.

    By an address that they have, or that they had: they can change back to it.
    """
    if membership.level is not Level.ORGANIZATION:
        return []
    ways = EmailDomain.objects.at(membership.organization).automatic()
    found = list(ways.select_related("custom_role"))
    user = membership.user
    if not found:  # most have none: one query
        return []
    present = set(ways.open_to(user).values_list("pk", flat=True))
    return [way for way in found if way.pk in present or had_address_at(user, way.domain)]


@fates.when_account_closes(BlockedPerson)
def _remember_addresses_of(user: User, _by: User) -> None:
    """Keep them recognisable, or to close the account would undo what others decided."""
    for blocked in BlockedPerson.objects.select_for_update().filter(user=user):
        blocked.remember_addresses()
        blocked.save(update_fields=["address_hashes"])


def _record(action: str, blocked: BlockedPerson, by: User, changes: Changes | None = None) -> None:
    audit.record(
        action,
        by=by,
        node=blocked.organization,
        target=blocked,
        target_label=audit.label_of(blocked.user),
        changes=changes,
    )
