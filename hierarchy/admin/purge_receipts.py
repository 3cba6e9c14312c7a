"""Receipts of organizations that were removed for good, in the admin: to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from hierarchy.admin.base import HierarchyAdmin, WrittenOnce
from hierarchy.models import PurgeReceipt
from hierarchy.roles import Permission


@admin.register(PurgeReceipt)
class PurgeReceiptAdmin(WrittenOnce, HierarchyAdmin):
    """For staff who may read the activity everywhere."""

    list_display = ("organization_public_id", "events", "deleted_at", "purged_at")
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("organization_public_id", "created_at", "deleted_at")}),
        (_("Removed"), {"fields": ("purged_at", "purged_by", "events", "rows", "checksum")}),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(Permission.VIEW_AUDIT_LOG.full_name)

    @display(description=_("Rows"))
    def rows(self, receipt: PurgeReceipt) -> SafeString:
        return format_html_join(
            ", ", "{} {}", sorted((n, kind) for kind, n in receipt.removed.items())
        )
