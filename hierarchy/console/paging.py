"""Lists of any length: pages by key, and counts that stop in time.

    page = paging.page(request, workspaces, by=("name", "id"))
    render(request, "console/….html", page=page, fragment="console/…/_workspace_rows.html")

    {% for workspace in page.rows %} … {% endfor %}
    {{ ui.load_more(url=page.next_url, target="workspace-rows") }}

The last row's keys travel in the address of the next page, as `after`, beside whatever search and
filters are there already. The database walks an index from there on, so the hundredth page costs
what the first one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row")

PAGE_SIZE = 50
COUNT_NO_FURTHER = 1_000
NEWEST = ("-created_at", "-id")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and the address of those that follow: "" after the last one."""

    rows: list[Row]
    next_url: str

    @property
    def is_all(self) -> bool:
        """True if all rows from here on are on this page."""
        return not self.next_url


def page(
    request: HttpRequest,
    rows: QuerySet[Model, Row],
    *,
    by: Sequence[str] = ("name", "id"),
    size: int = PAGE_SIZE,
    parameter: str = "after",
) -> Page[Row]:
    """Return the page of `rows` that the request asks for.

    `by` is the order: one or two fields, the last one unique, all ascending or all descending
    ("-created_at", "-id"). `parameter` tells several lists of one page apart. An address that
    makes no sense shows the first page.
    """
    found = list(_after(rows, by, request.GET.getlist(parameter)).order_by(*by)[: size + 1])
    if len(found) <= size:
        return Page(found, "")
    query = request.GET.copy()
    query.setlist(parameter, [str(_value(found[size - 1], name)) for name in by])
    return Page(found[:size], f"{request.path}?{query.urlencode()}")


def count_up_to(rows: QuerySet[Model, object], most: int = COUNT_NO_FURTHER) -> str:
    """Return how many rows there are, in words that say so when counting stopped: "1,000+"."""
    return in_words(number_up_to(rows, most), most)


def number_up_to(rows: QuerySet[Model, object], most: int = COUNT_NO_FURTHER) -> int:
    """Return how many rows there are, or `most` + 1 when they are more than `most`."""
    return rows.order_by()[: most + 1].count()


def in_words(number: int, most: int = COUNT_NO_FURTHER) -> str:
    """Return what `number_up_to` counted as people read it."""
    return f"{most:,}+" if number > most else f"{number:,}"


def _after(rows: QuerySet[Model, Row], by: Sequence[str], keys: list[str]) -> QuerySet[Model, Row]:
    names = [name.removeprefix("-") for name in by]
    try:
        values = [_read(rows.model, *pair) for pair in zip(names, keys, strict=True)]
        return rows.filter(_beyond(names, values, descending=by[0][0] == "-"))
    except (ValueError, OverflowError, ValidationError):
        return rows


def _read(model: type[Model], name: str, key: str) -> object:
    """Return the value that a key in an address stands for; raise ValueError if for none."""
    is_instant = isinstance(model._meta.get_field(name.split("__")[0]), DateTimeField)
    # PostgreSQL knows fewer time zones than Python does.
    return datetime.fromisoformat(key).astimezone(UTC) if is_instant else key


def _beyond(names: Sequence[str], keys: Sequence[object], descending: bool) -> Q:
    """Return the condition for what follows `keys`: `a >= x AND (a > x OR b > y)`.

    In this form, not as `a > x OR (a = x AND b > y)`, PostgreSQL starts reading its index at x.
    """
    strictly = "lt" if descending else "gt"
    beyond = Q(**{f"{names[-1]}__{strictly}": keys[-1]})
    if len(names) == 1:
        return beyond
    not_before = Q(**{f"{names[0]}__{strictly}e": keys[0]})
    return not_before & (Q(**{f"{names[0]}__{strictly}": keys[0]}) | beyond)


def _value(row: Any, name: str) -> Any:
    """Return the row's value of a field, which may lead through relations ("user__email")."""
    for part in name.removeprefix("-").split("__"):
        row = getattr(row, part) if isinstance(row, Model) else row[part]
    return row
