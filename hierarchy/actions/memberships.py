"""Who is a member as what. The rules: never more than you hold; an active owner stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.former_addresses import had_address_at
from accounts.models import User
from hierarchy import access, audit, dates, grants
from hierarchy.actions import pending
from hierarchy.actions.blocks import let_in, shut_out
from hierarchy.actions.locking import lock
from hierarchy.models import (
    AnyRole,
    CustomRole,
    EmailDomain,
    Membership,
    Organization,
    Status,
    WayIn,
    path_of,
    role_columns,
    word_for,
)
from hierarchy.refusals import NotAllowed, Refused, Stale
from hierarchy.roles import (
    CHANGE_MEMBER,
    INVITE_MEMBER,
    REMOVE_MEMBER,
    ByLevel,
    Level,
    Permission,
    Role,
    in_order,
)

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

EXTENSION = timedelta(days=30)


@transaction.atomic
def add(node: AnyNode, user: User, role: AnyRole, *, by: User) -> Membership:
    """Make `user` a member without asking them: for staff, who hold the permission globally."""
    node = lock(node)
    access.forget(by)
    if not access.is_global(by, INVITE_MEMBER[node.level]):
        raise NotAllowed(INVITE_MEMBER[node.level], node, _("Invite people instead."))
    require_to_give(by, node, role)
    refuse_member(Membership.objects.at(node).filter(user=user).first(), node, person=str(user))
    refuse_suspended_above([user.pk], node, _("Their membership above it is suspended."))
    membership, changes = establish(user, node, role, WayIn.STAFF, invited_by=by)
    _record("membership.add", membership, by, changes)
    return membership


@transaction.atomic
def change_role(
    membership: Membership,
    role: AnyRole,
    *,
    by: User,
    action: str = "membership.change_role",
    version: str | None = None,
) -> Membership:
    """Give the member another role on the same node, recorded as `action`.

    `version` is the `role_version` that the form was made from: when it is another by now,
    nothing is saved. None skips that.
    """
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    if version is not None and version != membership.role_version:
        sentence = _("Somebody else has changed the role of %(person)s meanwhile.")
        raise Stale(sentence % {"person": membership.user}, {"role": membership.role_label})
    require_to_hold(by, membership.node, membership.grants)
    require_to_give(by, membership.node, role)
    return give(membership, role, by=by, action=action)


@transaction.atomic
def change_dates(
    membership: Membership,
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    by: User,
    version: str | None = None,
) -> Membership:
    """Let the membership begin, or end by itself, at another instant; None is now, and never.

    `version` is the `dates_version` that the form was made from: when it is another by now,
    nothing is saved. None skips that.
    """
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    require_to_hold(by, membership.node, membership.grants)
    before = {"starts_at": membership.starts_at, "ends_at": membership.ends_at}
    if version is not None and version != membership.dates_version:
        sentence = _("Somebody else has changed the dates of %(person)s meanwhile.")
        raise Stale(sentence % {"person": membership.user}, before)
    refuse_dates(starts_at, ends_at)
    after = {"starts_at": starts_at, "ends_at": ends_at}
    if before == after:
        return membership
    if ends_at is not None or (starts_at is not None and starts_at > timezone.now()):
        keep_an_owner(membership)
    membership.starts_at, membership.ends_at, membership.reminded_days = starts_at, ends_at, None
    membership.save(update_fields=["starts_at", "ends_at", "reminded_days"])
    grants.derive(membership.user, membership.organization)
    _record("membership.change_dates", membership, by, audit.differences(before, after))
    return membership


@transaction.atomic
def extend(membership: Membership, *, by: User) -> Membership:
    """Put the end off by `EXTENSION`; what has ended begins anew and lasts as long from now."""
    membership = _lock(membership)
    if membership.ends_at is None:
        raise Refused("no_end", _("The access doesn't end by itself."))
    from_then = min(max(membership.ends_at, timezone.now()), dates.latest())
    ends_at = from_then + EXTENSION
    return change_dates(membership, starts_at=membership.starts_at, ends_at=ends_at, by=by)


@transaction.atomic
def renew(membership: Membership, role: AnyRole, *, by: User, action: str) -> Membership:
    """Let access that has ended begin anew, with `role` and for good; recorded as `action`."""
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    if not membership.has_ended:
        raise Refused("not_ended", _("The access hasn't ended."))
    require_to_hold(by, membership.node, membership.grants)
    require_to_give(by, membership.node, role)
    changes = {"role": [word_for(membership.given_role), word_for(role)]}
    changes |= audit.differences({"ends_at": membership.ends_at}, {"ends_at": None})
    columns = {**role_columns(role), "ends_at": None, "reminded_days": None}
    for name, value in columns.items():
        setattr(membership, name, value)
    membership.save(update_fields=list(columns))
    grants.derive(membership.user, membership.organization)
    _record(action, membership, by, changes)
    return membership


@transaction.atomic
def suspend(membership: Membership, *, by: User) -> Membership:
    """Take the member's access away, here and beneath, until they are reactivated."""
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    _require_to_hold_all(by, [membership, *_beneath(membership)], CHANGE_MEMBER)
    if not membership.is_active:
        raise Refused("suspended", _("The membership is suspended already."))
    keep_an_owner(membership)
    return _set_status(membership, Status.SUSPENDED, "suspend", by)


@transaction.atomic
def reactivate(membership: Membership, *, by: User) -> Membership:
    """Give a suspended member the access back that they had."""
    membership = _lock_for(membership, by, CHANGE_MEMBER)
    _require_to_hold_all(by, [membership, *_beneath(membership)], CHANGE_MEMBER)
    if membership.is_active:
        raise Refused("active", _("The membership is active already."))
    return _set_status(membership, Status.ACTIVE, "reactivate", by)


@transaction.atomic
def remove(membership: Membership, *, by: User, action: str = "membership.remove") -> None:
    """End a membership, those that the person has beneath it, and what they offered there.

    Recorded as `action`.
    """
    membership = _lock_for(membership, by, REMOVE_MEMBER)
    beneath = _beneath(membership)
    _require_to_hold_all(by, [membership, *beneath], REMOVE_MEMBER)
    end(membership, beneath, action, by, blocks=could_return(membership))


@transaction.atomic
def leave(membership: Membership, *, by: User) -> None:
    """End one's own membership. Everybody may, except the last active owner.

    Whoever would be more by joining again is blocked, or leaving would undo what others decided.
    """
    membership = _lock(membership)
    if membership.user_id != by.pk:
        raise Refused("not_yours", _("Only the member can leave."))
    beneath = _beneath(membership)
    end(membership, beneath, "membership.leave", by, blocks=would_gain(membership))


def give(
    membership: Membership,
    role: AnyRole,
    *,
    by: User,
    action: str = "membership.change_role",
) -> Membership:
    """Put another role into a locked membership: what every way of changing it shares."""
    before = membership.given_role
    if before == role:
        return membership
    if role != Role.OWNER:
        keep_an_owner(membership)
    for name, value in role_columns(role).items():
        setattr(membership, name, value)
    membership.save(update_fields=["role", "custom_role"])
    grants.derive(membership.user, membership.organization)
    changes = {"role": [word_for(before), word_for(role)]}
    _record(action, membership, by, changes)
    return membership


def establish(
    user: User,
    node: AnyNode,
    role: AnyRole,
    way_in: WayIn,
    *,
    detail: str = "",
    invited_by: User | None = None,
    ends_at: datetime | None = None,
) -> tuple[Membership, dict[str, list[Any]]]:
    """Create a membership and what it grants: the part that every way of becoming one shares.

    `way_in`, with the `detail` that some ways have, and `invited_by` say how they came in. A
    member of an organization isn't blocked there any more. Return what has changed as well, as
    the event of their coming keeps it. The person stays locked until the commit: who deactivates
    or closes the account meanwhile waits, and then sees this membership too.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not person.is_active:
        raise Refused("inactive", _("That account is not active."), field="user")
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
    changes = {"role": [None, word_for(role)]} | audit.differences({}, {"ends_at": ends_at})
    if node.level is Level.ORGANIZATION and let_in(user, node.organization):
        changes["blocked"] = [True, False]
    return membership, changes | pending.settle_with(membership, by=invited_by or user)


def end(
    membership: Membership, beneath: list[Membership], action: str, by: User, *, blocks: bool
) -> None:
    """Remove a membership, those beneath it, and what is open: what every way of going shares.

    Open is what the person has offered there, what was offered to them, and what they ask for.
    `blocks` says whether they can't come back by themselves.
    """
    keep_an_owner(membership)
    changes: dict[str, list[Any]] = {"role": [word_for(membership.given_role), None]}
    if beneath:
        changes["roles_beneath"] = [[f"{m.node}: {word_for(m.given_role)}" for m in beneath], []]
    if _is_successor(membership):
        changes["successor"] = [membership.user.email, None]
        membership.organization.successor = None
        membership.organization.save(update_fields=["successor"])
    if blocks and shut_out(membership.user, membership.organization, by):
        changes["blocked"] = [False, True]
    changes |= pending.end_with(membership, by=by)
    _record(action, membership, by, changes)
    ids = [membership.pk, *(m.pk for m in beneath)]
    Membership.objects.filter(pk__in=ids).delete()
    grants.derive(membership.user, membership.organization)


def require_to_hold(by: User, node: AnyNode, permissions: Iterable[Permission]) -> None:
    """Refuse unless `by` holds all of `permissions` on `node`: nobody hands out more."""
    lacking = set(permissions) - access.held_here(by, node)
    if lacking:
        sentence = _("That takes more than you may do yourself: you may not %(permission)s.")
        words = {"permission": in_order(lacking)[0].label}
        raise Refused("more_than_you_hold", sentence % words, field="role")


def require_to_give(by: User, node: AnyNode, role: AnyRole) -> None:
    """Refuse unless the role makes sense on `node` and `by` holds all that it grants there."""
    refuse_unfit(role, node)
    require_to_hold(by, node, role.permissions_on(node.level))


def refuse_unfit(role: AnyRole, node: AnyNode) -> None:
    """Refuse a role that makes no sense on `node`, or isn't there to be given any more."""
    if role == Role.CUSTOM:
        sentence = _("Choose a built-in role, or one that the organization has composed.")
        raise Refused("unfit_role", sentence, field="role")
    if isinstance(role, CustomRole) and role not in access.custom_roles_for(node):
        in_use = CustomRole.objects.in_use().filter(organization=node.path[0].pk)
        sentence = _("The role %(role)s can't be given there: it doesn't let one see %(node)s.")
        if not in_use.filter(pk=role.pk).exists():
            sentence = _("The organization has no role %(role)s any more.")
        raise Refused("unfit_role", sentence % {"role": role, "node": node}, field="role")


def refuse_member(
    membership: Membership | None, node: AnyNode, *, person: str = "", field: str | None = None
) -> None:
    """Refuse to make a member of `node` of whoever has a membership there, of whatever state."""
    if membership is not None:
        code, sentence = already_member(membership, node, person=person)
        raise Refused(code, sentence, field=field)


def already_member(membership: Membership, node: AnyNode, *, person: str = "") -> tuple[str, str]:
    """Return in a code and a sentence why its person can't become a member of `node` by it.

    The sentence says what can be done instead: to `person` who is spoken of, or to themselves.
    """
    words, code = {"person": person, "node": node, "when": ""}, "already_member"
    to_them = _("You are a member of %(node)s already.")
    of_them = _("%(person)s is a member of %(node)s already.")
    if not membership.is_active:
        code = "suspended_member"
        to_them = _("Your membership of %(node)s is suspended. Ask who looks after its members.")
        of_them = _("%(person)s is a suspended member of %(node)s. Reactivate them instead.")
    elif membership.has_ended:
        code, words["when"] = "ended", dates.in_words(membership.ends_at)
        to_them = _("Your access to %(node)s ended on %(when)s. Ask for it anew.")
        of_them = _("The access of %(person)s to %(node)s ended on %(when)s. Extend that instead.")
    elif not membership.has_begun:
        code, words["when"] = "not_begun", dates.in_words(membership.starts_at)
        to_them = _("Your access to %(node)s begins on %(when)s.")
        of_them = _("The access of %(person)s to %(node)s begins on %(when)s.")
    return code, (of_them if person else to_them) % words


def refuse_suspended_above(
    people: Iterable[int], node: AnyNode, sentence: str, *, field: str | None = None
) -> None:
    """Refuse to make a member of `node` of whom a suspended membership silences there.

    `people` are the ids of their accounts, or a query for them.
    """
    if is_silenced(people, node):
        raise Refused("suspended_member", sentence, field=field)


def is_silenced(people: Iterable[int], node: AnyNode) -> bool:
    """Return whether a suspended membership on the path silences one of `people` on `node`."""
    rows = Membership.objects.on_path(node).filter(user__in=people, status=Status.SUSPENDED)
    return bool(rows.exists())


def could_return(membership: Membership) -> bool:
    """Return whether the member, once removed, could join again by their address alone.

    Removing blocks them, or access would not end.
    """
    return bool(_ways_back(membership))


def sole_owned(user: User) -> list[Organization]:
    """Return the organizations, in the trash or not, whose only active owner is `user`."""
    return list(Organization.objects.filter(pk__in=owned_alone(user)))


def owned_alone(user: User, among: Collection[int] | None = None) -> set[int]:
    """Return the ids of the organizations whose only active owner is `user`: of those `among`.

    For use in other questions ask this beforehand: within one about rows, PostgreSQL reads all
    owners there are.
    """
    owners = Membership.objects.effective_owners()
    if among is not None:
        owners = owners.filter(organization__in=among)
    owned = set(owners.filter(user=user).values_list("organization", flat=True))
    others = owners.filter(organization__in=owned).exclude(user=user).order_by()
    return owned - set(others.values_list("organization", flat=True).distinct()) if owned else owned


def is_only_owner(user: User, organization: Organization) -> bool:
    """Return whether `user` is the one active owner that the organization has."""
    owners = Membership.objects.effective_owners().filter(organization=organization)
    return set(owners.values_list("user", flat=True)[:2]) == {user.pk}


def _lock_for(membership: Membership, by: User, permissions: ByLevel) -> Membership:
    """Lock for a change of somebody else's membership that takes the level's permission."""
    membership = _lock(membership)
    access.require(by, permissions[membership.level], membership.node)
    if membership.user_id == by.pk:
        raise Refused("own", _("Nobody changes their own membership. You can leave."))
    return membership


def _lock(membership: Membership) -> Membership:
    """Return the membership as it is now, under the lock of its organization."""
    node = lock(membership.node)
    rows = Membership.objects.select_related("user").filter(pk=membership.pk)
    fresh = rows.select_for_update(of=("self",), no_key=True).first()
    if fresh is None:
        raise Refused("gone", _("That person is no member any more."))
    fresh.hang_on(node)
    return fresh  # type: ignore[no-any-return]


def _beneath(membership: Membership) -> list[Membership]:
    """Return the person's other memberships under the node of this one."""
    rows = Membership.objects.within(membership.node).filter(user=membership.user_id)
    return list(rows.exclude(pk=membership.pk).with_nodes())


def _require_to_hold_all(by: User, memberships: Iterable[Membership], permissions: ByLevel) -> None:
    """Refuse what one could not do to each by itself: with the level's permission, and no more."""
    for membership in memberships:
        needed = membership.grants | {permissions[membership.level]}
        require_to_hold(by, membership.node, needed)


def keep_an_owner(membership: Membership) -> None:
    """Refuse what would leave the organization without an active owner."""
    if not (membership.level is Level.ORGANIZATION and membership.role == Role.OWNER):
        return
    if not (membership.is_in_force and membership.ends_at is None):
        return
    if _is_last_owner(membership.user, membership.organization):
        sentence = _("%(organization)s needs an active owner: make somebody else an owner first.")
        raise Refused("last_owner", sentence % {"organization": membership.organization})


def refuse_dates(starts_at: datetime | None, ends_at: datetime | None) -> None:
    for field, instant in (("starts_at", starts_at), ("ends_at", ends_at)):
        try:
            if instant is not None:
                dates.refuse_far(instant)
        except ValidationError as error:
            raise Refused("far", error.messages[0], field=field) from error
    if ends_at is None:
        return
    if ends_at <= timezone.now():
        raise Refused("past", _("The end is in the past."), field="ends_at")
    if starts_at is not None and ends_at <= starts_at:
        raise Refused("order", _("The end must be after the beginning."), field="ends_at")


def _is_last_owner(user: User, organization: Organization) -> bool:
    others = Membership.objects.effective_owners().filter(organization=organization)
    return not others.exclude(user=user).exists()


def _set_status(membership: Membership, status: Status, verb: str, by: User) -> Membership:
    before, membership.status = membership.status, status
    membership.save(update_fields=["status"])
    grants.derive(membership.user, membership.organization)
    _record(f"membership.{verb}", membership, by, {"status": [before, status.value]})
    return membership


def would_gain(membership: Membership) -> bool:
    """Return whether the member could join again by their address, and be more than they are."""
    ways = _ways_back(membership)
    if ways and (not membership.is_active or not membership.has_begun or membership.ends_at):
        return True
    return any(not way.grants <= membership.grants for way in ways)


def _ways_back(membership: Membership) -> list[EmailDomain]:
    """Return the e-mail domains through which a member of an organization could join it again.

    By an address that they have, or that they had: they can change back to it.
    """
    if membership.level is not Level.ORGANIZATION:
        return []
    ways = EmailDomain.objects.at(membership.organization).automatic()
    found, user = list(ways.select_related("custom_role")), membership.user
    if not found:  # most have none: one query
        return []
    present = set(ways.open_to(user).values_list("pk", flat=True))
    return [way for way in found if way.pk in present or had_address_at(user, way.domain)]


def _is_successor(membership: Membership) -> bool:
    """Return whether it makes its person the one who is asked first should owners be lost."""
    is_theirs = membership.organization.successor_id == membership.user_id
    return is_theirs and membership.level is Level.ORGANIZATION


def _record(action: str, membership: Membership, by: User, changes: dict[str, list[Any]]) -> None:
    label = audit.label_of(membership.user)
    audit.record(
        action, by=by, node=membership.node, target=membership, target_label=label, changes=changes
    )
