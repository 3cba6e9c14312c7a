"""The record in the admin: to be read, by nobody to be changed."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from config.side_bar import Entry, Heading
from hierarchy import audit, visible
from hierarchy.models import AuditEvent
from hierarchy.roles import Permission
from hierarchy.staff.admin.base import HierarchyAdmin, WrittenOnce, holds_anywhere
from hierarchy.staff.admin.filters import (
    ActorFilter,
    ApplicationFilter,
    OrganizationFilter,
    TimeFilter,
    WorkspaceFilter,
)

READ = Permission.VIEW_AUDIT_LOG


class ActionFilter(DropdownFilter):
    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(name, name) for name in audit.actions()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(WrittenOnce, HierarchyAdmin):
    side_bar = Entry(Heading.RECORD, 1, _("Activity"), "history")
    list_display = ("what", "node_label", "door", "created_at")
    list_filter = (
        OrganizationFilter,
        WorkspaceFilter,
        ApplicationFilter,
        ActorFilter,
        ActionFilter,
        ("created_at", TimeFilter),
    )
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("sentence", "node_label", "before_and_after")}),
        (
            _("Context"),
            {
                "fields": (
                    "created_at",
                    "acted_as",
                    "reason",
                    "door",
                    "address",
                    "user_agent",
                    "request_id",
                )
            },
        ),
        (_("Identity"), {"fields": ("public_id", "number", "action", "actor_id", "target")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        """Return all events to who may read them everywhere, else those of one's organizations."""
        events = AuditEvent.objects.with_people().order_by(*self.ordering)
        if request.user.has_perm(READ.full_name):
            return events
        organizations = visible.organizations_for(request.user, to=READ, as_staff=True)
        return events.filter(organization_id__in=list(organizations.values_list("pk", flat=True)))

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Rows are those of `get_queryset`, so to see one is to have found it there."""
        return holds_anywhere(request.user, READ)

    @display(description=_("What happened"), header=True)
    def what(self, event: AuditEvent) -> list[str]:
        return [self.sentence(event), event.action]

    @admin.display(description=_("What happened"))
    def sentence(self, event: AuditEvent) -> str:
        (told,) = audit.tell([event], to_staff=True)
        return f"{told.subject} {told.sentence}"

    @display(description=_("Target"))
    def target(self, event: AuditEvent) -> str:
        return f"{event.target_type} {event.target_id or ''}: {event.target_label}"

    @display(description=_("IP address"))
    def address(self, event: AuditEvent) -> str:
        return str(event.whereabouts.address or "") if event.whereabouts else ""

    @display(description=_("Browser"))
    def user_agent(self, event: AuditEvent) -> str:
        return event.whereabouts.user_agent if event.whereabouts else ""

    @display(description=_("Before and after"))
    def before_and_after(self, event: AuditEvent) -> SafeString:
        (told,) = audit.tell([event], to_staff=True)
        rows = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
            ((field, before, after) for field, (before, after) in told.changes.items()),
        )
        if not rows:
            return SafeString("-")
        head = format_html(
            '<tr><td></td><th scope="col">{}</th><th scope="col">{}</th></tr>',
            _("Before"),
            _("After"),
        )
        return format_html('<table class="before-after">{}{}</table>', head, rows)
