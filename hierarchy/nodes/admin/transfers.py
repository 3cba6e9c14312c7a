"""Transfers in the admin: which node is offered to which place."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy.models import Transfer
from hierarchy.roles import Permission
from hierarchy.staff.admin.paths import link_to
from hierarchy.staff.admin.read_only import ReadOnlyAdmin
from hierarchy.staff.admin.unfold_widgets import instant_of


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    side_bar = Entry(Heading.HANDING_OVER, 3, _("Transfers"), "move_up")
    view = Permission.TRANSFER_WORKSPACE
    related = ("to_organization", "to_workspace__organization", "offered_by")
    list_display = ("where", "to_place", "state_label", "created_at", "expires")
    fieldsets = (
        (None, {"fields": ("where", "to_place", "offered_by")}),
        (_("Details"), {"fields": ("state_label", "created_at", "expires", "decided_at")}),
    )

    expires = instant_of("expires_at", _("Expires"))

    @display(description=_("To"))
    def to_place(self, row: Transfer) -> SafeString | str:
        return row.to_address or link_to(row.place)
