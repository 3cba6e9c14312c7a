"""Form for how people can join an organization without being invited."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.emails import canonical_domains
from accounts.fields import VERBATIM
from hierarchy.console.forms.versions import VersionedForm


class JoiningForm(VersionedForm):
    """Form to decide whether strangers can ask to join, and who can be invited."""

    invitation_domains = forms.CharField(
        label=_("Only invite addresses at these domains"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 3, **VERBATIM}),
        help_text=_("One per line, such as example.com. Leave empty to allow any address."),
    )
    may_ask_to_join = forms.BooleanField(
        label=_("Let people ask to join"),
        required=False,
        help_text=_(
            "Anyone who is signed in and knows the address of the join page sees the"
            " organization's name and can ask. Nobody gets in until a member approves them."
        ),
    )

    def clean_invitation_domains(self) -> str:
        return canonical_domains(self.cleaned_data["invitation_domains"])
