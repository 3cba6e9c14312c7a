"""Filters of lists: autocompletes instead of selects, states instead of dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    RadioFilter,
    RangeDateTimeFilter,
)
from unfold.contrib.filters.forms import AutocompleteDropdownForm, RangeDateTimeForm

from config.closed_admin import may_list, rows_for
from hierarchy.models import Membership


class StateFilter(RadioFilter):
    """Filter for nodes that are active, suspended, or in the trash."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, object]]:
        return [
            ("active", _("Active")),
            ("suspended", _("Suspended")),
            ("trash", _("In the trash")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        match self.value():
            case "active":
                return queryset.filter(deleted_at=None, suspended_at=None)
            case "suspended":
                return queryset.filter(deleted_at=None, suspended_at__isnull=False)
            case "trash":
                return queryset.filter(deleted_at__isnull=False)
        return queryset


class CurrentStateFilter(ChoicesDropdownFilter):
    """The state as the rows show it: what waits and can no longer be answered has expired."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model] | None:
        match self.value():
            case "pending":
                return queryset.filter(_is_waiting(queryset))
            case "expired":
                is_late = Q(state="pending") & ~_is_waiting(queryset)
                return queryset.filter(Q(state="expired") | is_late)
        found: QuerySet[Model] | None = super().queryset(request, queryset)
        return found


def _is_waiting(rows: QuerySet[Any]) -> Q:
    """Return the condition on rows that can still be answered."""
    return Q(pk__in=rows.model._default_manager.pending().values("pk"))


class OwnerFilter(RadioFilter):
    """Organizations that nobody owns any longer: see recoveries of ownership."""

    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, object]]:
        return [("none", _("Without an owner"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() != "none":
            return queryset
        owners = Membership.objects.effective_owners().filter(organization=OuterRef("pk"))
        return queryset.filter(~Exists(owners), deleted_at=None)


class YesNoFilter(BooleanRadioFilter):
    """Filter for yes or no; the empty value, which the form sends for both, filters nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model] | None:
        return super().queryset(request, queryset) if self.value() else queryset


class RowFilter(AutocompleteSelectFilter):
    """Rows that lead to a chosen one, which is found and named as the person's own list shows it.

    A person who may not open that list is not offered the filter.
    """

    def has_output(self) -> bool:
        return may_list(self.request, self.field.related_model, self.model_admin.admin_site)

    def choices(self, changelist: object) -> Iterator[object]:
        rows = rows_for(self.request, self.field.related_model, self.model_admin.admin_site)
        for choice in super().choices(changelist):
            choice["form"].fields[self.lookup_kwarg].queryset = rows
            yield choice


class LooseFilter(SimpleListFilter):
    """Filter for rows that name a person or thing by its mere id, found by autocomplete.

    `source` is a foreign key of Membership that leads to the same model.
    """

    template = "unfold/filters/filters_field.html"
    form_class = AutocompleteDropdownForm
    source: ClassVar[str]

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.request = request
        self.model_admin = model_admin
        self.field: Any = Membership._meta.get_field(self.source)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("", "")]

    def has_output(self) -> bool:
        return may_list(self.request, self.field.related_model, self.model_admin.admin_site)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        name = self.parameter_name
        form = self.form_class(
            request=self.request,
            label=self.title,
            name=name,
            choices=(),
            field=self.field,
            model_admin=self.model_admin,
            data={name: self.value()},
        )
        site = self.model_admin.admin_site
        form.fields[name].queryset = rows_for(self.request, self.field.related_model, site)
        yield {"form": form}


class InstantField(forms.SplitDateTimeField):
    """Instant in the viewer's time zone; a day without a time is its beginning."""

    def compress(self, data_list: Any) -> datetime | None:
        day, clock = data_list or (None, None)
        if not day:
            return None
        return timezone.make_aware(datetime.combine(day, clock or time.min))


class TimeRangeForm(RangeDateTimeForm):
    """Filter for a range of dates."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            self.fields[name] = InstantField(label="", required=False, widget=field.widget)


class TimeFilter(RangeDateTimeFilter):
    """Filter for a range of times, in the viewer's time zone."""

    form_class = TimeRangeForm

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        name = self.parameter_name
        (choice,) = self.choices(None)
        for end, lookup in (("from", "gte"), ("to", "lte")):
            instant = choice["form"].is_valid() and choice["form"].cleaned_data[f"{name}_{end}"]
            if instant:
                queryset = queryset.filter(**{f"{name}__{lookup}": instant})
        return queryset


class OrganizationFilter(LooseFilter):
    title = _("organization")
    parameter_name = "organization_id"
    source = "organization"


class WorkspaceFilter(LooseFilter):
    title = _("workspace")
    parameter_name = "workspace_id"
    source = "workspace"


class ApplicationFilter(LooseFilter):
    title = _("application")
    parameter_name = "application_id"
    source = "application"


class ActorFilter(LooseFilter):
    title = _("person")
    parameter_name = "actor_id"
    source = "user"
