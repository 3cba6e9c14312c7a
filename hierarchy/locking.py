"""One lock order: the organization first, then the node, then people."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from hierarchy.access import NODES
from hierarchy.models import Node, Organization
from hierarchy.refusals import Refused
from hierarchy.roles import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hierarchy.models.node import AnyNode

NodeT = TypeVar("NodeT", bound="AnyNode")
PlaceT = TypeVar("PlaceT", bound="AnyNode")


def lock(node: NodeT, *, even_deleted: bool = False, even_suspended: bool = False) -> NodeT:
    """Return `node` as it is now, its organization locked until the end of the transaction.

    Every action on a tree takes this lock first, so what a rule counts stays the same.
    Refuses deleted and suspended nodes unless told otherwise, and a node that has moved to
    another organization since, which is not the one that is locked.
    """
    fresh: AnyNode | None = lock_organization(node.organization.pk)
    if node.level is not Level.ORGANIZATION:
        fresh = NODES[node.level].objects.with_parents().filter(pk=node.pk).first()
    has_moved = fresh is not None and fresh.organization.pk != node.organization.pk
    if fresh is None or has_moved or (fresh.is_deleted and not even_deleted):
        there = _("%(node)s is no longer there.")
        sentence = there if has_moved else _("%(node)s has been deleted.")
        raise Refused("gone", sentence % {"node": node.name})
    if not even_suspended:
        refuse_suspended(fresh)
    return cast(NodeT, fresh)


def lock_organization(organization_id: int) -> Organization | None:
    """Make every other action on the organization wait for this transaction; return it as it is."""
    rows = Organization.objects.select_for_update(no_key=True)
    return rows.filter(pk=organization_id).first()


def lock_both(
    node: NodeT, place: PlaceT, *, even_closed_place: bool = False, besides: Iterable[int] = ()
) -> tuple[NodeT, PlaceT]:
    """Return a node and where it is to go, both as they are now, with their organizations locked.

    In the order of their ids, with those of other organizations `besides`, so that two who move
    in opposite directions wait for each other. Refuses a node, and unless told otherwise a place,
    that is deleted or suspended.
    """
    for pk in sorted({node.organization.pk, place.organization.pk, *besides}):
        lock_organization(pk)
    state = {"even_deleted": even_closed_place, "even_suspended": even_closed_place}
    return lock(node), lock(place, **state)


def lock_people(*people: User) -> dict[int, User]:
    """Return them by id as they are now, locked together with every active superuser.

    In the order of their ids, so that two who demote each other wait, and then see the outcome.
    """
    wanted = Q(pk__in=[person.pk for person in people]) | Q(is_superuser=True, is_active=True)
    rows = User.objects.select_for_update(no_key=True).filter(wanted).order_by("pk")
    return {person.pk: person for person in rows}


def refuse_suspended(node: Node) -> None:
    """Refuse a change to what is suspended, naming what has to be resumed first."""
    suspended = node.suspended_by
    if suspended is not None:
        sentence = _("%(node)s is suspended. Nothing can be changed until it is resumed.")
        raise Refused("suspended", sentence % {"node": suspended.name})


def validate(row: Node, *fields: str) -> None:
    """Bring the named fields of `row` into their canonical form; refuse the first wrong one."""
    others = [field.name for field in row._meta.fields if field.name not in fields]
    try:
        row.clean_fields(exclude=others)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused("invalid", messages[0], field=field) from error


@contextmanager
def refusing_duplicates(sentence: str, *, field: str | None = None) -> Iterator[None]:
    """Turn a violated uniqueness, which another transaction won, into a refusal."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused("duplicate", sentence, field=field) from error
