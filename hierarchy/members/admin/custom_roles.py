"""Custom roles in the admin: what each lets its holders do, and how many they are."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy.models import CustomRole, Membership
from hierarchy.roles import Level, Permission, in_order
from hierarchy.staff.admin.read_only import OF_ORGANIZATION, ReadOnlyAdmin


@admin.register(CustomRole)
class CustomRoleAdmin(ReadOnlyAdmin):
    side_bar = Entry(Heading.ACCESS, 2, _("Custom roles"), "tune")
    view = Permission.VIEW_ORGANIZATION_MEMBER
    list_display = ("name", "organization", "description", "created_at", "deleted_at")
    list_filter = (OF_ORGANIZATION,)
    fieldsets = (
        (None, {"fields": ("name", "organization", "description", "allows", "holders")}),
        (_("Details"), {"fields": ("created_at", "deleted_at")}),
    )

    @display(description=_("Its holders can"))
    def allows(self, role: CustomRole) -> SafeString:
        held = role.permissions_on(Level.ORGANIZATION)
        labels = ((permission.label,) for permission in in_order(held))
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", labels))

    @display(description=_("Memberships with this role"))
    def holders(self, role: CustomRole) -> int:
        return Membership.objects.filter(custom_role=role).count()
