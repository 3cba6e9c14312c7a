"""Holders of a custom role, and what becomes of them when it changes or is deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hierarchy import visible
from hierarchy.models import AnyRole, CustomRole, Membership
from hierarchy.roles import VIEW_MEMBER, Permission, in_order

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.membership import MembershipQuerySet

MOST_SHOWN = 50


@dataclass(frozen=True)
class Effect:
    """Gains and losses of a holder on the node where they hold the role, in the table's order."""

    membership: Membership
    gains: list[Permission]
    loses: list[Permission]


@dataclass(frozen=True)
class Effects:
    """Effects on the holders who are shown, and how many people there are in total.

    `others` are further ones who could be shown, `hidden` those whom the viewer doesn't see
    somewhere: they are counted, and neither they nor the places are named.
    """

    shown: list[Effect]
    number: int
    others: int
    hidden: int


def effects(role: CustomRole, after: AnyRole, user: User) -> Effects:
    """Return what having `after` in the place of `role` would do to its holders, told to `user`.

    What a person also holds there by another membership is neither gained nor lost.
    """
    rows = Membership.objects.filter(custom_role=role)
    seen, hidden = by_sight(rows, user)
    shown = list(seen.with_nodes().select_related("user").order_by("id")[:MOST_SHOWN])
    besides = _held_besides(role, shown)
    return Effects(
        [_effect(row, after.permissions_on(row.level), besides[row.pk]) for row in shown],
        number=rows.number_of_people(),
        others=seen.number_of_people() - len({row.user_id for row in shown}),
        hidden=hidden.number_of_people(),
    )


def by_sight(rows: MembershipQuerySet, user: User) -> tuple[MembershipQuerySet, MembershipQuerySet]:
    """Return those of the memberships that `user` sees where they hang, and the others."""
    seen = rows.filter(visible.paths_for(user, VIEW_MEMBER))
    return seen, rows.exclude(pk__in=seen.values("pk"))


def _held_besides(role: CustomRole, rows: list[Membership]) -> dict[int, set[Permission]]:
    """Return what the person of each row holds on its node by memberships on its ancestors."""
    people = [row.user_id for row in rows]
    others: dict[int, list[Membership]] = defaultdict(list)
    for other in Membership.objects.in_force().filter(
        user__in=people, organization=role.organization_id
    ):
        others[other.user_id].append(other)
    return {
        row.pk: {
            permission
            for other in others[row.user_id]
            if other.pk != row.pk and _is_on_path(other, row)
            for permission in other.permissions
        }
        for row in rows
    }


def _is_on_path(upper: Membership, lower: Membership) -> bool:
    return upper.workspace_id in (None, lower.workspace_id) and upper.application_id in (
        None,
        lower.application_id,
    )


def _effect(row: Membership, after: Iterable[Permission], besides: set[Permission]) -> Effect:
    had = row.permissions - besides
    has = set(after) - besides
    return Effect(
        row,
        gains=in_order(has - had),
        loses=in_order(had - has),
    )
