"""Carrying out what each model declares of its rows: see `models/fate.py`.

What only has to be deleted needs no more than the declaration. Where mails are to be withheld, an
event is to say what ended, or rows go on elsewhere, the room of the model registers a function:

    @fates.when_moved(Invitation)
    def _end_with_move(move: Move) -> Changes: ...

So nobody who moves, deletes or closes something has a list of what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from django.apps import apps
from django.db import models
from django.db.models import Model

from hierarchy.models import Organization
from hierarchy.models.audit_event import Changes
from hierarchy.models.fate import HasFate, Outcome
from hierarchy.models.path import PathQuerySet
from hierarchy.models.path_snapshot import PathSnapshotQuerySet

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from hierarchy.models.node import AnyNode


class Happening(StrEnum):
    """Something that happens to a node where it is, by the name that `Fate` has for it."""

    SUSPENDED = "suspended"
    DELETED = "deleted"
    RESTORED = "restored"
    PURGED = "purged"


@dataclass(frozen=True)
class Move:
    """A node that is about to leave for another place, both locked, with some of its members."""

    node: AnyNode
    place: AnyNode
    kept: frozenset[int]  # the memberships that go along, by their ids
    by: User


@dataclass(frozen=True)
class Closing:
    """Fate of a model's rows when an account is closed, and the organizations that it needs."""

    places: Callable[[User], set[int]]  # ids of those to lock
    carry_out: Callable[[User, User], None]  # whose account it is, and who closes it


OnMove: TypeAlias = Callable[[Move], Changes]
OnNode: TypeAlias = Callable[["AnyNode"], Changes]
Foretell: TypeAlias = Callable[["AnyNode"], str]

_moves: dict[type[HasFate], OnMove] = {}
_foretold: dict[type[HasFate], Foretell] = {}
_happenings: dict[tuple[type[HasFate], Happening], OnNode] = {}
_closings: dict[type[HasFate], Closing] = {}


def declared() -> list[type[HasFate]]:
    """Return every model whose rows hang on a node."""
    return [model for model in apps.get_models() if issubclass(model, HasFate)]


def when_moved(model: type[HasFate], foretell: Foretell | None = None) -> Callable[..., OnMove]:
    """Register what is done with the rows of `model` on a node, and beneath, that moves.

    The function returns what the event of its leaving says. `foretell` returns the sentence that
    says before what will end, or "".
    """

    def register(function: OnMove) -> OnMove:
        _moves[model] = function
        if foretell is not None:
            _foretold[model] = foretell
        return function

    return register


def when(happening: Happening, model: type[HasFate]) -> Callable[..., OnNode]:
    """Register what is done with the rows of `model` on a node, and beneath, to which it happens.

    The function returns what the event says of it.
    """

    def register(function: OnNode) -> OnNode:
        _happenings[model, happening] = function
        return function

    return register


def when_account_closes(
    model: type[HasFate], places: Callable[[User], set[int]] = lambda _user: set()
) -> Callable[..., Callable[[User, User], None]]:
    """Register what is done with a person's rows of `model` after their memberships have ended."""

    def register(function: Callable[[User, User], None]) -> Callable[[User, User], None]:
        _closings[model] = Closing(places, function)
        return function

    return register


def leave(move: Move) -> Changes:
    """Do with everything on a node that moves what its model declares; return what to tell of it.

    What comes along does so by itself: the database moves every row that names the path.
    """
    told: Changes = {}
    for model in declared():
        if model in _moves:
            told |= _moves[model](move)
        elif model.fate.moves is Outcome.ENDS:
            rows_within(model, move.node).delete()
    return told


def foretold(node: AnyNode) -> list[str]:
    """Return what will end with the move of `node`, a sentence for each kind."""
    sentences = (_foretold[model](node) for model in declared() if model in _foretold)
    return [sentence for sentence in sentences if sentence]


def happen(happening: Happening, node: AnyNode) -> Changes:
    """Do with everything on a node what its model declares; return what the event says of it.

    What ends with a purge does so by itself: the database deletes what refers to the node.
    """
    told: Changes = {}
    for model in declared():
        if function := _happenings.get((model, happening)):
            told |= function(node)
        elif happening is not Happening.PURGED and _ends(model, happening):
            rows_within(model, node).delete()
    return told


def places_of(user: User) -> set[int]:
    """Return the organizations that have to be locked to close the account of `user`."""
    return set().union(*(closing.places(user) for closing in _closings.values()))


def close_account(user: User, *, by: User) -> None:
    """Do with what names a person what its model declares, their memberships having ended."""
    for model in declared():
        if model in _closings:
            _closings[model].carry_out(user, by)


def _ends(model: type[HasFate], happening: Happening) -> bool:
    return getattr(model.fate, happening) is Outcome.ENDS


def rows_within(model: type[HasFate], node: AnyNode) -> QuerySet[Model, object]:
    """Return the rows of `model` on `node` and anywhere beneath it."""
    rows = model._default_manager.all()
    if isinstance(rows, PathQuerySet | PathSnapshotQuerySet):
        return rows.within(node)
    if not isinstance(node, Organization):
        return rows.none()
    return rows.filter(models.Q(organization=node))
