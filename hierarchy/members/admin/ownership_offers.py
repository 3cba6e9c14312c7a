"""Offers of ownership in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.side_bar import Entry, Heading
from hierarchy.models import OwnershipOffer
from hierarchy.roles import Permission
from hierarchy.staff.admin.read_only import ReadOnlyAdmin
from hierarchy.staff.admin.unfold_widgets import instant_of


@admin.register(OwnershipOffer)
class OwnershipOfferAdmin(ReadOnlyAdmin):
    side_bar = Entry(Heading.HANDING_OVER, 1, _("Ownership offers"), "handshake")
    view = Permission.TRANSFER_ORGANIZATION
    related = ("user", "offered_by")
    list_display = ("organization", "user", "state_label", "created_at", "expires")
    fieldsets = (
        (None, {"fields": ("organization", "user", "offered_by", "becomes")}),
        (_("Details"), {"fields": ("state_label", "created_at", "expires", "decided_at")}),
    )

    expires = instant_of("expires_at", _("Expires"))
