"""Forms for owners to hand over the organization and name a successor."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import EmailField
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.roles import BUILT_IN, Role


class OfferForm(forms.Form):
    """Form to offer ownership to a person and choose one's own role afterwards."""

    email = EmailField(label=_("New owner's e-mail"), help_text=_("A member of the organization."))
    becomes = forms.TypedChoiceField(
        label=_("Your role after that"),
        coerce=Role,
        choices=[(Role.OWNER.value, _("Still owner")), *((r, r.label) for r in BUILT_IN[1:])],
        widget=forms.RadioSelect,
    )


class SuccessorForm(VersionedForm):
    """Form to name a successor, or none by leaving it empty."""

    email = EmailField(
        label=_("Successor's e-mail"),
        required=False,
        help_text=_("A member of the organization. Leave empty for no successor."),
    )

    def mine(self) -> dict[str, object]:
        return {"successor": self.cleaned_data["email"]}
