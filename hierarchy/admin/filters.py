"""Filters of lists: autocompletes instead of selects, states instead of dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RadioFilter, RangeDateTimeFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm
from unfold.utils import parse_datetime_str

from hierarchy.ids import read_id
from hierarchy.models import Membership


class StateFilter(RadioFilter):
    """What is in use, suspended, or in the trash."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("active", _("Active")),
            ("suspended", _("Suspended")),
            ("trash", _("In the trash")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "active":
                return queryset.filter(deleted_at=None, suspended_at=None)
            case "suspended":
                return queryset.filter(deleted_at=None, suspended_at__isnull=False)
            case "trash":
                return queryset.filter(deleted_at__isnull=False)
        return queryset


class OwnerFilter(RadioFilter):
    """Organizations that nobody decides about any more: see recoveries of ownership."""

    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("Without an owner"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "none":
            return queryset
        owners = Membership.objects.effective_owners().filter(organization=OuterRef("pk"))
        return queryset.filter(~Exists(owners), deleted_at=None)


class LooseFilter(SimpleListFilter):
    """Rows that name somebody or something by its mere id, found by autocomplete.

    `source` is a foreign key of Membership that leads to the same model.
    """

    template = "unfold/filters/filters_field.html"
    form_class = AutocompleteDropdownForm
    source: ClassVar[str]

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.request, self.model_admin = request, model_admin

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("", "")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset

    def value(self) -> str | None:
        """Return the id; what is none filters nothing."""
        value: str | None = super().value()
        return value if value and read_id(value) is not None else None

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "form": self.form_class(
                request=self.request,
                label=self.title,
                name=self.parameter_name,
                choices=(),
                field=Membership._meta.get_field(self.source),
                model_admin=self.model_admin,
                data={self.parameter_name: self.value()},
            )
        }


class TimeFilter(RangeDateTimeFilter):
    """From when to when, in the zone of whoever asks; a day without a time is its beginning."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for end, lookup in (("from", "gte"), ("to", "lte")):
            instant = self._instant(end)
            if instant is not None:
                queryset = queryset.filter(**{f"{self.parameter_name}__{lookup}": instant})
        return queryset

    def _instant(self, end: str) -> datetime | None:
        day, time = (self.used_parameters.get(f"{self.parameter_name}_{end}_{n}") for n in (0, 1))
        found = parse_datetime_str(f"{day} {time or '00:00'}")
        return timezone.make_aware(found) if found else None


class OrganizationFilter(LooseFilter):
    title = _("organization")
    parameter_name = "organization_id"
    source = "organization"


class ActorFilter(LooseFilter):
    title = _("person")
    parameter_name = "actor_id"
    source = "user"
