"""Receipts of organizations that were removed for good, in the admin: to be read."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy.models import PurgeReceipt
from hierarchy.roles import Permission
from hierarchy.staff.admin.base import HierarchyAdmin, WrittenOnce


@admin.register(PurgeReceipt)
class PurgeReceiptAdmin(WrittenOnce, HierarchyAdmin):
    """Receipts, for staff who can read the activity everywhere."""

    side_bar = Entry(Heading.RECORD, 3, _("Purge receipts"), "receipt_long")
    list_display = ("organization_public_id", "events", "deleted_at", "purged_at")
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("organization_public_id", "created_at", "deleted_at")}),
        (_("Deleted"), {"fields": ("purged_at", "purged_by", "events", "rows", "checksum")}),
    )

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm(Permission.VIEW_AUDIT_LOG.full_name)

    @display(description=_("Rows"))
    def rows(self, receipt: PurgeReceipt) -> SafeString:
        """Show how many of each kind were removed, under the names that the lists have."""
        kinds = ((_name(kind), number) for kind, number in receipt.removed.items())
        return format_html_join(mark_safe("<br>"), "{}: {}", sorted(kinds))


def _name(kind: str) -> str:
    """Return what the admin calls rows of a kind; the kind itself, should it be gone since."""
    try:
        model = apps.get_model("hierarchy", kind)
    except LookupError:
        return kind
    return capfirst(str(model._meta.verbose_name_plural))
