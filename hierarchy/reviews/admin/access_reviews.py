"""Access reviews in the admin: how far each has come, and what its evidence must sum up to."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy.models import AccessReview
from hierarchy.roles import Permission
from hierarchy.staff.admin.read_only import ReadOnlyAdmin
from hierarchy.staff.admin.unfold_widgets import instant_of


@admin.register(AccessReview)
class AccessReviewAdmin(ReadOnlyAdmin):
    side_bar = Entry(Heading.ACCESS, 3, _("Access reviews"), "fact_check")
    view = Permission.CHANGE_ORGANIZATION_MEMBER
    related = ("started_by",)
    list_display = ("where", "state_label", "started_by", "created_at", "due", "ended_at")
    fieldsets = (
        (None, {"fields": ("where", "former_workspace", "state_label", "started_by", "answered")}),
        (_("Details"), {"fields": ("created_at", "due", "escalated_at", "ended_at")}),
        (_("Evidence"), {"fields": ("csv_sha256", "jsonl_sha256")}),
    )

    due = instant_of("due_at", _("Due"))

    @display(description=_("Answered"))
    def answered(self, review: AccessReview) -> str:
        counts = {"answered": review.size - review.count_unanswered(), "all": review.size}
        return _("%(answered)d of %(all)d") % counts
