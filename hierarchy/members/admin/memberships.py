"""Memberships in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from config.side_bar import Entry, Heading
from config.versions import Shown
from hierarchy import access
from hierarchy.console.views.pages import ask_password_for_ownership
from hierarchy.members.actions import memberships
from hierarchy.models import Membership
from hierarchy.models.way_in import say_way_in
from hierarchy.roles import CHANGE_MEMBER, INVITE_MEMBER, REMOVE_MEMBER, VIEW_MEMBER, Role
from hierarchy.staff.admin.base import actor, holds_anywhere
from hierarchy.staff.admin.filters import RowFilter
from hierarchy.staff.admin.paths import PATH_FIELDS, PathAdmin, PathForm
from hierarchy.staff.admin.unfold_widgets import badge, instant_of
from hierarchy.staff.admin.verbs import Verb, always


class MembershipForm(PathForm):
    """A membership, of which the role can be changed."""

    def shown(self) -> Shown:
        return self.instance.shown_role  # type: ignore[no-any-return]


@admin.register(Membership)
class MembershipAdmin(PathAdmin):
    side_bar = Entry(Heading.ACCESS, 1, _("Memberships"), "badge")
    view = VIEW_MEMBER
    form = MembershipForm
    list_display = ("person", "where", "role", "status_label", "created_at")
    list_filter = (
        ("organization", RowFilter),
        ("role", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
    )
    search_fields = ("user__email",)
    search_lookup = "user__email__startswith"
    search_help_text = _("Beginning of the e-mail address")
    autocomplete_fields = (*PATH_FIELDS, "user")
    add_fieldsets = (
        (None, {"fields": ("user", "role")}),
        (
            _("Where"),
            {
                "fields": PATH_FIELDS,
                "description": _(
                    "An application, a workspace or an organization. The person also gets"
                    " access to everything beneath it."
                ),
            },
        ),
    )
    fieldsets = (
        (None, {"fields": ("user", "where", "role")}),
        (
            _("Details"),
            {"fields": ("status_label", "begins", "ends", "created_at", "way_in_words")},
        ),
    )
    verbs = (
        Verb(
            "suspend",
            _("Suspend"),
            memberships.suspend,
            icon="pause_circle",
            question=_("Suspend the membership “%(row)s”?"),
            done=_("%(row)s: suspended."),
            explanation=_(
                "The person loses access there and below until the membership is reactivated."
            ),
            offered=lambda row: row.is_active,
            label_of_many=_("Suspend"),
        ),
        Verb(
            "reactivate",
            _("Reactivate"),
            memberships.reactivate,
            icon="play_circle",
            variant=ActionVariant.PRIMARY,
            question=_("Reactivate the membership “%(row)s”?"),
            done=_("%(row)s: active again."),
            offered=lambda row: not row.is_active,
            label_of_many=_("Reactivate"),
        ),
        Verb(
            "remove",
            _("Remove"),
            memberships.remove,
            icon="person_remove",
            variant=ActionVariant.DANGER,
            question=_("Remove the membership “%(row)s”?"),
            done=_("%(row)s: removed."),
            explanation=_(
                "The membership ends, along with the person's memberships beneath it."
                " Invitations and offers they made there that nobody has accepted are revoked."
            ),
            is_dangerous=always,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).select_related("user")

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        facts = ("where", "status_label", "begins", "ends", "created_at", "way_in_words")
        return (*facts, "user") if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Adding without asking is for staff who may do so everywhere; others invite."""
        needed = (*INVITE_MEMBER.values(), *VIEW_MEMBER.values())
        return all(request.user.has_perm(p.full_name) for p in needed)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return holds_anywhere(request.user, *CHANGE_MEMBER.values())
        return self.may(request, obj, "change_role")

    def may(self, request: HttpRequest, row: Membership, verb: str) -> bool:
        permissions = REMOVE_MEMBER if verb == "remove" else CHANGE_MEMBER
        return access.can(request.user, permissions[row.level], row.node)

    def create_row(self, request: HttpRequest, form: Any) -> Membership:
        data = form.cleaned_data
        role = Role(form.cleaned_data["role"])
        ask_password_for_ownership(request, data["node"].level, role)
        return memberships.add(data["node"], data["user"], role, by=actor(request))

    def change_row(self, request: HttpRequest, row: Membership, form: Any) -> None:
        role = Role(form.cleaned_data["role"])
        version = form.cleaned_data["version"]
        if not role.is_custom:  # that stands for the custom role that the member has
            before = Membership.objects.get(pk=row.pk)
            ask_password_for_ownership(request, row.level, before.given_role, role)
            memberships.change_role(row, role, by=actor(request), version=version)

    @display(description=_("Person"), header=True)
    def person(self, row: Membership) -> list[str]:
        return [row.user.get_full_name() or row.user.email, row.user.email]

    begins = instant_of("starts_at", _("From"))
    ends = instant_of("ends_at", _("Until"))

    @display(description=_("Status"))
    def status_label(self, row: Membership) -> SafeString:
        return badge(row.standing, "success" if row.is_in_force else "warning")

    @display(description=_("How they joined"))
    def way_in_words(self, row: Membership) -> str:
        """Say it with the name of the staff member, which the members' own pages don't."""
        who = str(row.invited_by) if row.invited_by else ""
        return say_way_in(row.way_in, who, row.way_in_detail)
