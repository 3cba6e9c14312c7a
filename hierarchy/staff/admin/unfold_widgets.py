"""Our own forms and words in the admin's clothes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.forms.widgets import Input
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES

from hierarchy import dates

FormT = TypeVar("FormT", bound=forms.BaseForm)

# The more special widget first: a CheckboxInput is an Input, too. Of several choices the widget's
# classes would go to the box around them, too: css/admin.css dresses those.
_CLASSES: tuple[tuple[type[forms.Widget], list[str]], ...] = (
    (forms.RadioSelect, []),
    (forms.CheckboxSelectMultiple, []),
    (forms.CheckboxInput, CHECKBOX_CLASSES),
    (forms.HiddenInput, []),
    (forms.Select, SELECT_CLASSES),
    (forms.Textarea, TEXTAREA_CLASSES),
    (Input, INPUT_CLASSES),
)


def dress(form: FormT) -> FormT:
    """Give the widgets of `form` the classes of Unfold's own."""
    for field in form.fields.values():
        classes = next(names for kind, names in _CLASSES if isinstance(field.widget, kind))
        field.widget.attrs["class"] = " ".join(classes)
    return form


def instant_of(name: str, label: object) -> Callable[[Any, object], str]:
    """Return a column for the instant `name` of a row, worded as everywhere else.

    What Django writes there says nothing of the offset just where the clock repeats an hour.
    """

    @display(description=label)
    def shown(_admin: object, row: object) -> str:
        return dates.in_words(getattr(row, name)) or "-"

    return shown  # type: ignore[no-any-return]  # Unfold's decorator


def badge(text: object, tone: str = "") -> SafeString:
    """Return a word on a coloured ground: success, info, warning, danger, or grey."""
    return format_html('<span class="badge{}">{}</span>', f" is-{tone}" if tone else "", text)
