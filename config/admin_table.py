"""The table of a list in the admin: its headings, and rows that one function draws.

Unfold renders a template for each box, badge, name and row, and repeats its class names in every
cell (docs/decisions/admin-list.md).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import lookup_field, quote
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import BooleanField, Field, Model
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

if TYPE_CHECKING:
    from unfold.views import ChangeList

TICK = "action_checkbox"


class Table:
    """Headings and rows of one page of a list.

    It knows text, links, booleans and names of two lines: what else Unfold can draw in a list
    (fields to edit, drop-downs, buttons, pictures, sections) no list of the site has.
    """

    def __init__(self, changes: ChangeList) -> None:
        self.changes = changes
        self.admin = changes.model_admin
        self.links = list(changes.list_display_links or ())

    @cached_property
    def headings(self) -> list[dict[str, Any]]:
        """Each heading as Unfold describes it, with the links that sort by it."""
        headings = [dict(heading) for heading in result_headers(self.changes)]
        for column, heading in zip(self.changes.list_display, headings, strict=True):
            if column == TICK:
                heading |= {"is_tick": True, "text": _("Select record")}
        return headings

    @property
    def is_sorted_by_many(self) -> bool:
        return sum(bool(heading.get("sorted")) for heading in self.headings) > 1

    def rows(self) -> SafeString:
        """Return the rows; all that they are put together of has been escaped."""
        columns = [
            _Column(self, name, heading["text"])
            for name, heading in zip(self.changes.list_display, self.headings, strict=True)
        ]
        rows = (
            f"<tr>{''.join(column.cell(row) for column in columns)}</tr>\n"
            for row in self.changes.result_list
        )
        return SafeString("".join(rows))

    @cached_property
    def way_back(self) -> str:
        """The query by which the page of a row leads back to the list as it is filtered now."""
        filters: str = self.changes.preserved_filters
        return f"?{filters}" if filters else ""


class _Column:
    """A column of a table, which draws its cell of any row."""

    def __init__(self, table: Table, name: str, label: object) -> None:
        self.table = table
        self.name = name
        self.is_link = name in table.links
        tag = "th" if table.links[:1] == [name] else "td"
        self.start = format_html('<{} data-label="{}">', tag, label)
        self.end = f"</{tag}>"

    def cell(self, row: Model) -> str:
        text = self.text(row)
        return f"{self.start}{self.link(row, text) if self.is_link else text}{self.end}"

    def link(self, row: Model, text: SafeString) -> SafeString:
        """Link to the page of the row, which stands beneath the address of the list."""
        key = quote(getattr(row, self.table.changes.pk_attname))
        return format_html('<a href="{}/change/{}">{}</a>', key, self.table.way_back, text)

    def text(self, row: Model) -> SafeString:
        admin = self.table.admin
        empty = admin.get_empty_value_display()
        try:
            field, attribute, value = lookup_field(self.name, row, admin)
        except ObjectDoesNotExist:
            return conditional_escape(empty)
        if field is not None and not field.auto_created:
            return _text_of_field(field, row, value, empty)
        if getattr(attribute, "header", False):
            return two_lines(*value)
        if getattr(attribute, "boolean", False):
            return mark(value)
        empty = getattr(attribute, "empty_value_display", empty)
        return conditional_escape(display_for_value(value, empty))


def _text_of_field(field: Field[Any, Any], row: Model, value: object, empty: str) -> SafeString:
    if field.is_relation:
        related = getattr(row, field.name)
        return conditional_escape(empty if related is None else related)
    if isinstance(field, BooleanField) and not field.flatchoices:
        return mark(value)
    return conditional_escape(display_for_field(value, field, empty))


def tick(value: object) -> SafeString:
    """Return the box that chooses a row for an action."""
    return format_html(
        '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
        ACTION_CHECKBOX_NAME,
        value,
        _("Select record"),
    )


def two_lines(name: object, note: object = "") -> SafeString:
    """Return what a row is called, and beneath it what tells it from its likes."""
    beneath = format_html("<small>{}</small>", note) if note else ""
    return format_html('<span class="two-lines"><strong>{}</strong>{}</span>', name, beneath)


def mark(value: object) -> SafeString:
    """Return the sign for yes, for no, or for what isn't known."""
    if value is None or value == "":
        return _sign("is-unknown", _("Unknown"), "question_mark")
    return (
        _sign("is-yes", _("Yes"), "check_small")
        if value
        else _sign("is-no", _("No"), "close_small")
    )


def _sign(css: str, word: str, icon: str) -> SafeString:
    return format_html(
        '<span class="mark {}" title="{}"><span class="material-symbols-outlined">{}</span></span>',
        css,
        word,
        icon,
    )
