"""Base of the admin of organizations, workspaces and applications."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.db.models.lookups import StartsWith
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from config.versions import Shown
from config.web import request_context
from hierarchy import access, visible
from hierarchy.console.forms.nodes import ConfirmationForm
from hierarchy.models import Membership, Node
from hierarchy.models.node import PLAIN_NAME
from hierarchy.nodes.actions import nodes
from hierarchy.roles import CHANGE, DELETE, VIEW, VIEW_MEMBER, VIEW_SETTINGS, Level, Permission
from hierarchy.setting_definitions import Group
from hierarchy.settings.admin import node_settings
from hierarchy.staff.admin.action_forms import ActionForm
from hierarchy.staff.admin.base import actor, holds_anywhere
from hierarchy.staff.admin.filters import StateFilter
from hierarchy.staff.admin.page_tabs import Tab, TabbedAdmin
from hierarchy.staff.admin.unfold_widgets import badge, dress
from hierarchy.staff.admin.verbs import Verb, always

MOST_MEMBERS = 100


class NodeForm(ActionForm):
    """A node as it is."""

    def shown(self) -> Shown:
        return nodes.shown_to_edit(self.instance)

    def changes(self) -> dict[str, object]:
        """Return the fields that the person has changed, as the action takes them."""
        names = [name for name in self.changed_data if name in nodes.GENERAL[self.instance.level]]
        return {name: self.cleaned_data[name] for name in names}


def _typed_name(row: Node, data: object) -> ConfirmationForm:
    form = ConfirmationForm(data, name=row.name)
    form.fields["confirmation"].label = _("Type %(name)s to confirm") % {"name": row.name}
    return form


class NodeAdmin(TabbedAdmin):
    """The list, the form, the pages and the buttons of one level of the tree."""

    level: ClassVar[Level]
    form = NodeForm
    in_palette = True
    ordering = ("name", "id")
    list_filter: tuple[object, ...] = (StateFilter,)
    search_fields = ("name",)  # how it is really searched is in get_search_results
    search_help_text = _("Beginning of the name, or public ID")
    readonly_fields = ("public_id", "state", "created_at")
    actions_detail: tuple[str, ...] = ("open_in_console",)
    verbs = (
        Verb(
            "suspend",
            _("Suspend"),
            nodes.suspend,
            icon="pause_circle",
            question=_("Suspend %(row)s?"),
            done=_("%(row)s has been suspended."),
            explanation=_(
                "Until it is resumed, people with access can still read everything in it, but"
                " nothing can be changed and its applications aren't served."
            ),
            offered=lambda row: not row.is_deleted and row.suspended_at is None,
            label_of_many=_("Suspend"),
        ),
        Verb(
            "resume",
            _("Resume"),
            nodes.resume,
            icon="play_circle",
            variant=ActionVariant.PRIMARY,
            question=_("Resume %(row)s?"),
            done=_("%(row)s has been resumed."),
            offered=lambda row: not row.is_deleted and row.suspended_at is not None,
            label_of_many=_("Resume"),
        ),
        Verb(
            "restore",
            _("Restore"),
            nodes.restore,
            icon="restore_from_trash",
            variant=ActionVariant.PRIMARY,
            question=_("Restore %(row)s?"),
            done=_("%(row)s has been restored, along with everything in it."),
            offered=lambda row: row.deleted_at is not None,
            label_of_many=_("Restore from the trash"),
        ),
        Verb(
            "delete",
            _("Delete"),
            nodes.delete,
            icon="delete",
            variant=ActionVariant.DANGER,
            question=_("Delete %(row)s?"),
            done=_("%(row)s has been moved to the trash."),
            explanation=_(
                "It moves to the trash for 30 days, along with everything in it. Its"
                " people lose access right away."
            ),
            offered=lambda row: not row.is_deleted,
            is_dangerous=always,
            confirmation=_typed_name,
        ),
    )

    # --- What is visible, and what may be done --------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        find: Any = {
            Level.ORGANIZATION: visible.organizations_for,
            Level.WORKSPACE: visible.workspaces_for,
            Level.APPLICATION: visible.applications_for,
        }[self.level]
        rows: QuerySet[Model] = find(request.user, to=VIEW[self.level], as_staff=True)
        return rows.order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        """Search by what has an index: the beginning of the name, or the whole public id.

        The index also gives the order. In any other one PostgreSQL would read all names that come
        before the first that matches (docs/decisions/grant-map.md).
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        found = queryset.filter(_matching(term))
        if found.query.order_by[: len(self.ordering)] == self.ordering:  # nobody chose another
            found = found.order_by(PLAIN_NAME, "id")
        return found, False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return holds_anywhere(request.user, VIEW[self.level])
        return access.can(request.user, VIEW[self.level], obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return holds_anywhere(request.user, CHANGE[self.level])
        return not obj.is_deleted and node_settings.may_change(request.user, obj)

    def may(self, request: HttpRequest, row: Any, verb: str) -> bool:
        if verb == "open_in_console":
            return VIEW[self.level] in access.held(request.user, row)
        return access.can(request.user, DELETE[self.level], row)

    def offers(self, row: Node) -> set[str]:
        offered = super().offers(row)
        return offered if row.is_deleted else offered | {"open_in_console"}

    def change_row(self, request: HttpRequest, row: Any, form: Any) -> None:
        changes = form.changes()
        if changes:
            nodes.edit(row, by=actor(request), version=form.cleaned_data["version"], **changes)

    # --- Columns --------------------------------------------------------------------------------

    @display(description=_("Name"), header=True, ordering="name")
    def title(self, row: Node) -> list[str]:
        return [row.name, "/".join(row.slugs.values())]

    @display(description=_("State"))
    def state(self, row: Node) -> SafeString:
        if row.is_deleted:
            return badge(_("In the trash"), "danger")
        if row.suspended_by is not None:
            return badge(_("Suspended"), "warning")
        return badge(_("Active"), "success")

    # --- Links ----------------------------------------------------------------------------------

    @action(description=_("Open in the console"), icon="open_in_new")
    def open_in_console(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row_or_404(request, object_id)
        return redirect(reverse("console:detail", kwargs=row.slugs))

    # --- Pages ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        settings_page = self.admin_site.admin_view(self.settings_page)
        people_page = self.admin_site.admin_view(self.people_page)
        own = [
            path("<int:pk>/settings/<str:group>/", settings_page, name=f"{name}_settings"),
            path("<int:pk>/people/", people_page, name=f"{name}_people"),
        ]
        return [*own, *super().get_urls()]

    def settings_page(self, request: HttpRequest, pk: int, group: str) -> HttpResponse:
        """Show what holds in one group of settings, and let it be changed."""
        node = self.row_or_404(request, str(pk))
        if group not in Group.values:
            raise Http404
        if not access.can(request.user, VIEW_SETTINGS[self.level], node):
            self.note_refusal(request, str(pk), str(_("Change the settings")))
            raise PermissionDenied
        form = node_settings.form_for(request, node, Group(group))
        reason = self.reason_form(request)
        if form.is_valid() and reason.is_valid():
            with request_context.because(reason.words):
                is_saved = node_settings.save(request, form, node, Group(group))
            if is_saved:
                return redirect(request.path)
        context: dict[str, Any] = {
            "status": 409 if form.stale else 200,
            "form": dress(form),
            "reason": reason,
            "may_change": len(form.locked) < len(form.effective),
            "page_tabs": self.tabs(request, node, group),
        }
        return self.page(request, "admin/hierarchy/settings.html", node, title=node.name, **context)

    def people_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show who holds what on the node, and from which node that comes."""
        node = self.row_or_404(request, str(pk))
        if not access.can(request.user, VIEW_MEMBER[self.level], node):
            raise PermissionDenied
        rows = Membership.objects.on_path(node).with_nodes().select_related("user")
        context: dict[str, Any] = {
            "memberships": rows.order_by("workspace_id", "application_id", "-id")[:MOST_MEMBERS],
            "most": MOST_MEMBERS,
            "page_tabs": self.tabs(request, node, "people"),
        }
        return self.page(request, "admin/hierarchy/people.html", node, title=node.name, **context)

    def pages_of(self, request: HttpRequest, node: Any) -> list[Tab]:
        tabs: list[Tab] = [("change", _("General"), self.row_url(node))]
        if access.can(request.user, VIEW_SETTINGS[self.level], node):
            tabs += [(g.value, g.label, self.row_url(node, "settings", g.value)) for g in Group]
        if access.can(request.user, VIEW_MEMBER[self.level], node):
            tabs.append(("people", _("Access"), self.row_url(node, "people")))
        if access.can(request.user, Permission.VIEW_AUDIT_LOG, node):
            events = reverse("admin:hierarchy_auditevent_changelist")
            tabs.append(("activity", _("Activity"), f"{events}?{self.level}_id={node.pk}"))
        return tabs


def _matching(term: str) -> Q:
    found = Q(StartsWith(PLAIN_NAME, term.lower()))
    try:
        return found | Q(public_id=UUID(term))
    except ValueError:
        return found
