"""Form to close an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.emails import searched
from hierarchy.console.forms.versions import VersionedForm


class CloseAccountForm(VersionedForm):
    """The account's own address, typed, so that nobody closes it by a slip of the hand."""

    confirmation = forms.CharField()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        field = self.fields["confirmation"]
        field.label = _("Type %(email)s to confirm") % {"email": email}
        field.widget.attrs |= {
            "autocomplete": "off",
            "data-must-equal": email,
        }

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"]).strip()
        if searched(typed) != self.email:
            raise forms.ValidationError(_("Type the address %(email)s."), params=vars(self))
        return typed
