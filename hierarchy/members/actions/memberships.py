"""Memberships and their roles. The rules: never more than you hold; an active owner stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from config.versions import AS_IT_IS
from hierarchy import access, audit, dates, grants, notices
from hierarchy.locking import lock
from hierarchy.members.actions import blocks, owners, pending, rules
from hierarchy.models import AnyRole, Membership, Status, WayIn, path_of, role_columns, word_for
from hierarchy.models.audit_event import Changes
from hierarchy.notices import Change
from hierarchy.refusals import NotAllowed, Refused, refuse_stale
from hierarchy.roles import (
    CHANGE_MEMBER,
    INVITE_MEMBER,
    REMOVE_MEMBER,
    VIEW_MEMBER,
    ByLevel,
    Level,
    Role,
    owns,
)

if TYPE_CHECKING:
    from config.versions import Version
    from hierarchy.models.node import AnyNode

EXTENSION = timedelta(days=30)


@transaction.atomic
def add(node: AnyNode, user: User, role: AnyRole, *, by: User) -> Membership:
    """Make `user` a member without asking them: for staff, who hold the permission globally."""
    node = lock(node)
    access.forget(by)
    for needed in (INVITE_MEMBER[node.level], VIEW_MEMBER[node.level]):  # a refusal tells of both
        if not access.is_global(by, needed):
            raise NotAllowed(
                needed, node, _("Only staff can add people directly. Invite them instead.")
            )
    rules.require_to_give(by, node, role)
    present = Membership.objects.at(node).filter(user=user).first()
    rules.refuse_member(present, node, person=str(user))
    rules.refuse_suspended_above(
        [user.pk],
        node,
        _("Their membership at a higher level is suspended. Reactivate them there first."),
    )
    membership, changes = establish(user, node, role, WayIn.STAFF, invited_by=by)
    _record("membership.add", membership, by, changes)
    notices.tell_of(membership, Change.ADDED, by=by)
    return membership


@transaction.atomic
def change_role(
    membership: Membership,
    role: AnyRole,
    *,
    by: User,
    version: Version,
    action: str = "membership.change_role",
) -> Membership:
    """Give the member another role on the same node, recorded as `action`.

    `version` is that of the `shown_role` that `by` has read.
    """
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    refuse_stale(membership.shown_role, version)
    rules.require_to_hold(by, membership.node, membership.permissions)
    rules.require_to_give(by, membership.node, role)
    before = membership.given_role
    if before == role:
        return membership
    if role != Role.OWNER:
        owners.keep_an_owner(membership)
    put(membership, **role_columns(role))
    _record(action, membership, by, {"role": [word_for(before), word_for(role)]})
    notices.tell_of_role(membership, before, by=by)
    return membership


@transaction.atomic
def change_dates(
    membership: Membership,
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    by: User,
    version: Version,
) -> Membership:
    """Let the membership begin, or end by itself, at another instant; None is now, and never.

    `version` is that of the `shown_dates` that `by` has read.
    """
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    rules.require_to_hold(by, membership.node, membership.permissions)
    refuse_stale(membership.shown_dates, version)
    before = {"starts_at": membership.starts_at, "ends_at": membership.ends_at}
    rules.refuse_dates(starts_at, ends_at)
    after = {"starts_at": starts_at, "ends_at": ends_at}
    if before == after:
        return membership
    if ends_at is not None or (starts_at is not None and starts_at > timezone.now()):
        owners.keep_an_owner(membership)
    changes = audit.differences(before, after)
    had_ended = membership.has_ended
    put(membership, **after, reminded_days=None)
    if had_ended:
        changes |= pending.settle_with(membership, by=by)
    _record("membership.change_dates", membership, by, changes)
    if owns(membership.permissions, membership.level):
        notices.tell_of(membership, Change.DATES, by=by)
    return membership


@transaction.atomic
def extend(membership: Membership, *, by: User, version: Version) -> Membership:
    """Put the end off by `EXTENSION`; what has ended begins again and lasts that long from now.

    `version` is that of the membership's `shown`, as for all that is done at the press of a button.
    """
    membership = _lock(membership)
    refuse_stale(membership.shown, version)
    if membership.ends_at is None:
        raise Refused("no_end", _("This access has no end date."))
    from_then = min(max(membership.ends_at, timezone.now()), dates.latest())
    ends_at = from_then + EXTENSION
    return change_dates(
        membership, starts_at=membership.starts_at, ends_at=ends_at, by=by, version=AS_IT_IS
    )


@transaction.atomic
def renew(membership: Membership, role: AnyRole, *, by: User, action: str) -> Membership:
    """Let access that has ended begin again, with `role` and no end; recorded as `action`."""
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    if not membership.has_ended:
        raise Refused("not_ended", _("This access hasn't ended."))
    rules.require_to_hold(by, membership.node, membership.permissions)
    rules.require_to_give(by, membership.node, role)
    changes = {"role": [word_for(membership.given_role), word_for(role)]}
    changes |= audit.differences({"ends_at": membership.ends_at}, {"ends_at": None})
    put(membership, **role_columns(role), ends_at=None, reminded_days=None)
    changes |= pending.settle_with(membership, by=by)
    _record(action, membership, by, changes)
    notices.tell_owners_of_role(membership, None, by=by)
    return membership


@transaction.atomic
def suspend(membership: Membership, *, by: User, version: Version) -> Membership:
    """Take the member's access away, here and beneath, until they are reactivated."""
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    refuse_stale(membership.shown, version)
    beneath = _beneath(membership)
    _require_to_hold_all(by, [membership, *beneath], CHANGE_MEMBER)
    if not membership.is_active:
        raise Refused("suspended", _("The membership is already suspended."))
    owners.keep_an_owner(membership)
    _set_status(membership, Status.SUSPENDED, "suspend", by)
    notices.tell_of(membership, Change.SUSPENDED, by=by, besides=beneath)
    return membership


@transaction.atomic
def reactivate(membership: Membership, *, by: User, version: Version) -> Membership:
    """Give a suspended member the access back that they had."""
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    refuse_stale(membership.shown, version)
    beneath = _beneath(membership)
    _require_to_hold_all(by, [membership, *beneath], CHANGE_MEMBER)
    if membership.is_active:
        raise Refused("active", _("The membership is already active."))
    _set_status(membership, Status.ACTIVE, "reactivate", by)
    notices.tell_of(membership, Change.REACTIVATED, by=by, besides=beneath)
    return membership


@transaction.atomic
def remove(
    membership: Membership, *, by: User, version: Version, action: str = "membership.remove"
) -> None:
    """End a membership, those that the person has beneath it, and what they offered there.

    Recorded as `action`.
    """
    membership = _lock_for(membership, by, REMOVE_MEMBER)
    refuse_stale(membership.shown, version)
    beneath = _beneath(membership)
    _require_to_hold_all(by, [membership, *beneath], REMOVE_MEMBER)
    end(membership, beneath, action, by, blocks_them=blocks.could_return(membership))


@transaction.atomic
def leave(membership: Membership, *, by: User, version: Version) -> None:
    """End one's own membership. Everyone may, except the last active owner.

    A person who would gain by joining again is blocked, or leaving would undo what others decided.
    """
    membership = _lock(membership)
    if membership.user_id != by.pk:
        raise Refused("not_yours", _("You can only leave a membership of your own."))
    refuse_stale(membership.shown, version)
    beneath = _beneath(membership)
    end(membership, beneath, "membership.leave", by, blocks_them=blocks.would_gain(membership))


def put(membership: Membership, **columns: object) -> None:
    """Store other values in a locked membership, and what it grants by them."""
    for name, value in columns.items():
        setattr(membership, name, value)
    membership.save(update_fields=list(columns))
    grants.derive(membership.user, membership.organization)


def establish(
    user: User,
    node: AnyNode,
    role: AnyRole,
    way_in: WayIn,
    *,
    detail: str = "",
    invited_by: User | None = None,
    ends_at: datetime | None = None,
) -> tuple[Membership, Changes]:
    """Create a membership and what it grants: the part that every way of becoming one shares.

    `way_in`, with the `detail` that some ways have, and `invited_by` say how they came in. A
    member of an organization is no longer blocked there. Return what has changed as well, as
    the event of their coming keeps it. The person stays locked until the commit: who deactivates
    or closes the account at the same time waits, and then sees this membership too.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not person.is_active:
        raise Refused("inactive", _("That account isn't active."), field="user")
    membership: Membership = Membership.objects.create(
        **path_of(node),
        **role_columns(role),
        user=user,
        invited_by=invited_by,
        way_in=way_in,
        way_in_detail=detail,
        ends_at=ends_at,
    )
    grants.derive(user, node.organization)
    changes: Changes = {"role": [None, word_for(role)]}
    changes |= audit.differences({}, {"ends_at": ends_at})
    if node.level is Level.ORGANIZATION and blocks.let_in(user, node.organization):
        changes["blocked"] = [True, False]
    return membership, changes | pending.settle_with(membership, by=invited_by or user)


def end(
    membership: Membership, beneath: list[Membership], action: str, by: User, *, blocks_them: bool
) -> None:
    """Remove a membership, those beneath it, and what is open: what every way of going shares.

    Open is what the person has offered there, what was offered to them, and what they ask for.
    `blocks_them` says whether they can't come back by themselves.
    """
    owners.keep_an_owner(membership)
    changes: Changes = {"role": [word_for(membership.given_role), None]}
    if beneath:
        changes["roles_beneath"] = [[f"{m.node}: {word_for(m.given_role)}" for m in beneath], []]
    if _is_successor(membership):
        changes["successor"] = [audit.label_of(membership.user), None]
        membership.organization.successor = None
        membership.organization.save(update_fields=["successor"])
    if blocks_them and blocks.shut_out(membership.user, membership.organization, by):
        changes["blocked"] = [False, True]
    changes |= pending.end_with(membership, by=by)
    _record(action, membership, by, changes)
    gone = Change.LEFT if by.pk == membership.user_id else Change.REMOVED
    notices.tell_of(membership, gone, by=by, besides=beneath)
    ids = [membership.pk, *(m.pk for m in beneath)]
    Membership.objects.filter(pk__in=ids).delete()
    grants.derive(membership.user, membership.organization)


def _lock_for(membership: Membership, by: User, permissions: ByLevel) -> Membership:
    """Lock for a change of someone else's membership that takes the level's permission."""
    membership = _lock(membership)
    access.require(by, permissions[membership.level], membership.node)
    if membership.user_id == by.pk:
        raise Refused("own", _("You can't change your own membership, but you can leave."))
    return membership


def _lock(membership: Membership) -> Membership:
    """Return the membership as it is now, under the lock of its organization."""
    node = lock(membership.node)
    rows = Membership.objects.select_related("user").filter(pk=membership.pk)
    fresh = rows.select_for_update(of=("self",), no_key=True).first()
    if fresh is None:
        raise Refused("gone", _("That person is no longer a member."))
    fresh.hang_on(node)
    return fresh


def _beneath(membership: Membership) -> list[Membership]:
    """Return the person's other memberships under the node of this one."""
    rows = Membership.objects.within(membership.node).filter(user=membership.user_id)
    return list(rows.exclude(pk=membership.pk).with_nodes())


def _require_to_hold_all(by: User, memberships: Iterable[Membership], permissions: ByLevel) -> None:
    """Refuse unless `by` could do it to each on its own, with the level's permission."""
    for membership in memberships:
        needed = membership.permissions | {permissions[membership.level]}
        rules.require_to_hold(by, membership.node, needed)


def _set_status(membership: Membership, status: Status, verb: str, by: User) -> None:
    before = membership.status
    put(membership, status=status)
    _record(f"membership.{verb}", membership, by, {"status": [before, status.value]})


def _is_successor(membership: Membership) -> bool:
    """Return whether its person is the organization's successor."""
    is_theirs = membership.organization.successor_id == membership.user_id
    return is_theirs and membership.level is Level.ORGANIZATION


def _record(action: str, membership: Membership, by: User, changes: Changes) -> None:
    label = audit.label_of(membership.user)
    audit.record(
        action, by=by, node=membership.node, target=membership, target_label=label, changes=changes
    )
