"""Mails on their way out, in the admin: to see whether they left, and to try again."""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from accounts.sealing import UNREADABLE
from config.side_bar import Entry, Heading
from hierarchy import outbox
from hierarchy.models import MailState, OutgoingMail
from hierarchy.staff.actions import mails
from hierarchy.staff.admin.base import HierarchyAdmin, WrittenOnce
from hierarchy.staff.admin.unfold_widgets import badge
from hierarchy.staff.admin.verbs import Verb

STATES = {
    MailState.QUEUED.value: "info",
    MailState.SENDING.value: "info",
    MailState.SENT.value: "success",
    MailState.FAILED.value: "danger",
    MailState.WITHHELD.value: "warning",
}


@admin.register(OutgoingMail)
class MailAdmin(WrittenOnce, HierarchyAdmin):
    side_bar = Entry(Heading.RECORD, 4, _("E-mails"), "mail")
    list_display = ("recipient", "template", "state_label", "attempts", "why", "created_at")
    list_filter = (("state", ChoicesDropdownFilter),)
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("recipient", "template", "language", "organization", "says")}),
        (
            _("Delivery"),
            {
                "fields": (
                    "state_label",
                    "why_withheld",
                    "attempts",
                    "last_error",
                    "created_at",
                    "sent_at",
                    "message_id",
                )
            },
        ),
    )
    verbs = (
        Verb(
            "resend",
            _("Send again"),
            mails.resend,
            icon="forward_to_inbox",
            variant=ActionVariant.PRIMARY,
            question=_("Send the e-mail to %(row)s again?"),
            done=_("Queued again: %(row)s."),
            offered=lambda row: row.state == MailState.FAILED,
            label_of_many=_("Send again"),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return OutgoingMail.objects.select_related("organization").order_by(*self.ordering)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("hierarchy.view_outgoingmail")

    def may(self, request: HttpRequest, row: OutgoingMail, verb: str) -> bool:
        return request.user.has_perm(mails.CHANGE_MAIL)

    @display(description=_("State"))
    def state_label(self, row: OutgoingMail) -> SafeString:
        return badge(row.get_state_display(), STATES[row.state])

    @display(description=_("Problem"))
    def why(self, row: OutgoingMail) -> str:
        return str(row.get_withheld_because_display()) or row.last_error or "-"

    @display(description=_("Withheld because"))
    def why_withheld(self, row: OutgoingMail) -> str:
        return str(row.get_withheld_because_display()) or "-"

    @display(description=_("Content"))
    def says(self, row: OutgoingMail) -> SafeString:
        """Show what the mail is made of, without what it lets its reader do."""
        try:
            context = row.context
        except InvalidToken:
            return format_html("{}", UNREADABLE)
        if not context:
            return format_html("{}", _("Removed, because the e-mail has been sent or withheld."))
        shown = ((k, "•••" if k in outbox.SECRETS else value) for k, value in context.items())
        rows = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', shown)
        return format_html('<table class="before-after"><tbody>{}</tbody></table>', rows)
