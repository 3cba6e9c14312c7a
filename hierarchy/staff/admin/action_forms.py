"""Forms whose input an action judges: they check its shape, and show what the action says to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from config.versions import NAME, Shown, VersionField, renew
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
        if isinstance(self.refusal, Stale) and self.is_about(self.refusal):
            # Now it has been said: saving again is meant.
            renew(self, self.initial[NAME])

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        if isinstance(self.refusal, Stale) and not self.is_about(self.refusal):
            self.add_error(None, _about_a_row(self.refusal))
        elif self.refusal is not None:
            show_refusal(self, self.refusal)
        return cleaned

    def is_about(self, stale: Stale) -> bool:
        """Return whether that is what this form shows, and not a row of it, or the page around."""
        return bool(stale.shown.row == self.instance)

    def mine(self) -> dict[str, object]:
        """Return what has been filled in, under the names that the facts have."""
        return self.cleaned_data

    def validate_unique(self) -> None:
        """Leave that to the action, too."""


class ActionRowForm(ActionForm):
    """A row within the form of another: it says what concerns it, and leaves the rest to that."""

    def clean(self) -> dict[str, object] | None:
        stale = self.refusal if isinstance(self.refusal, Stale) else None
        self.refusal = stale if stale and self.is_about(stale) else None
        return super().clean()


def show_refusal(form: forms.BaseForm, refused: Refused) -> None:
    """Put the sentence of a refusal beside the field that it is about, or above the form."""
    field = refused.field if refused.field in form.fields else None
    is_stale = isinstance(refused, Stale)
    form.add_error(field, refused.sentence if is_stale else sentence_of(refused))
    if isinstance(refused, Stale) and isinstance(form, ActionForm):
        for name, (label, my, stored) in refused.shown.beside(form.mine()).items():
            words = {"label": label, "mine": my or "-", "stored": stored or "-"}
            if name in form.fields:
                form.add_error(
                    name, _("Your version: %(mine)s. Current version: %(stored)s.") % words
                )
            else:
                sentence = _("%(label)s. Your version: %(mine)s. Current version: %(stored)s.")
                form.add_error(None, sentence % words)


def _about_a_row(stale: Stale) -> str:
    if stale.is_unknown:
        return stale.sentence
    return _("%(row)s has changed since you opened this page. See below.") % {
        "row": stale.shown.row
    }


def _leave_that_to_the_action(exclude: Any = None) -> None:
    """Replace a model's `validate_constraints`."""
