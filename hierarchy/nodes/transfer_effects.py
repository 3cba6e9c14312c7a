"""Effects of handing over a node: what each person gains and loses, and which settings change.

Each side is shown its own people: who offers a node sees who loses access with it, who takes it
over sees who gains access, and decides about the members of the node itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from hierarchy import access, explanations
from hierarchy.effective_settings import EffectiveSetting, effective_settings
from hierarchy.models import BlockedPerson, Membership, Status
from hierarchy.roles import INVITE_MEMBER, VIEW, Level, Role

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.membership import MembershipQuerySet
    from hierarchy.models.node import AnyNode

MOST_SHOWN = 10


@dataclass(frozen=True)
class People:
    """Some of the memberships, and how many people have any of them."""

    shown: list[Membership]
    number: int

    @property
    def others(self) -> int:
        return self.number - len({row.user_id for row in self.shown})


def losing(node: AnyNode, place: AnyNode | None = None) -> People:
    """Return who sees `node` by a membership above it, and by none above it at `place`."""
    return _seeing(node, node.path[:-1], besides=place.path if place else [])


def gaining(node: AnyNode, place: AnyNode) -> People:
    """Return who sees `node` by a membership above it once it is at `place`, and not today."""
    return _seeing(node, place.path, besides=node.path)


def coming(node: AnyNode, place: AnyNode) -> MembershipQuerySet:
    """Return the memberships on `node` and beneath it that may be kept at `place`.

    Nobody comes into an organization in which they are blocked.
    """
    return _portable(node, place).exclude(_blocked_at(node, place))


def shut_out(node: AnyNode, place: AnyNode) -> MembershipQuerySet:
    """Return the memberships that could be kept at `place` if their people weren't blocked there.

    Within one organization blocking takes nothing away, and nothing when something moves.
    """
    return _portable(node, place).filter(_blocked_at(node, place))


def blocked(node: AnyNode, place: AnyNode) -> People:
    """Return whom nobody may keep at `place`, since they are blocked there."""
    return _people(shut_out(node, place))


def staying_behind(node: AnyNode, place: AnyNode) -> int:
    """Return how many people have memberships on `node`, or beneath, that make none at `place`."""
    portable = _portable(node, place).values("pk")
    return Membership.objects.within(node).exclude(pk__in=portable).number_of_people()


def _portable(node: AnyNode, place: AnyNode) -> MembershipQuerySet:
    """Return the memberships on `node` and beneath it that make sense at `place`.

    A role that the organization has composed stays with it. What a suspension silences that
    doesn't come along, one above the node or one of such a role, would come to life: that ends.
    """
    rows = Membership.objects.within(node)
    if place.organization != node.organization:
        composed = Membership.objects.at(node).filter(status=Status.SUSPENDED, role=Role.CUSTOM)
        rows = rows.filter(custom_role=None).exclude(Exists(composed.filter(user=OuterRef("user"))))
    for above in node.path[:-1]:
        if above not in place.path:
            suspended = Membership.objects.at(above).filter(status=Status.SUSPENDED)
            rows = rows.exclude(Exists(suspended.filter(user=OuterRef("user"))))
    return rows.with_nodes().select_related("user", "custom_role").order_by("id")


def _blocked_at(node: AnyNode, place: AnyNode) -> Q:
    organization = place.organization
    if organization == node.organization:
        return Q(pk__in=[])
    rows = BlockedPerson.objects.filter(organization=organization.pk)
    members = Membership.objects.within(node).values("user")
    return Q(user__in=rows.people_among(members))


def may_keep(user: User, place: AnyNode) -> bool:
    """Return whether `user` owns `place`: nobody else lets people in with what comes there."""
    return not access.lacking_to_own(user, place)


def to_choose(node: AnyNode, place: AnyNode, user: User) -> list[Membership]:
    """Return those of the coming memberships that `user` could invite: others are not named."""
    named = {level for level in Level if access.can(user, INVITE_MEMBER[level], place)}
    return [row for row in coming(node, place) if row.level in named] if named else []


@dataclass(frozen=True)
class ChangedSetting:
    """A setting that holds another value for the node once it is at its new place."""

    now: EffectiveSetting
    then: EffectiveSetting


def changed_settings(node: AnyNode, place: AnyNode) -> list[ChangedSetting]:
    """Return which of the node's settings change, since it inherits from somewhere else."""
    now = effective_settings(node)
    then = effective_settings(node, under=place)
    return [ChangedSetting(now[key], then[key]) for key in now if now[key].value != then[key].value]


def terms(node: AnyNode, place: AnyNode) -> list[tuple[object, ...]]:
    """Return what each of the coming memberships is, and grants."""
    granted = ("role", "custom_role", "custom_role__permissions")
    rows = coming(node, place).values_list("pk", *granted, "status", "starts_at", "ends_at")
    return list(rows)


def _seeing(node: AnyNode, parts: Sequence[AnyNode], *, besides: Iterable[AnyNode]) -> People:
    """Return who sees `node` by a membership on one of `parts`, and by none on one of `besides`.

    Only those of the same organization count there: who belongs to another one is not for this
    one to know.
    """
    near = [part for part in besides if part.organization == parts[0].organization]
    others = _granting_sight(node, near).values("user")
    rows = _granting_sight(node, parts).exclude(user__in=others)
    return _people(rows.with_nodes().select_related("user").order_by("id"))


def _granting_sight(node: AnyNode, parts: Iterable[AnyNode]) -> MembershipQuerySet:
    found = Q(pk__in=[])
    for part in parts:
        found |= Q(pk__in=explanations.granting({VIEW[Level(node.level)]}, part).values("pk"))
    return Membership.objects.filter(found)


def _people(rows: MembershipQuerySet) -> People:
    return People(list(rows[:MOST_SHOWN]), rows.number_of_people())
