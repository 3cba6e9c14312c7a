"""Organizations in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from hierarchy.admin.filters import OwnerFilter
from hierarchy.admin.nodes import NodeAdmin
from hierarchy.models import Organization
from hierarchy.roles import Level


@admin.register(Organization)
class OrganizationAdmin(NodeAdmin):
    """People create organizations in the console, as their first owners: staff don't own any."""

    level = Level.ORGANIZATION
    list_filter = (*NodeAdmin.list_filter, OwnerFilter)
    list_display = ("title", "kind", "state", "created_at")
    sortable_by = ("title", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind", "email", "website")}),
        (_("Facts"), {"fields": ("state", "public_id", "created_at")}),
    )
