"""How people come into an organization without being invited."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.emails import canonical_domains
from accounts.fields import VERBATIM
from hierarchy.console.forms.versions import VersionedForm


class JoiningForm(VersionedForm):
    """Whether strangers may ask, and who can be invited."""

    invitation_domains = forms.CharField(
        label=_("Invite only addresses of these domains"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 3, **VERBATIM}),
        help_text=_("One a line, such as example.com. Left empty, anybody can be invited."),
    )
    may_ask_to_join = forms.BooleanField(
        label=_("People may ask to join"),
        required=False,
        help_text=_(
            "Whoever is signed in and knows the address of the join page sees the organization's"
            " name and can ask. Nobody comes in before a member says yes."
        ),
    )

    def clean_invitation_domains(self) -> str:
        return canonical_domains(self.cleaned_data["invitation_domains"])
