"""Who has a custom role, and what becomes of them when it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hierarchy.models import CustomRole, Membership
from hierarchy.roles import Permission, composed

MOST_SHOWN = 50


@dataclass(frozen=True)
class Effect:
    """What a holder gains and loses on the node where they hold the role, in the table's order."""

    membership: Membership
    gains: list[Permission]
    loses: list[Permission]


@dataclass(frozen=True)
class Effects:
    """The effects on the holders who are shown, and how many there are altogether."""

    shown: list[Effect]
    number: int

    @property
    def others(self) -> int:
        return self.number - len(self.shown)


def effects(role: CustomRole, after: Iterable[Permission]) -> Effects:
    """Return what granting `after` in the place of what it grants now would do to its holders.

    What somebody holds there by another membership as well is neither gained nor lost.
    """
    rows = Membership.objects.filter(custom_role=role).with_nodes().select_related("user")
    shown = list(rows.order_by("id")[:MOST_SHOWN])
    besides = _held_besides(role, shown)
    names = [permission.value for permission in after]
    return Effects(
        [_effect(row, composed(names, row.level), besides[row.pk]) for row in shown], rows.count()
    )


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
            for permission in other.grants
        }
        for row in rows
    }


def _is_on_path(upper: Membership, lower: Membership) -> bool:
    return upper.workspace_id in (None, lower.workspace_id) and upper.application_id in (
        None,
        lower.application_id,
    )


def _effect(row: Membership, after: Iterable[Permission], besides: set[Permission]) -> Effect:
    had, has = row.grants - besides, set(after) - besides
    return Effect(
        row,
        gains=[permission for permission in Permission if permission in has - had],
        loses=[permission for permission in Permission if permission in had - has],
    )
