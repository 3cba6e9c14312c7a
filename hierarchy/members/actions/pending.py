"""Open questions about a person on a node, which are settled along with their membership there.

Each room declares what of its own waits, and how it is taken back: see `Waiting`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Model

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress
    from django.db.models import QuerySet

    from accounts.models import User
    from hierarchy.models import Membership
    from hierarchy.models.audit_event import Changes
    from hierarchy.models.node import AnyNode

    Rows: TypeAlias = QuerySet[Model, object]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Rows of one kind that a person has offered, was offered or asks for, without an answer.

    `name` is what events call them. `of_leaver` returns those that end with a membership, and
    `of_comer` those that nobody needs once there is one. `offered` returns what someone
    has offered to others on a node, as a page says it before. `take_back` withdraws rows, keeps
    their mails from leaving, and returns how events name each.
    """

    name: str
    of_leaver: Callable[[Membership], Rows]
    take_back: Callable[[Any, User], list[Any]]
    of_comer: Callable[[Membership], Rows] | None = None
    offered: Callable[[AnyNode, User], Rows] | None = None


_kinds: list[Waiting] = []


def declare(kind: Waiting) -> None:
    """Let a kind of rows be settled with memberships from now on."""
    _kinds.append(kind)


def end_with(membership: Membership, *, by: User) -> Changes:
    """Take back what the leaving person has offered there, was offered, or asks for.

    Return it as the event of their going keeps it.
    """
    return _take_back([(kind, kind.of_leaver(membership)) for kind in _kinds], by)


def settle_with(membership: Membership, *, by: User) -> Changes:
    """Take back what the new member was offered there, and their wish to join.

    Return it as the event of their coming keeps it.
    """
    return _take_back([(kind, kind.of_comer(membership)) for kind in _kinds if kind.of_comer], by)


def count_offers(node: AnyNode, user: User) -> int:
    """Return how many open offers of `user` on `node`, and beneath, end with their membership."""
    return sum(kind.offered(node, user).count() for kind in _kinds if kind.offered)


def addresses_of(membership: Membership) -> QuerySet[EmailAddress, dict[str, str]]:
    """Return the verified addresses of whose membership it is, for a query of what names them."""
    return membership.user.verified_addresses().values("email")


def _take_back(found: list[tuple[Waiting, Rows]], by: User) -> Changes:
    first, *others = [rows.order_by().values("pk") for _kind, rows in found]
    if not first.union(*others, all=True).exists():  # most have none: one query
        return {}
    told = {kind.name: [kind.take_back(rows, by), []] for kind, rows in found}
    return {name: values for name, values in told.items() if any(values)}
