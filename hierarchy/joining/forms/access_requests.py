"""Forms to ask for access."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hierarchy.models.invitation import LONGEST_MESSAGE
from hierarchy.roles import Permission


class JoinForm(forms.Form):
    """A few words to those who decide."""

    message = forms.CharField(
        label=_("Message"),
        help_text=_("Say who you are and what you need access for."),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AskForm(JoinForm):
    """Form to ask for a permission, on a page that has just been refused."""

    permission = forms.TypedChoiceField(
        coerce=Permission, choices=[(permission.value, "") for permission in Permission]
    )
