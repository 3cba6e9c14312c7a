"""Rows of members: what a page shows of each, and what its viewer can do about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from accounts.emails import searched
from hierarchy import access, explanations
from hierarchy.access import Anybody
from hierarchy.console import paging
from hierarchy.console.navigation import node_url
from hierarchy.members.forms.memberships import ENDED, LIMITED, MemberFilterForm
from hierarchy.models import Invitation, Membership, State, Status
from hierarchy.roles import (
    CHANGE_MEMBER,
    INVITE_MEMBER,
    REMOVE_MEMBER,
    VIEW,
    VIEW_MEMBER,
    Permission,
    owns,
)

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode

UNDECIDED = (State.PENDING, State.EXPIRED)
MOST_INHERITED = 20
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True)
class MemberRow:
    """A member on the page, and what the viewer may do about them."""

    membership: Membership
    is_own: bool
    may_leave: bool
    may_change_role: bool
    may_suspend: bool
    may_remove: bool

    @property
    def may_select(self) -> bool:
        """True if something can be done to them together with others."""
        return self.may_change_role or self.may_suspend or self.may_remove


@dataclass(frozen=True)
class InvitationRow:
    """An invitation that waits for its answer, and whether the viewer could have sent it."""

    invitation: Invitation
    may_change: bool


@dataclass(frozen=True)
class Inherited:
    """Members of an ancestor, whose role holds here too; `url` only for who may open its page."""

    node: AnyNode
    url: str
    memberships: list[Membership]
    is_all: bool


def filtered(rows: QuerySet[Membership], filters: MemberFilterForm) -> QuerySet[Membership]:
    """Narrow `rows` to what is searched for, and load along what a row shows."""
    wanted = filters.cleaned_data
    for word in wanted.get("q", "").split():
        named = Q(user__first_name__icontains=word) | Q(user__last_name__icontains=word)
        rows = rows.filter(named | Q(user__email__icontains=searched(word)))
    if wanted.get("role"):
        rows = rows.filter(role=wanted["role"])
    if wanted.get("status"):
        rows = rows.filter(_in_state(wanted["status"]))
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=SECOND_FACTORS)
    return rows.select_related("user").annotate(has_second_factor=Exists(factors))


def _in_state(state: str) -> Q:
    """Return what is true of members who are active, suspended, there for a time, or gone by."""
    over = Q(ends_at__lte=Now())
    if state == ENDED:
        return over
    if state == LIMITED:
        return Q(ends_at__gt=Now())
    return Q(status=state) & ~over if state == Status.ACTIVE else Q(status=state)


def inherited(user: Anybody, above: AnyNode, node: AnyNode, filters: MemberFilterForm) -> Inherited:
    """Return the newest members of `above`, an ancestor, among those searched for.

    Only those whose role grants something on `node` at this moment: of the others the page of
    `node` has nothing to tell.
    """
    rows = filtered(explanations.granting([VIEW[node.level]], above), filters).order_by(
        *paging.NEWEST
    )
    found = list(rows[: MOST_INHERITED + 1])
    may_open = VIEW_MEMBER[above.level] in access.held(user, above)
    url = node_url(above, "membership-index") if may_open else ""
    return Inherited(above, url, found[:MOST_INHERITED], len(found) <= MOST_INHERITED)


def member_rows(user: User, node: AnyNode, found: list[Membership]) -> list[MemberRow]:
    """Return the rows of members of `node`, with what the rules let `user` do about each."""
    held = frozenset() if node.suspended_by else access.held(user, node)
    beyond = _people_beyond(user, node, found)
    rows = []
    for membership in found:
        is_own = membership.user_id == user.pk
        may_change = CHANGE_MEMBER[node.level] in held and not is_own
        is_within = membership.user_id not in beyond
        rows.append(
            MemberRow(
                membership,
                is_own=is_own,
                may_leave=is_own and not node.suspended_by,
                may_change_role=may_change and membership.permissions <= held,
                may_suspend=may_change and is_within,
                may_remove=REMOVE_MEMBER[node.level] in held and not is_own and is_within,
            )
        )
    return rows


def _people_beyond(user: User, node: AnyNode, found: Iterable[Membership]) -> set[int]:
    """Return those who hold, on `node` or beneath it, more than `user` does there.

    Nobody holds more than an owner.
    """
    grants = access.grant_map(user)
    if owns(grants.on(node), node.level):
        return set()
    people = [membership.user_id for membership in found]
    rows = Membership.objects.within(node).filter(user__in=people)
    return {row.user_id for row in rows if not row.permissions <= grants.where(row)}


def invitation_rows(user: User, node: AnyNode, found: list[Invitation]) -> list[InvitationRow]:
    """Return the rows of invitations to `node`, with whether `user` could have sent each."""
    held = frozenset() if node.suspended_by else access.held(user, node)
    may_invite = INVITE_MEMBER[node.level] in held
    return [
        InvitationRow(row, may_invite and row.state in UNDECIDED and row.permissions <= held)
        for row in found
    ]


def may_block(user: User, node: AnyNode) -> bool:
    """Return whether `user` may let people ask no more: that holds for the whole organization."""
    held = access.held(user, node.organization)
    return Permission.INVITE_ORGANIZATION_MEMBER in held
