"""Rule of every ModelAdmin of the site: an address can ask only what the admin's pages offer.

Django lets anyone who can see a list filter it by any column, shown or not, by any lookup, and a
filter name any row: so a list answers questions about secrets and about rows that it does not show
(docs/decisions/closed-lists.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django import forms
from django.contrib.admin import FieldListFilter, ListFilter, ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import BadRequest, FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.admin_table import Table, tick
from config.side_bar import Entry

# What the command palette and the autocompletes send.
IN_PALETTE = {"s", "extended"}
IN_AUTOCOMPLETE = {"app_label", "model_name", "field_name", "term", "page"}

_ORDER = re.compile(r"-?([0-9]{1,2})")
_PAGE = re.compile(r"[0-9]{0,9}")
_MOST_SHOWN = 60  # characters of a parameter's name that the answer repeats


class Unanswerable(BadRequest):
    """The address asks what no page offers to ask: the answer is 400, with `sentence`."""

    def __init__(self, sentence: object) -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)


def refuse_unknown(request: HttpRequest, known: Collection[str]) -> None:
    """Refuse an address with another parameter than `known`, or with one of these twice.

    Raises Unanswerable. Nothing is looked up, so the answer tells of no row and of no column.
    """
    for name, values in request.GET.lists():
        words = {"name": name[:_MOST_SHOWN]}
        if name not in known:
            raise Unanswerable(_("This list has no filter “%(name)s”.") % words)
        if len(values) > 1:
            raise Unanswerable(_("“%(name)s” can have only one value here.") % words)


def rows_for(request: HttpRequest, model: type[Model], site: Any) -> QuerySet[Model]:
    """Return the rows of `model` that the person's own list shows: none if they may not open it."""
    if not may_list(request, model, site):
        return model._default_manager.none()
    rows: QuerySet[Model] = site.get_model_admin(model).get_queryset(request)
    return rows


def may_list(request: HttpRequest, model: type[Model], site: Any) -> bool:
    """Return whether `model` has a list that the person may open."""
    return site.is_registered(model) and bool(
        site.get_model_admin(model).has_view_permission(request)
    )


class ClosedAdmin(ModelAdmin):
    """A ModelAdmin that can be asked nothing but what its filters, columns and search offer.

    `AdminSite.register` puts it before whatever does not have it among its bases.
    """

    side_bar: Entry | None = None  # where its list stands; None: nowhere
    list_max_show_all = 0
    show_facets = ShowFacets.NEVER
    raw_id_fields: object = ()  # their widget names any row by its id
    view_on_site: object = False
    change_list_template = "admin/list.html"

    # --- The list -------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the list, or say why the address can't be answered, before any query."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            self._refuse_what_is_not_offered(request)
            response: HttpResponse = super().changelist_view(request, extra_context)
        except Unanswerable as refused:
            return self._say(request, refused)
        return response

    def get_changelist_instance(self, request: HttpRequest) -> object:
        """Make the list; what can't be read in it is said, where Django would pass it over."""
        try:
            changes: Any = super().get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            sentence = _("This list doesn't have that page, or a filter doesn't have that value.")
            raise Unanswerable(sentence) from error
        changes.table = Table(changes)
        return changes

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Model) -> SafeString:
        return tick(obj.pk)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Model]) -> object:
        """Act on the rows that are ticked; what can't be an id has never been one of them."""
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(chosen)
        except ValidationError as error:
            raise Unanswerable(_("This list doesn't have that row.")) from error
        return super().response_action(request, queryset)

    def _refuse_what_is_not_offered(self, request: HttpRequest) -> None:
        refuse_unknown(request, self.parameters(request))
        for each in self._filters(request):
            _refuse_other_choices(each)
        self._refuse_other_columns(request)
        if not _PAGE.fullmatch(request.GET.get(PAGE_VAR, "")):
            raise Unanswerable(_("This list doesn't have that page."))

    def parameters(self, request: HttpRequest) -> set[str]:
        """Return all that the address of the list may name: filters, page, search and order."""
        parameters = {name for each in self._filters(request) for name in _parameters_of(each)}
        parameters.add(PAGE_VAR)
        if self.get_search_fields(request):
            parameters.add(SEARCH_VAR)
        if self.get_sortable_by(request):
            parameters.add(ORDER_VAR)
        return parameters

    def _filters(self, request: HttpRequest) -> Iterator[ListFilter]:
        """Yield the filters that the list shows, made as Django makes them."""
        asked = dict(request.GET.lists())
        for entry in self.get_list_filter(request):
            if callable(entry):
                made: Any = entry(request, asked, self.model, self)
            else:
                path, make = entry if isinstance(entry, tuple | list) else (entry, None)
                make = make or FieldListFilter.create
                field = get_fields_from_path(self.model, path)[-1]
                made = make(field, request, asked, self.model, self, field_path=path)
            if made and made.has_output():
                yield made

    def _refuse_other_columns(self, request: HttpRequest) -> None:
        """Let a list be ordered by those columns alone whose headings offer it."""
        order = request.GET.get(ORDER_VAR)
        columns = list(self.get_list_display(request))
        if self.get_actions(request):
            columns.insert(0, "action_checkbox")
        offered = {
            str(place)
            for place, column in enumerate(columns)
            if column in self.get_sortable_by(request)
        }
        for part in order.split(".") if order else ():
            found = _ORDER.fullmatch(part)
            if not found or found[1] not in offered:
                raise Unanswerable(
                    _("This list can't be sorted that way. Choose a column heading.")
                )

    def _say(self, request: HttpRequest, refused: Unanswerable) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.opts.verbose_name_plural,
            "sentence": refused.sentence,
        }
        return TemplateResponse(request, "admin/unanswerable.html", context, status=400)

    # --- Rows that are named by their ids -------------------------------------------------------

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row; to who may not open the list none of its rows exists."""
        if not self.has_view_or_change_permission(request):
            return None
        return super().get_object(request, object_id, from_field)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Let other pages lead here by the id alone."""
        try:
            return bool(self.opts.get_field(to_field).primary_key)
        except (AttributeError, FieldDoesNotExist):
            return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, object]:
        """Propose what the address names; of rows, only those that the person's list shows."""
        named: dict[str, object] = super().get_changeform_initial_data(request)
        for field in self.opts.get_fields():
            if field.is_relation and field.name in named:
                row = self._proposed(request, field, named.pop(field.name))
                named |= {field.name: row.pk} if row else {}
        return named

    def _proposed(self, request: HttpRequest, field: Any, value: Any) -> Model | None:
        if not (field.many_to_one or field.one_to_one) or field.auto_created:
            return None
        rows = rows_for(request, field.remote_field.model, self.admin_site)
        try:
            row: Model | None = forms.ModelChoiceField(rows).to_python(value)
        except ValidationError:
            return None
        return row

    def formfield_for_foreignkey(
        self, db_field: object, request: HttpRequest, **kwargs: object
    ) -> object:
        """Offer, and accept, only rows that the person could also find in their list."""
        self._narrow(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: object, request: HttpRequest, **kwargs: object
    ) -> object:
        """Offer, and accept, only rows that the person could also find in their list."""
        self._narrow(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _narrow(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        model = db_field.remote_field.model
        if self.admin_site.is_registered(model):
            kwargs.setdefault("queryset", rows_for(request, model, self.admin_site))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Have no such page: the record are audit events, with readers of their own."""
        raise Http404


class ClosedAutocomplete(AutocompleteJsonView):
    """Finds rows for the fields of forms and filters, in the list of the person who looks."""

    def process_request(self, request: HttpRequest) -> Any:
        refuse_unknown(request, IN_AUTOCOMPLETE)
        found = super().process_request(request)
        _term, _model_admin, source, _to_field = found
        if not source.concrete:  # a relation seen from its other end is a field of no form
            raise PermissionDenied
        return found


def _parameters_of(made: Any) -> Iterable[str]:
    """Return what a filter's own links, or the fields of its form, write into an address.

    The forms offer no emptiness, though Django's filters beneath them would take it.
    """
    names = (str(name) for name in made.expected_parameters())
    has_form = hasattr(made, "form_class")
    return [name for name in names if not (has_form and name.endswith("__isnull"))]


def _refuse_other_choices(made: Any) -> None:
    """Refuse a value that the form of the filter would not take.

    A row that is hidden from the person isn't one of its choices, just like one that never existed.
    """
    choices = made.choices(None) if hasattr(made, "form_class") else ()
    if not all(choice["form"].is_valid() for choice in choices):
        sentence = _("The filter “%(filter)s” doesn't have that option. Choose one that it offers.")
        raise Unanswerable(sentence % {"filter": made.title})
