"""Base of the admin of rows that hang on a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from hierarchy import access, visible
from hierarchy.access import Anybody
from hierarchy.models import Path
from hierarchy.roles import ByLevel, Level, Role
from hierarchy.staff.admin.action_forms import ActionForm
from hierarchy.staff.admin.base import HierarchyAdmin, holds_anywhere

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

PATH_FIELDS = ("organization", "workspace", "application")


class PathForm(ActionForm):
    """A new row of a node: naming the application is enough, or the workspace, or neither."""

    def clean(self) -> dict[str, object] | None:
        data = super().clean() or self.cleaned_data
        if PATH_FIELDS[0] in self.fields and not self.errors:
            try:
                data["node"] = _deepest(data)
            except forms.ValidationError as error:
                self.add_error(None, error)
        return data


class PathAdmin(HierarchyAdmin):
    """A list of rows on nodes where the person holds the level's `view` permission."""

    view: ClassVar[ByLevel]
    form = PathForm
    ordering = ("-id",)
    sortable_by = ()
    autocomplete_fields: tuple[str, ...] = PATH_FIELDS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows = self.model._default_manager.filter(visible_to(request.user, self.view))
        return rows.with_nodes().order_by(*self.ordering)  # type: ignore[no-any-return]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return holds_anywhere(request.user, *self.view.values())
        return access.can(request.user, self.view[obj.level], obj.node)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        for name in PATH_FIELDS:
            if name in form.base_fields:
                form.base_fields[name].required = False
        if "role" in form.base_fields:
            field = form.base_fields["role"]
            field.choices = _choices_of(field, obj)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, object]:
        """Begin with the role that opens least, whatever the address says."""
        named: dict[str, object] = super().get_changeform_initial_data(request)
        return named | {"role": Role.VIEWER}

    @display(description=_("Where"))
    def where(self, row: Path) -> SafeString:
        return link_to(row.node)


def _choices_of(field: Any, row: Any) -> list[tuple[Any, Any]]:
    """Return the roles to choose from: custom ones are given in the console, where they are named.

    The one that `row` has stands among them by its name, so that saving can leave it as it is.
    """
    named = {Role.CUSTOM: row.role_label} if row and row.custom_role_id else {}
    return [
        (value, named.get(value, label))
        for value, label in field.choices
        if value != Role.CUSTOM or named
    ]


def link_to(node: AnyNode) -> SafeString:
    """Return the node's path, as a link to its page."""
    url = reverse(f"admin:hierarchy_{node.level}_change", args=[node.pk])
    return format_html('<a href="{}">{}</a>', url, node.path_in_words)


def visible_to(user: Anybody, permissions: ByLevel) -> Q:
    """Return the condition on rows of nodes where `user` holds the level's permission.

    What is held globally counts here, as nowhere in the console.
    """
    everywhere = [level for level in Level if user.has_perm(permissions[level].full_name)]
    if len(everywhere) == len(Level):
        return Q()
    condition = visible.paths_for(user, permissions)
    for level in everywhere:
        lower = {f"{below}": None for below in Level if below.depth > level.depth}
        condition |= Q(**{f"{level}__isnull": False}, **lower)
    return condition


def _deepest(data: dict[str, Any]) -> AnyNode:
    """Return the node that is meant by the path fields; what contradicts it is an error."""
    named = [data[name] for name in PATH_FIELDS if data.get(name) is not None]
    if not named:
        raise forms.ValidationError(_("Choose an organization, a workspace or an application."))
    node: AnyNode = named[-1]
    if any(part not in node.path for part in named):
        sentence = _("%(node)s doesn't belong to the rest of your choice.")
        raise forms.ValidationError(sentence, params={"node": node})
    return node
