"""Requests in the admin: who asks for what, and what was answered."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy.models import AccessRequest
from hierarchy.roles import Permission
from hierarchy.staff.admin.read_only import ReadOnlyAdmin


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    side_bar = Entry(Heading.JOINING, 2, _("Requests"), "front_hand")
    view = Permission.VIEW_ORGANIZATION_MEMBER
    related = ("user", "decided_by")
    list_display = ("user", "asks_for", "where", "state_label", "created_at")
    fieldsets = (
        (None, {"fields": ("user", "asks_for", "where", "message")}),
        (_("Details"), {"fields": ("state_label", "created_at", "decided_at", "decided_by")}),
    )

    @display(description=_("Asks to"))
    def asks_for(self, row: AccessRequest) -> str:
        asked = row.asked_permission
        return asked.label if asked else str(_("become a member"))
