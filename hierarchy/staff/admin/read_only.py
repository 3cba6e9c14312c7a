"""Records that people settle among themselves in the console: staff can look, not change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from hierarchy import visible
from hierarchy.models import Path, State
from hierarchy.roles import Permission
from hierarchy.staff.admin.base import HierarchyAdmin, WrittenOnce, holds_anywhere
from hierarchy.staff.admin.filters import CurrentStateFilter, RowFilter
from hierarchy.staff.admin.paths import link_to
from hierarchy.staff.admin.unfold_widgets import badge

OF_ORGANIZATION: object = ("organization", RowFilter)
IN_STATE: Any = ("state", CurrentStateFilter)
# The states of all that is asked or offered, started and ended.
TONES = {
    "pending": "info",
    "open": "info",
    "approved": "success",
    "accepted": "success",
    "finished": "success",
    "declined": "danger",
}


class ReadOnlyAdmin(WrittenOnce, HierarchyAdmin):
    """Rows of organizations on which the person holds `view`, or of all if they hold it globally.

    `related` is loaded along.
    """

    view: ClassVar[Permission]
    related: ClassVar[tuple[str, ...]] = ()
    list_filter: tuple[object, ...] = (OF_ORGANIZATION, IN_STATE)
    ordering = ("-id",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows: Any = self.model._default_manager.order_by(*self.ordering)
        rows = rows.with_nodes() if issubclass(self.model, Path) else rows
        rows = rows.select_related("organization", *self.related)
        if request.user.has_perm(self.view.full_name):
            return rows  # type: ignore[no-any-return]
        theirs = visible.organizations_for(request.user, to=self.view)
        return rows.filter(organization__in=list(theirs.values_list("pk", flat=True)))  # type: ignore[no-any-return]

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Rows are those of `get_queryset`, so to see one is to have found it there."""
        return holds_anywhere(request.user, self.view)

    @display(description=_("State"))
    def state_label(self, row: Any) -> SafeString:
        if row.state == State.PENDING and not row.is_pending:
            return badge(State.EXPIRED.label)
        return badge(row.get_state_display(), TONES.get(row.state, ""))

    @display(description=_("Where"))
    def where(self, row: Path) -> SafeString:
        return link_to(row.node)
