"""What an owner fills in about who owns the organization after them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.emails import canonical_email
from hierarchy.roles import BUILT_IN, Role


class OfferForm(forms.Form):
    """To whom ownership is offered, and what one is oneself afterwards."""

    email = forms.CharField(
        label=_("E-mail of the new owner"),
        max_length=254,
        widget=forms.EmailInput,
        help_text=_("A member of the organization."),
    )
    becomes = forms.TypedChoiceField(
        label=_("From then on you are"),
        coerce=Role,
        choices=[(Role.OWNER.value, _("Owner, as well")), *((r, r.label) for r in BUILT_IN[1:])],
        widget=forms.RadioSelect,
    )

    def clean_email(self) -> str:
        return canonical_email(self.cleaned_data["email"])


class SuccessorForm(forms.Form):
    """Who comes next; nobody when it is left empty."""

    email = forms.CharField(
        label=_("E-mail of the successor"),
        max_length=254,
        required=False,
        widget=forms.EmailInput,
        help_text=_("A member of the organization. Left empty, there is none."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput, empty_value=None)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip()
        return canonical_email(email) if email else ""
