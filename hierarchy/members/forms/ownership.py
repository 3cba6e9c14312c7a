"""What an owner fills in about who owns the organization after them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import EmailField
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.roles import BUILT_IN, Role


class OfferForm(forms.Form):
    """To whom ownership is offered, and what one is oneself afterwards."""

    email = EmailField(
        label=_("E-mail of the new owner"), help_text=_("A member of the organization.")
    )
    becomes = forms.TypedChoiceField(
        label=_("From then on you are"),
        coerce=Role,
        choices=[(Role.OWNER.value, _("Owner, as well")), *((r, r.label) for r in BUILT_IN[1:])],
        widget=forms.RadioSelect,
    )


class SuccessorForm(VersionedForm):
    """Who comes next; nobody when it is left empty."""

    email = EmailField(
        label=_("E-mail of the successor"),
        required=False,
        help_text=_("A member of the organization. Left empty, there is none."),
    )

    def mine(self) -> dict[str, object]:
        return {"successor": self.cleaned_data["email"]}
