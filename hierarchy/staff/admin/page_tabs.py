"""Rows in the admin that have more pages than their form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.http import Http404, HttpRequest, HttpResponse

from hierarchy.staff.admin.base import HierarchyAdmin

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Of a page: its name, how its tab is called, and its address.
Tab: TypeAlias = "tuple[str, StrOrPromise, str]"


class TabbedAdmin(HierarchyAdmin):
    """Shows tabs above the form of a row, and above its other pages: `pages_of` lists them."""

    change_form_outer_before_template = "admin/page_tabs.html"

    def pages_of(self, request: HttpRequest, row: Any) -> list[Tab]:
        """Return the pages of the row that the person may see; its form is called "change"."""
        raise NotImplementedError

    def tabs(
        self, request: HttpRequest, row: Any, current: str
    ) -> list[tuple[StrOrPromise, str, bool]]:
        """Return (label, address, whether it is this page) of what may be seen of the row."""
        pages = self.pages_of(request, row)
        return [(label, address, name == current) for name, label, address in pages]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        tabs = {"page_tabs": self.tabs(request, row, "change")} if row else {}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | tabs)

    def row_or_404(self, request: HttpRequest, object_id: str) -> Any:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row
