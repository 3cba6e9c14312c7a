"""Organizations in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from config.side_bar import Entry, Heading
from hierarchy.members.actions import ownership_recoveries
from hierarchy.models import Membership, Organization
from hierarchy.models.node import Node
from hierarchy.nodes.admin.nodes import NodeAdmin
from hierarchy.roles import Level, Permission
from hierarchy.staff.admin.filters import OwnerFilter


@admin.register(Organization)
class OrganizationAdmin(NodeAdmin):
    """People create organizations in the console, as their first owners: staff don't own any."""

    side_bar = Entry(Heading.TREE, 1, _("Organizations"), "domain")
    level = Level.ORGANIZATION
    list_filter = (*NodeAdmin.list_filter, OwnerFilter)
    list_display = ("title", "kind", "state", "created_at")
    sortable_by = ("title", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind", "email", "website")}),
        (_("Details"), {"fields": ("state", "public_id", "created_at")}),
    )
    actions_detail = (*NodeAdmin.actions_detail, "recover")

    def may(self, request: HttpRequest, row: object, verb: str) -> bool:
        if verb == "recover":
            return request.user.has_perm(Permission.TRANSFER_ORGANIZATION.full_name)
        return super().may(request, row, verb)

    def offers(self, row: Node) -> set[str]:
        offered = super().offers(row)
        return offered | {"recover"} if _is_to_recover(row) else offered

    @action(description=_("Start a recovery"), icon="how_to_reg")
    def recover(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row_or_404(request, object_id)
        return redirect(f"{reverse('admin:hierarchy_ownershiprecovery_add')}?organization={row.pk}")


def _is_to_recover(row: Any) -> bool:
    """Return whether nobody owns the organization, and staff have not begun to change that."""
    if row.is_deleted or Membership.objects.effective_owners().filter(organization=row).exists():
        return False
    return ownership_recoveries.running(row) is None
