"""The worker's jobs in the admin: to see what failed, and to run it again."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import admin as _registered_first  # noqa: F401 - replaced below
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from config.periodic_task import outcome_of
from config.side_bar import Entry, Heading
from config.versions import Shown
from hierarchy.staff.actions import jobs
from hierarchy.staff.admin.base import HierarchyAdmin
from hierarchy.staff.admin.unfold_widgets import badge
from hierarchy.staff.admin.verbs import Verb

STATUSES = {
    Status.TODO.value: "info",
    Status.DOING.value: "info",
    Status.SUCCEEDED.value: "success",
    Status.FAILED.value: "danger",
    Status.CANCELLED.value: "warning",
    Status.ABORTED.value: "warning",
}

admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(HierarchyAdmin):
    side_bar = Entry(Heading.RECORD, 5, _("Jobs"), "manufacturing")
    is_told = False
    list_display = ("task_name", "status_label", "attempts", "scheduled_at", "id")
    list_filter = (("status", ChoicesDropdownFilter),)
    ordering = ("-id",)
    sortable_by = ()
    fields = (
        "task_name",
        "status_label",
        "args",
        "outcome",
        "attempts",
        "scheduled_at",
        "queue_name",
        "lock",
        "queueing_lock",
        "priority",
    )
    verbs = (
        Verb(
            "retry",
            _("Run again"),
            jobs.retry,
            icon="replay",
            variant=ActionVariant.PRIMARY,
            question=_("Run %(row)s again?"),
            done=_("Queued again: %(row)s."),
            offered=lambda row: row.status == Status.FAILED.value,
            label_of_many=_("Run again"),
        ),
    )

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("procrastinate.view_procrastinatejob")

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return self.fields

    def shown(self, row: ProcrastinateJob) -> Shown:
        return jobs.shown(row)

    def may(self, request: HttpRequest, row: ProcrastinateJob, verb: str) -> bool:
        return request.user.has_perm(jobs.CHANGE_JOB)

    @display(description=_("Status"))
    def status_label(self, row: ProcrastinateJob) -> SafeString:
        return badge(row.status.capitalize(), STATUSES.get(row.status, ""))

    @display(description=_("Outcome"))
    def outcome(self, row: ProcrastinateJob) -> str:
        return outcome_of(row.pk) or "-"
