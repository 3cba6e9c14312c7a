"""Lists of what waits for a person, for the home page: each room declares its own.

Most people have nothing that waits. So each list comes with a narrow question, whether it may have
anything in it; all of them are asked as one, and the lists themselves only where that says yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

from hierarchy.console import paging
from hierarchy.console.views.pages import Request

if TYPE_CHECKING:
    from accounts.models import User

FEW = 5


@dataclass(frozen=True)
class WaitingList:
    """A list that `template` shows with what `find` returns: nothing where nothing waits.

    `maybe` has a row for the person wherever `find` finds something; it may have one where not.
    """

    place: int  # among the others, from the top
    template: str
    find: Callable[[Request], dict[str, object]]
    maybe: Callable[[User], QuerySet[Any]]


_lists: list[WaitingList] = []


def declare(*lists: WaitingList) -> None:
    """Show these lists on the home page: each room does it where its addresses are."""
    _lists.extend(lists)
    _lists.sort(key=lambda each: each.place)


def declared() -> list[WaitingList]:
    """Return all of the lists, from the top."""
    return list(_lists)


def found(request: Request, lists: Iterable[WaitingList]) -> tuple[list[str], dict[str, Any]]:
    """Return the templates of those of `lists` that have anything in them, and what these show."""
    filled = [(each.template, each.find(request)) for each in lists]
    shown: dict[str, Any] = {}
    for _template, context in filled:
        shown |= context
    return [template for template, context in filled if context], shown


def newest(
    request: Request, rows: QuerySet[Model, object], name: str, parameter: str, size: int = FEW
) -> dict[str, object]:
    """Return a page of the newest of `rows` as `name`, which goes on by `parameter`, if any."""
    page = paging.page(request, rows, by=paging.NEWEST, size=size, parameter=parameter)
    return {name: page} if page.rows else {}
