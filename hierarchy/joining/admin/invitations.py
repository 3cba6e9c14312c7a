"""Invitations in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from config.side_bar import Entry, Heading
from hierarchy import access
from hierarchy.console.views.pages import ask_password_for_ownership
from hierarchy.joining.actions import invitations
from hierarchy.models import Invitation, State
from hierarchy.roles import INVITE_MEMBER, VIEW_MEMBER, Role, owns
from hierarchy.staff.admin.base import WrittenOnce, actor, holds_anywhere
from hierarchy.staff.admin.filters import CurrentStateFilter, RowFilter
from hierarchy.staff.admin.paths import PATH_FIELDS, PathAdmin, PathForm
from hierarchy.staff.admin.unfold_widgets import badge, instant_of
from hierarchy.staff.admin.verbs import Verb

STATES = {
    State.PENDING.value: "info",
    State.ACCEPTED.value: "success",
    State.DECLINED.value: "warning",
    State.REVOKED.value: "warning",
    State.EXPIRED.value: "danger",
}


def _is_undecided(row: Invitation) -> bool:
    return row.state in (State.PENDING, State.EXPIRED)


class InvitationForm(PathForm):
    days = forms.IntegerField(
        label=_("Expires after (days)"),
        initial=lambda: settings.INVITATION_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )


@admin.register(Invitation)
class InvitationAdmin(WrittenOnce, PathAdmin):
    side_bar = Entry(Heading.JOINING, 1, _("Invitations"), "forward_to_inbox")
    view = VIEW_MEMBER
    form = InvitationForm
    list_display = ("email", "where", "role", "state_label", "mail_state", "good_until")
    list_filter = (
        ("organization", RowFilter),
        ("state", CurrentStateFilter),
        ("role", ChoicesDropdownFilter),
    )
    search_fields = ("email",)
    search_lookup = "email"
    search_help_text = _("The full e-mail address")
    add_fieldsets = (
        (None, {"fields": ("email", "role", "message", "days")}),
        (_("Where"), {"fields": PATH_FIELDS}),
    )
    fieldsets = (
        (None, {"fields": ("email", "where", "role", "message")}),
        (
            _("Details"),
            {
                "fields": (
                    "state_label",
                    "mail_state",
                    "invited_by",
                    "created_at",
                    "good_until",
                    "access_until",
                    "decided_at",
                    "accepted_by",
                )
            },
        ),
    )
    verbs = (
        Verb(
            "resend",
            _("Send again"),
            invitations.resend,
            icon="forward_to_inbox",
            variant=ActionVariant.PRIMARY,
            question=_("Send the invitation “%(row)s” again?"),
            done=_("A new link is on its way: %(row)s."),
            explanation=_(
                "The previous link stops working, and the offer is in your name from now on."
            ),
            offered=_is_undecided,
            is_dangerous=lambda row: owns(row.permissions, row.level),
        ),
        Verb(
            "revoke",
            _("Revoke"),
            invitations.revoke,
            icon="block",
            variant=ActionVariant.DANGER,
            question=_("Revoke the invitation “%(row)s”?"),
            done=_("Revoked: %(row)s."),
            explanation=_("Its link stops working."),
            offered=_is_undecided,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).select_related("mail", "invited_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return holds_anywhere(request.user, *INVITE_MEMBER.values())

    def may(self, request: HttpRequest, row: Invitation, verb: str) -> bool:
        return access.can(request.user, INVITE_MEMBER[row.level], row.node)

    def create_row(self, request: HttpRequest, form: Any) -> Invitation:
        data = form.cleaned_data
        ask_password_for_ownership(request, data["node"].level, Role(data["role"]))
        return invitations.send(
            data["node"],
            data["email"],
            Role(data["role"]),
            by=actor(request),
            message=data["message"],
            days=data["days"],
        )

    good_until = instant_of("expires_at", _("Valid until"))
    access_until = instant_of("access_ends_at", _("Access until"))

    @display(description=_("State"))
    def state_label(self, row: Invitation) -> SafeString:
        return badge(row.current_state.label, STATES[row.current_state])

    @display(description=_("Delivery"))
    def mail_state(self, row: Invitation) -> str:
        return row.mail.get_state_display() if row.mail else "-"
