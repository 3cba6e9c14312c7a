"""How people come into an organization without being invited."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class JoiningForm(forms.Form):
    """Whether strangers may ask."""

    may_ask_to_join = forms.BooleanField(
        label=_("People may ask to join"),
        required=False,
        help_text=_(
            "Whoever is signed in and knows the address of the join page sees the organization's"
            " name and can ask. Nobody comes in before a member says yes."
        ),
    )
