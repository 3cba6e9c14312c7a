"""Forms whose input an action judges: they check its shape, and show what the action says to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from hierarchy.refusals import Refused, Stale, sentence_of


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checks the shape of the input; the rules, uniqueness included, are the action's.

    `refusal` is what the action said to this input when it was tried.
    """

    refusal: Refused | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The action locks before it looks, and its sentences name the remedy.
        self.instance.validate_constraints = _leave_that_to_the_action

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            show_refusal(self, self.refusal)
        return cleaned

    def validate_unique(self) -> None:
        """Leave that to the action, too."""


def show_refusal(form: forms.BaseForm, refused: Refused) -> None:
    """Put the sentence of a refusal beside the field that it is about, or above the form."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, sentence_of(refused))
    if isinstance(refused, Stale):
        for name, stored in refused.current.items():
            if name in form.changed_data:
                form.add_error(name, _("Stored meanwhile: %(value)s") % {"value": stored or "-"})


def _leave_that_to_the_action(exclude: Any = None) -> None:
    """Stand in the place of a model's `validate_constraints`."""
