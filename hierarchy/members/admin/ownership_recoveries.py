"""Recoveries of ownership in the admin."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from config.side_bar import Entry, Heading
from hierarchy import dates
from hierarchy.console.views.pages import ask_password_again
from hierarchy.members.actions import ownership, ownership_recoveries
from hierarchy.models import Organization, OwnershipRecovery, RecoveryState
from hierarchy.roles import Permission
from hierarchy.staff.admin.base import HierarchyAdmin, WrittenOnce, actor
from hierarchy.staff.admin.filters import RowFilter
from hierarchy.staff.admin.unfold_widgets import badge, instant_of
from hierarchy.staff.admin.verbs import Verb, always

STATES = {
    RecoveryState.RUNNING.value: "info",
    RecoveryState.COMPLETED.value: "success",
    RecoveryState.CANCELLED.value: "warning",
}


@admin.register(OwnershipRecovery)
class OwnershipRecoveryAdmin(WrittenOnce, HierarchyAdmin):
    """Started here, for an organization that has lost its owners; completed after a while."""

    side_bar = Entry(Heading.HANDING_OVER, 2, _("Ownership recoveries"), "how_to_reg")
    own_reason = "reason"
    list_display = ("organization", "user", "state_label", "created_at", "due")
    list_filter = (
        ("organization", RowFilter),
        ("state", ChoicesDropdownFilter),
    )
    list_select_related = ("organization", "user", "started_by")
    autocomplete_fields = ("organization", "user")
    fieldsets = (
        (None, {"fields": ("organization", "user", "reason")}),
        (_("Details"), {"fields": ("state_label", "started_by", "created_at", "due", "ended_at")}),
    )
    verbs = (
        Verb(
            "complete",
            _("Complete"),
            ownership_recoveries.complete,
            icon="how_to_reg",
            variant=ActionVariant.PRIMARY,
            question=_("Complete the recovery “%(row)s”?"),
            done=_("%(row)s: completed."),
            explanation=_("The person becomes the organization's owner."),
            offered=lambda row: row.is_due,
            is_dangerous=always,
        ),
        Verb(
            "cancel",
            _("Cancel recovery"),
            ownership_recoveries.cancel,
            icon="block",
            variant=ActionVariant.DANGER,
            question=_("Cancel the recovery “%(row)s”?"),
            done=_("%(row)s: cancelled. The ownership is unchanged."),
            offered=lambda row: row.is_running,
        ),
    )

    due = instant_of("due_at", _("Can be completed from"))

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm(Permission.TRANSFER_ORGANIZATION.full_name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def get_fieldsets(self, request: HttpRequest, obj: object = None) -> object:
        if obj:
            return self.fieldsets
        fields = ("organization", "user", "reason")
        return ((None, {"fields": fields, "description": _what_happens()}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows: QuerySet[Model] = super().get_queryset(request)
        return rows.select_related("organization", "user", "started_by")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, object]:
        """Propose the successor whom the owners had named, if they still can become an owner.

        Nobody else: anyone who makes an address could propose whom they like.
        """
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        initial.pop("user", None)
        if "organization" in initial:
            organization = Organization.objects.filter(pk=initial["organization"]).first()
            if organization and (proposed := ownership.successor(organization)):
                initial["user"] = proposed.pk
        return initial

    def response_add(
        self, request: HttpRequest, obj: OwnershipRecovery, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Say what has happened, and what is still to be done."""
        words = {
            "person": obj.user,
            "organization": obj.organization,
            "date": dates.in_words(obj.due_at),
        }
        sentence = _(
            "The recovery has been announced. From %(date)s, you can complete it here:"
            " %(person)s then becomes the owner of %(organization)s."
        )
        messages.success(request, sentence % words)
        return redirect(self.row_url(obj))

    def may(self, request: HttpRequest, row: OwnershipRecovery, verb: str) -> bool:
        return bool(self.has_view_permission(request))

    def create_row(self, request: HttpRequest, form: Any) -> OwnershipRecovery:
        data = form.cleaned_data
        ask_password_again(request)
        return ownership_recoveries.start(
            data["organization"], data["user"], reason=data["reason"], by=actor(request)
        )

    @display(description=_("State"))
    def state_label(self, row: OwnershipRecovery) -> SafeString:
        return badge(row.get_state_display(), STATES[row.state])


def _what_happens() -> str:
    """Return what announcing does, and when the rest can be done."""
    sentence = ngettext(
        "Nothing changes right away. The organization's address, the members who manage it"
        " and the new owner get an e-mail with your reason, and have %(days)s day to object."
        " After that, come back to complete the recovery or cancel it.",
        "Nothing changes right away. The organization's address, the members who manage it"
        " and the new owner get an e-mail with your reason, and have %(days)s days to object."
        " After that, come back to complete the recovery or cancel it.",
        settings.RECOVERY_DAYS,
    )
    return sentence % {"days": settings.RECOVERY_DAYS}
