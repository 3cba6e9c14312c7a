"""Doing the same to many members at once: to all of them, or to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from config.versions import AS_IT_IS
from hierarchy import access
from hierarchy.members.actions import memberships
from hierarchy.models import AnyRole, Membership
from hierarchy.refusals import Refused, Stale, refuse_stale, sentence_of
from hierarchy.roles import CHANGE_MEMBER, REMOVE_MEMBER, ByLevel

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Shown, Version

MOST_AT_ONCE = 100


class Verb(models.TextChoices):
    CHANGE_ROLE = "change_role", _("Change role")
    SUSPEND = "suspend", _("Suspend")
    REACTIVATE = "reactivate", _("Reactivate")
    REMOVE = "remove", _("Remove")

    @property
    def permissions(self) -> ByLevel:
        """Permission that it takes on the node of the members."""
        return REMOVE_MEMBER if self is Verb.REMOVE else CHANGE_MEMBER


@dataclass(frozen=True)
class Outcome:
    """Outcome for one member; `problem` is the sentence of the refusal, or ""."""

    membership: Membership
    problem: str
    is_stale: bool = False


class _Undone(Exception):  # noqa: N818 - not an error: it takes back what was tried
    pass


def judge(
    members: Iterable[Membership], verb: Verb, *, by: User, role: AnyRole | None = None
) -> list[Outcome]:
    """Return what would become of each member: it is done, and undone before anyone sees it.

    Without a role, changing it is tried with the one that the member has.
    """
    return _perform(members, _action(verb, by, role), by, for_good=False)


def perform(
    members: Iterable[Membership],
    verb: Verb,
    *,
    by: User,
    versions: Mapping[int, Version],
    role: AnyRole | None = None,
) -> list[Outcome]:
    """Do it to every member, each recorded by itself; to nobody if one of them is refused.

    `versions` has, by the id of a membership, that of the `shown` that `by` has read; the actions
    then see to it that the row, as it is loaded here, is still what is stored.
    """

    def act(member: Membership) -> None:
        version = versions.get(member.pk, "")
        refuse_stale(member.shown, version)
        _action(verb, by, role, as_loaded=version is not AS_IT_IS)(member)

    return _perform(members, act, by, for_good=True)


def _action(
    verb: Verb, by: User, role: AnyRole | None, *, as_loaded: bool = True
) -> Callable[[Membership], object]:
    """Return what is done to each member, if they are still `as_loaded`."""

    def version(shown: Shown) -> Version:
        return str(shown) if as_loaded else AS_IT_IS

    if verb is Verb.CHANGE_ROLE:
        return lambda member: memberships.change_role(
            member, role or member.given_role, by=by, version=version(member.shown_role)
        )
    actions: dict[Verb, Callable[..., object]] = {
        Verb.SUSPEND: memberships.suspend,
        Verb.REACTIVATE: memberships.reactivate,
        Verb.REMOVE: memberships.remove,
    }
    return lambda member: actions[verb](member, by=by, version=version(member.shown))


def _perform(
    members: Iterable[Membership],
    action: Callable[[Membership], object],
    by: User,
    *,
    for_good: bool,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with suppress(_Undone), transaction.atomic():
        for membership in members:
            try:
                action(membership)
            except Refused as refused:
                is_stale = isinstance(refused, Stale)
                outcomes.append(Outcome(membership, sentence_of(refused), is_stale))
            else:
                outcomes.append(Outcome(membership, ""))
        if not for_good or any(outcome.problem for outcome in outcomes):
            raise _Undone
    access.forget(by)
    return outcomes
