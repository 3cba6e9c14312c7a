"""Lists that cost the same however long the table is."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from hierarchy.console.paging import COUNT_NO_FURTHER, number_up_to


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than staff would ever turn pages; beyond that they search or filter."""

    template_name = "admin/capped_pagination.html"

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return number_up_to(rows, COUNT_NO_FURTHER)

    @property
    def is_capped(self) -> bool:
        return self.count > COUNT_NO_FURTHER


class FlatChangeList(ChangeList):
    """A list that never counts the whole table."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count  # nothing to say about a part of it
