"""Forms for e-mail domains."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import VERBATIM
from hierarchy.console.forms.roles import RoleField, offer_roles
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.email_domains import parse_domain
from hierarchy.models import AnyRole, JoinMode


class NewEmailDomainForm(forms.Form):
    """A domain, as people write it."""

    domain = forms.CharField(
        label=_("Domain"),
        max_length=300,
        help_text=_("The part after the @ in your people's addresses."),
        widget=forms.TextInput({**VERBATIM, "placeholder": "example.com"}),
    )

    def clean_domain(self) -> str:
        return parse_domain(self.cleaned_data["domain"])


class EmailDomainForm(VersionedForm):
    """Form to decide whether people from a domain can join, and with which role."""

    mode = forms.ChoiceField(
        label=_("People with an address at this domain"),
        choices=JoinMode.choices,
        widget=forms.RadioSelect,
    )
    role = RoleField()

    def __init__(self, *args: Any, roles: Iterable[AnyRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].label = _("Role for people who join")
        offer_roles(self, roles)
