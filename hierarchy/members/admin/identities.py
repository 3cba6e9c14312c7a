"""E-mail addresses without an account that the activity names, in the admin: to erase them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy.members.actions import accounts
from hierarchy.models import Identity, Organization
from hierarchy.staff.admin.base import HierarchyAdmin, WrittenOnce
from hierarchy.staff.admin.verbs import erasing


@admin.register(Identity)
class IdentityAdmin(WrittenOnce, HierarchyAdmin):
    """Of people with an account the page of the person has the button."""

    side_bar = Entry(Heading.RECORD, 2, _("Addresses in the activity"), "person_cancel")
    list_display = ("email", "name", "organization")
    ordering = ("email", "id")
    sortable_by = ()
    search_fields = ("email",)
    search_lookup = "email__startswith"
    search_help_text = _("Beginning of the e-mail address")
    fieldsets = ((None, {"fields": ("email", "name", "organization")}),)
    verbs = (
        erasing(
            accounts.erase_address,
            question=_("Erase %(row)s from the activity of every organization?"),
            done=_("The address has been erased. The activity now says “a former member” instead."),
            explanation=_(
                "Everything sent to the address is deleted too, including open invitations."
                " This can't be undone."
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        name = Organization.objects.filter(pk=OuterRef("organization_id")).values("name")
        rows = Identity.objects.filter(person_id=None, erased_at=None)
        return rows.annotate(place=Subquery(name)).order_by(*self.ordering)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm(accounts.CHANGE_USER)

    def may(self, request: HttpRequest, row: Identity, verb: str) -> bool:
        return bool(self.has_view_permission(request))

    @display(description=_("Organization"))
    def organization(self, row: Any) -> str:
        return row.place or "-"
