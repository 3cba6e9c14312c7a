"""Notices to people about changes to their access, and to owners about changes of ownership.

`docs/decisions/who-is-told.md` is the table of it. The mails are queued with the change itself.
Nobody is told about what they did themselves, or told the name of anyone on the platform's staff.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.web import request_context
from hierarchy import explanations, mail_rules, outbox
from hierarchy.models import Membership, role_columns, word_for
from hierarchy.roles import Role, owns, permissions_of

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models import AnyRole, Organization
    from hierarchy.models.node import AnyNode

TO_PERSON = "access_change"
TO_OWNERS = "owner_change"
OF_NODE = "node_change"
# Nobody has so many owners but by mistake; then the nearest are told.
MOST_OWNERS = 500
MOST_NAMES = 5


class Change(StrEnum):
    """Change to a membership, or to an owner's account, as the mails name it."""

    ADDED = "added"
    BECAME_OWNER = "became_owner"
    NO_OWNER = "no_owner"
    HANDED_OVER = "handed_over"
    SUSPENDED = "suspended"
    REACTIVATED = "reactivated"
    REMOVED = "removed"
    LEFT = "left"
    DATES = "dates"
    DEACTIVATED = "deactivated"
    ACCOUNT_BACK = "account_back"


def tell_of(
    membership: Membership, change: Change, *, by: User, besides: Iterable[Membership] = ()
) -> None:
    """Tell the member about the change, and the owners if it concerns one of them.

    `besides` are memberships beneath it that the change takes along.
    """
    tell_person(membership, change, by=by)
    concerned = [membership, *besides]
    if any(owns(each.permissions, each.level) for each in concerned):
        tell_owners(membership, change, by=by)


def tell_of_role(membership: Membership, before: AnyRole, *, by: User) -> None:
    """Tell the member and the owners when a new role has made someone an owner, or ended that."""
    change = change_of(membership, before)
    if change is not None:
        tell_person(membership, change, by=by)
        tell_owners(membership, change, by=by)


def tell_owners_of_role(membership: Membership, before: AnyRole | None, *, by: User) -> None:
    """Do the same as `tell_of_role` when another mail tells the member."""
    change = change_of(membership, before)
    if change is not None:
        tell_owners(membership, change, by=by)


def change_of(membership: Membership, before: AnyRole | None) -> Change | None:
    """Return what the member's change of role from `before` means to the owners."""
    level = membership.level
    owned = before is not None and owns(before.permissions_on(level), level)
    if owned == owns(membership.permissions, level):
        return None
    return Change.NO_OWNER if owned else Change.BECAME_OWNER


def tell_person(membership: Membership, change: Change, *, by: User) -> None:
    """Tell a member what someone else has done to their membership, but not who it was."""
    if membership.user_id != by.pk:
        _queue(TO_PERSON, [membership.user], _facts(membership, change), membership.organization)


def tell_owners(
    membership: Membership,
    change: Change,
    *,
    by: User,
    former: Membership | None = None,
    besides: Iterable[int] = (),
) -> None:
    """Tell the other current owners of the node what was done to one of them.

    `former` is the owner whose place is taken, when the change is that. `besides` are the ids of
    people whom another mail tells.
    """
    people = {membership.user_id, by.pk, *besides}
    context = _facts(membership, change) | {
        "link": outbox.link_to("membership-index", **membership.node.slugs),
        "person": str(membership.user),
        "actor": "" if membership.user_id == by.pk else _named(by, membership.node),
        "former": str(former.user) if former else "",
        "former_role": word_for(former.given_role) if former else "",
    }
    _queue_to_owners(membership.node, TO_OWNERS, context, besides=people)


def tell_of_holders(
    organization: Organization,
    holders: Iterable[Membership],
    before: AnyRole,
    after: AnyRole,
    *,
    by: User,
) -> None:
    """Tell the holders of a role when a change to it makes them owners, or ends that.

    The owners of the organization get one mail about all of them.
    """
    changed: dict[Change, list[Membership]] = {}
    for membership in holders:
        for name, value in role_columns(after).items():
            setattr(membership, name, value)
        change = change_of(membership, before)
        if change is not None:
            changed.setdefault(change, []).append(membership)
    for change, members in changed.items():
        mails = [(each.user.email, _facts(each, change)) for each in members]
        outbox.enqueue_all(TO_PERSON, mails, organization=organization)
        context = _facts_of(organization) | {
            "change": change.value,
            "role": word_for(after),
            "ends_at": "",
            "link": outbox.link_to("membership-index", **organization.slugs),
            "person": _listed(members),
            "actor": _named(by, organization),
        }
        besides = {by.pk, *(each.user_id for each in members)}
        _queue_to_owners(organization, TO_OWNERS, context, besides=besides)


def tell_ended(members: Iterable[Membership], node: AnyNode, *, by: User) -> None:
    """Tell those whose access to `node`, or to something in it, ended when it was handed over."""
    people = {member.user_id: member.user for member in members if member.user_id != by.pk}
    context = _facts_of(node) | {"change": Change.REMOVED.value, "role": "", "ends_at": ""}
    _queue(TO_PERSON, people.values(), context, None)


def tell_of_node(node: AnyNode, verb: str, *, by: User) -> None:
    """Tell the other owners of a node that it was suspended, resumed, deleted or restored."""
    until = node.restorable_until
    context = _facts_of(node) | {
        "verb": verb,
        "actor": _named(by, node),
        "until": until.isoformat() if until else "",
        "link": outbox.link_to("trash")
        if verb == "delete"
        else outbox.link_to("detail", **node.slugs),
    }
    _queue_to_owners(node, OF_NODE, context, besides={by.pk})


def tell_owners_of_account(owned: Collection[Membership], change: Change, *, by: User) -> None:
    """Tell the other owners of `owned` that this owner's account is off, or on again."""
    for membership in owned:
        tell_owners(membership, change, by=by)


def _facts(membership: Membership, change: Change) -> dict[str, object]:
    node = membership.node
    ends_at = membership.ends_at
    sees_it = change not in (Change.SUSPENDED, Change.REMOVED, Change.LEFT)
    return _facts_of(node) | {
        "change": change.value,
        "role": word_for(membership.given_role),
        "ends_at": ends_at.isoformat() if ends_at else "",
        "link": outbox.link_to("detail", **node.slugs) if sees_it else "",
    }


def _facts_of(node: AnyNode) -> dict[str, object]:
    """Return the words of every mail about the node: its name, which the reader knows."""
    organization = "" if node.parent is None else node.organization.name
    return {"node": node.name, "organization": organization, "level": node.level.value, "link": ""}


def _queue(
    template: str,
    people: Iterable[User],
    context: dict[str, object],
    organization: Organization | None,
) -> None:
    mails = [(user.email, context) for user in people if not user.is_closed]
    if mails:
        outbox.enqueue_all(template, mails, organization=organization)


def _queue_to_owners(
    node: AnyNode, template: str, context: dict[str, object], *, besides: Collection[int]
) -> None:
    everything = permissions_of(Role.OWNER, node.level)
    owners = explanations.holders(everything, node, MOST_OWNERS)
    others = [user for user in owners if user.pk not in besides]
    _queue(template, others, context, node.organization)


def _named(by: User, node: AnyNode) -> str:
    """Return who did it, as the people of the organization are told."""
    is_staff = request_context.current().door == request_context.ADMIN
    if not is_staff:
        rows = Membership.objects.filter(organization=node.organization, user=by)
        is_staff = by.is_staff and not rows.exists()
    return _("Platform staff") if is_staff else str(by)


def _listed(members: Collection[Membership]) -> str:
    names = list(dict.fromkeys(str(each.user) for each in members))
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return (
        shown
        if more <= 0
        else _("%(names)s and %(number)d more") % {"names": shown, "number": more}
    )


# They say what has happened: that a node is suspended or deleted by now is no reason to be silent.
mail_rules.declare(TO_PERSON, TO_OWNERS, OF_NODE, even_suspended=True, even_deleted=True)
