"""Applications in the admin, with their trusted origins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from config.side_bar import Entry, Heading
from config.versions import NAME
from hierarchy import access
from hierarchy.models import Application, Environment, TrustedOrigin
from hierarchy.nodes.actions import applications
from hierarchy.nodes.admin.nodes import NodeAdmin
from hierarchy.origins import OriginRule, parse_rule
from hierarchy.roles import Level, Permission
from hierarchy.settings.actions import trusted_origins
from hierarchy.staff.admin.action_forms import ActionRowForm
from hierarchy.staff.admin.base import actor, holds_anywhere
from hierarchy.staff.admin.filters import RowFilter, StateFilter
from hierarchy.staff.admin.unfold_widgets import badge

ENVIRONMENTS = {
    Environment.PRODUCTION.value: "danger",
    Environment.STAGING.value: "warning",
    Environment.DEVELOPMENT.value: "info",
}


class TrustedOriginForm(ActionRowForm):
    """An origin as people write it; `rule` is what they mean."""

    origin = forms.CharField(label=_("Origin"), max_length=300, widget=UnfoldAdminTextInputWidget)
    confirmed = forms.BooleanField(
        label=_("Trust this other domain"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    rule: OriginRule

    class Meta:
        model = TrustedOrigin
        fields = ("include_subdomains", "allow_insecure")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # a row of a table has no labels of its own
            field.widget.attrs["aria-label"] = field.label
        if self.instance.pk:
            self.initial["origin"] = self.instance.rule.typed

    def clean(self) -> dict[str, object] | None:
        data = self.cleaned_data
        if "origin" in data:
            flags = {name: data[name] for name in ("include_subdomains", "allow_insecure")}
            try:
                self.rule = parse_rule(data["origin"], **flags)
            except ValidationError as error:
                self.add_error("origin", error)
        return super().clean()

    def mine(self) -> dict[str, object]:
        return dict(vars(self.rule)) if hasattr(self, "rule") else {}


class TrustedOriginFormSet(PaginationInlineFormSet):
    @classmethod
    def get_default_prefix(cls) -> str:
        """Return a name of our own: the relation has none that Django could take."""
        return "origins"


class TrustedOriginInline(TabularInline):
    model = TrustedOrigin
    form = TrustedOriginForm
    formset = TrustedOriginFormSet
    fields = ("origin", "include_subdomains", "allow_insecure", "confirmed")
    fk_name = "application"
    extra = 0
    max_num = 200

    def get_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        """Let rows that can be changed say what was shown of them."""
        return (*self.fields, NAME) if self.has_change_permission(request, obj) else self.fields

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.refusal = getattr(request, "refusal", None)
        return formset

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return holds_anywhere(request.user, Permission.VIEW_APPLICATION_SETTINGS)
        return access.can(request.user, Permission.VIEW_APPLICATION_SETTINGS, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.is_deleted:
            return False
        return access.can(request.user, Permission.MANAGE_TRUSTED_ORIGINS, obj)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Application)
class ApplicationAdmin(NodeAdmin):
    side_bar = Entry(Heading.TREE, 3, _("Applications"), "apps")
    level = Level.APPLICATION
    list_display = ("title", "where", "environment_label", "platform", "state")
    sortable_by = ("title",)
    list_filter = (
        ("organization", RowFilter),
        ("workspace", RowFilter),
        ("environment", ChoicesDropdownFilter),
        ("platform", ChoicesDropdownFilter),
        StateFilter,
    )
    autocomplete_fields = ("workspace",)
    inlines = (TrustedOriginInline,)
    add_fieldsets = (
        (None, {"fields": ("workspace", "environment", "name", "slug")}),
        (_("Channel"), {"fields": ("platform", "website", "bundle_id")}),
    )
    fieldsets = (
        (None, {"fields": ("where", "environment_label", "name", "slug")}),
        (_("Channel"), {"fields": ("platform", "website", "bundle_id")}),
        (_("Details"), {"fields": ("state", "public_id", "created_at")}),
    )

    @admin.display(description=_("Workspace"))
    def where(self, row: Application) -> str:
        return f"{row.organization} / {row.workspace}"

    @admin.display(description=_("Environment"))
    def environment_label(self, row: Application) -> SafeString:
        return badge(row.get_environment_display(), ENVIRONMENTS[row.environment])

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return (
            (*self.readonly_fields, "where", "environment_label") if obj else self.readonly_fields
        )

    def get_inlines(self, request: HttpRequest, obj: object) -> tuple[type[TabularInline], ...]:
        return self.inlines if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return holds_anywhere(request.user, Permission.ADD_APPLICATION)

    def create_row(self, request: HttpRequest, form: Any) -> Application:
        fields = ("name", "slug", "platform", "environment", "website", "bundle_id")
        values = {name: form.cleaned_data[name] for name in fields}
        return applications.create(form.cleaned_data["workspace"], by=actor(request), **values)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Remove, edit and add origins by their actions: a refusal undoes all that went before.

        A row without an origin behind it named one of another application: it is passed over.
        """
        by = actor(request)
        formset.new_objects = []
        formset.changed_objects = []
        formset.deleted_objects = []
        stored = [row for row in formset.initial_forms if row.instance.pk]
        for row in stored:
            origin = TrustedOrigin.objects.get(pk=row.instance.pk)
            version = row.cleaned_data["version"]
            if row in formset.deleted_forms:
                trusted_origins.remove(origin, by=by, version=version)
            elif row.has_changed():
                confirmed = row.cleaned_data["confirmed"]
                trusted_origins.edit(origin, row.rule, by=by, version=version, confirmed=confirmed)
        for row in formset.extra_forms:
            if row.has_changed() and row not in formset.deleted_forms:
                confirmed = row.cleaned_data["confirmed"]
                trusted_origins.add(form.instance, row.rule, by=by, confirmed=confirmed)
