"""Forms whose input an action judges: they check its shape, and show what the action says to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from config.versions import NAME, Shown, VersionField
from hierarchy.refusals import Refused, Stale, sentence_of


class VersionedModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of a row that says what of it was shown, if there is a row yet to be changed."""

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial[NAME] = self.shown()

    def shown(self) -> Shown | None:
        """Return what the form shows of the row; None where nobody changes it."""
        return getattr(self.instance, "shown", None)


class ActionForm(VersionedModelForm):
    """Checks the shape of the input; the rules, uniqueness included, are the action's.

    `refusal` is what the action said to this input when it was tried.
    """

    refusal: Refused | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The action locks before it looks, and its sentences name the remedy.
        self.instance.validate_constraints = _leave_that_to_the_action
        if isinstance(self.refusal, Stale):  # now it has been said: saving again is meant
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix(NAME)] = str(self.initial[NAME])  # type: ignore[index]

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
    is_stale = isinstance(refused, Stale)
    form.add_error(field, refused.sentence if is_stale else sentence_of(refused))
    if isinstance(refused, Stale):
        mine = {name: form.cleaned_data.get(name) for name in refused.shown.facts}
        for name, (_label, my, stored) in refused.shown.beside(mine).items():
            words = {"mine": my or "-", "stored": stored or "-"}
            sentence = _("Yours: %(mine)s. Stored now: %(stored)s.") % words
            form.add_error(name if name in form.fields else None, sentence)


def _leave_that_to_the_action(exclude: Any = None) -> None:
    """Stand in the place of a model's `validate_constraints`."""
