"""Fate of a row when its node, or a person whom it names, changes: each model declares its own.

Every model whose rows hang on a node has a `fate`, and none of its answers has a default: the
model's author decides. `hierarchy.fates` carries them out; docs/decisions/no-central-list.md says
how, and which test compares them with what happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Final, Literal, TypeAlias

from django.core import checks
from django.db import models


class Outcome(Enum):
    """Fate of a row."""

    STAYS = "stays as it is"
    COMES_ALONG = "hangs on the node at its new place"
    STAYS_BEHIND = "belongs to the organization that the node leaves"
    IS_CHOSEN = "comes along if the person taking the node over keeps it, and ends otherwise"
    IS_TAKEN_BACK = "is withdrawn if it still waits for an answer"
    FORGETS = "stays, and no longer says who it was"
    ENDS = "is deleted"
    ENDS_WITH_ORGANIZATION = "is deleted with its organization, and outlives what is beneath that"
    HAPPENS_NEVER = "hangs on organizations alone, and those don't move"


COMES_ALONG: Final = Outcome.COMES_ALONG
ENDS: Final = Outcome.ENDS
ENDS_WITH_ORGANIZATION: Final = Outcome.ENDS_WITH_ORGANIZATION
FORGETS: Final = Outcome.FORGETS
HAPPENS_NEVER: Final = Outcome.HAPPENS_NEVER
IS_CHOSEN: Final = Outcome.IS_CHOSEN
IS_TAKEN_BACK: Final = Outcome.IS_TAKEN_BACK
STAYS: Final = Outcome.STAYS
STAYS_BEHIND: Final = Outcome.STAYS_BEHIND

OnMove: TypeAlias = Literal[
    Outcome.COMES_ALONG,
    Outcome.STAYS_BEHIND,
    Outcome.IS_CHOSEN,
    Outcome.IS_TAKEN_BACK,
    Outcome.ENDS,
    Outcome.HAPPENS_NEVER,
]
OnState: TypeAlias = Literal[Outcome.STAYS, Outcome.IS_TAKEN_BACK, Outcome.ENDS]
OnPurge: TypeAlias = Literal[Outcome.STAYS, Outcome.ENDS, Outcome.ENDS_WITH_ORGANIZATION]
OnClosing: TypeAlias = Literal[Outcome.STAYS, Outcome.IS_TAKEN_BACK, Outcome.FORGETS, Outcome.ENDS]


@dataclass(frozen=True, kw_only=True)
class Fate:
    """The decisions of one model, about the rows on a node and those of a person."""

    moves: OnMove  # the node goes to another workspace or organization
    suspended: OnState
    deleted: OnState  # into the trash
    restored: OnState
    purged: OnPurge
    person_leaves: OnState  # their membership of the node, or above it, ends
    account_closed: OnClosing


class HasFate(models.Model):
    """A row whose model says what becomes of it."""

    fate: ClassVar[Fate]

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        """Refuse a model that has not decided, before anything runs."""
        found: list[checks.CheckMessage] = super().check(**kwargs)
        if not isinstance(getattr(cls, "fate", None), Fate):
            sentence = "The model doesn't say what becomes of its rows."
            hint = "Give it a `fate`: see hierarchy/models/fate.py."
            found.append(checks.Error(sentence, hint=hint, obj=cls, id="hierarchy.E001"))
        return found
