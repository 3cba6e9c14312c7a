"""Doing the same to many members at once: to all of them, or to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from hierarchy import access
from hierarchy.actions import memberships
from hierarchy.models import AnyRole, Membership
from hierarchy.refusals import Refused, sentence_of
from hierarchy.roles import CHANGE_MEMBER, REMOVE_MEMBER, ByLevel

if TYPE_CHECKING:
    from accounts.models import User

MOST_AT_ONCE = 100


class Verb(models.TextChoices):
    CHANGE_ROLE = "change_role", _("Change role")
    SUSPEND = "suspend", _("Suspend")
    REACTIVATE = "reactivate", _("Reactivate")
    REMOVE = "remove", _("Remove")

    @property
    def permissions(self) -> ByLevel:
        """What it takes on the node of the members."""
        return REMOVE_MEMBER if self is Verb.REMOVE else CHANGE_MEMBER


@dataclass(frozen=True)
class Outcome:
    """What becomes of one member; `problem` is the sentence of the refusal, or ""."""

    membership: Membership
    problem: str


class _Undone(Exception):  # noqa: N818 - not an error: it takes back what was tried
    pass


def judge(
    members: Iterable[Membership], verb: Verb, *, by: User, role: AnyRole | None = None
) -> list[Outcome]:
    """Return what would become of each member: it is done, and undone before anybody sees it.

    Without a role, changing it is tried with the one that the member has.
    """
    return _perform(members, verb, by, role, for_good=False)


def perform(
    members: Iterable[Membership], verb: Verb, *, by: User, role: AnyRole | None = None
) -> list[Outcome]:
    """Do it to every member, each recorded by itself; to nobody if one of them is refused."""
    return _perform(members, verb, by, role, for_good=True)


def _perform(
    members: Iterable[Membership], verb: Verb, by: User, role: AnyRole | None, *, for_good: bool
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with suppress(_Undone), transaction.atomic():
        for membership in members:
            try:
                _ACTIONS[verb](membership, role, by)
            except Refused as refused:
                outcomes.append(Outcome(membership, sentence_of(refused)))
            else:
                outcomes.append(Outcome(membership, ""))
        if not for_good or any(outcome.problem for outcome in outcomes):
            raise _Undone
    access.forget(by)
    return outcomes


_ACTIONS: dict[Verb, Callable[[Membership, Any, User], Any]] = {
    Verb.CHANGE_ROLE: lambda member, role, by: memberships.change_role(
        member, role or member.given_role, by=by
    ),
    Verb.SUSPEND: lambda member, _role, by: memberships.suspend(member, by=by),
    Verb.REACTIVATE: lambda member, _role, by: memberships.reactivate(member, by=by),
    Verb.REMOVE: lambda member, _role, by: memberships.remove(member, by=by),
}
