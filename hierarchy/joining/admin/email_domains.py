"""E-mail domains in the admin: who has proved to hold which, and what it opens."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy.models import EmailDomain
from hierarchy.roles import Permission
from hierarchy.staff.admin.read_only import OF_ORGANIZATION, ReadOnlyAdmin


@admin.register(EmailDomain)
class EmailDomainAdmin(ReadOnlyAdmin):
    side_bar = Entry(Heading.JOINING, 3, _("E-mail domains"), "language")
    view = Permission.CHANGE_ORGANIZATION
    list_display = ("domain", "organization", "mode", "role_label", "verified_at", "failing_since")
    list_filter = (OF_ORGANIZATION, ("mode", ChoicesDropdownFilter))
    search_fields = ("domain",)
    search_lookup = "domain"
    search_help_text = _("The full domain")
    fieldsets = (
        (None, {"fields": ("domain", "organization", "mode", "role_label")}),
        (_("Verification"), {"fields": ("challenge_name", "challenge_value", "verified_at")}),
        (_("Details"), {"fields": ("created_at", "last_checked_at", "failing_since")}),
    )

    @display(description=_("Role"))
    def role_label(self, row: EmailDomain) -> str:
        return str(row.given_role.label)

    @display(description=_("TXT record name"))
    def challenge_name(self, row: EmailDomain) -> str:
        return row.challenge_name

    @display(description=_("TXT record value"))
    def challenge_value(self, row: EmailDomain) -> str:
        return row.challenge_value
