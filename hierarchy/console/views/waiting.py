"""Lists of what waits for a person, for the home page: each room declares its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from hierarchy.console import paging
from hierarchy.console.views.pages import Request

FEW = 5


@dataclass(frozen=True)
class WaitingList:
    """A list that `template` shows with what `find` returns: nothing where nothing waits."""

    place: int  # among the others, from the top
    template: str
    find: Callable[[Request], dict[str, object]]


_lists: list[WaitingList] = []


def declare(*lists: WaitingList) -> None:
    """Show these lists on the home page: each room does it where its addresses are."""
    _lists.extend(lists)
    _lists.sort(key=lambda each: each.place)


def found(request: Request) -> tuple[list[str], dict[str, Any]]:
    """Return the templates of the lists that have anything in them, and what these show."""
    filled = [(each.template, each.find(request)) for each in _lists]
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
