"""Workspaces in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.side_bar import Entry, Heading
from hierarchy.models import Workspace
from hierarchy.nodes.actions import workspaces
from hierarchy.nodes.admin.nodes import NodeAdmin
from hierarchy.roles import Level, Permission
from hierarchy.staff.admin.base import actor, holds_anywhere
from hierarchy.staff.admin.filters import RowFilter, StateFilter


@admin.register(Workspace)
class WorkspaceAdmin(NodeAdmin):
    side_bar = Entry(Heading.TREE, 2, _("Workspaces"), "workspaces")
    level = Level.WORKSPACE
    list_display = ("title", "organization", "state", "created_at")
    sortable_by = ("title",)
    list_filter = (("organization", RowFilter), StateFilter)
    autocomplete_fields = ("organization",)
    add_fieldsets = ((None, {"fields": ("organization", "name", "slug", "website")}),)
    fieldsets = (
        (None, {"fields": ("organization", "name", "slug", "website")}),
        (_("Details"), {"fields": ("state", "public_id", "created_at")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "organization") if obj else self.readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return holds_anywhere(request.user, Permission.ADD_WORKSPACE)

    def create_row(self, request: HttpRequest, form: Any) -> Workspace:
        data = form.cleaned_data
        return workspaces.create(
            data["organization"],
            by=actor(request),
            name=data["name"],
            slug=data["slug"],
            website=data["website"],
        )
