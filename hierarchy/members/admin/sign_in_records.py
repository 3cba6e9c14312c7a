"""Records that django-allauth and Django keep about people, for staff to read in the admin.

People change their addresses, factors and devices themselves. No list shows a secret, such as keys
of sessions.
"""

from __future__ import annotations

from typing import Any

from allauth.account import admin as _account  # noqa: F401 - registered first, replaced below
from allauth.account.models import EmailAddress
from allauth.usersessions import admin as _usersessions  # noqa: F401
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from config.closed_admin import ClosedAdmin
from config.side_bar import Entry, Heading

for model in (EmailAddress, UserSession):
    admin.site.unregister(model)


class AboutPerson(ClosedAdmin):
    """Rows about a person, to be read: found by the beginning of the person's address."""

    search_fields = ("user__email",)
    search_help_text = _("Beginning of the e-mail address")
    list_select_related = ("user",)
    list_per_page = 50
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator  # counts nothing
    show_full_result_count = False
    actions = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        (field,) = self.search_fields
        return queryset.filter(**{f"{field}__startswith": search_term.strip().lower()}), False

    @admin.display(description=_("E-mail address"))
    def address(self, row: Any) -> str:
        """Show what the list is searched by."""
        return str(row.user.email)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(EmailAddress)
class EmailAddressAdmin(AboutPerson):
    side_bar = Entry(Heading.SIGN_IN, 1, _("E-mail addresses"), "alternate_email")
    search_fields = ("email",)
    list_display = ("email", "user", "verified", "primary")
    fields = ("email", "user", "verified", "primary")


@admin.register(UserSession)
class UserSessionAdmin(AboutPerson):
    side_bar = Entry(Heading.SIGN_IN, 3, _("Devices"), "devices")
    list_display = ("user", "address", "ip", "user_agent", "created_at", "last_seen_at")
    fields = ("user", "ip", "user_agent", "created_at", "last_seen_at")
