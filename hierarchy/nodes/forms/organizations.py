"""Forms of organizations."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import EmailField
from hierarchy.console.forms.nodes import EditNodeWithLogoForm, NewNodeForm, WebsiteField
from hierarchy.models import Kind


class NewOrganizationForm(NewNodeForm):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Kind.choices, initial=Kind.BUSINESS, widget=forms.RadioSelect
    )
    website = WebsiteField()

    field_order = ("name", "slug", "kind", "website")


class EditOrganizationForm(EditNodeWithLogoForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=forms.RadioSelect)
    email = EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("Where the organization can be reached."),
    )
    website = WebsiteField()

    field_order = ("version", "name", "slug", "kind", "email", "website")
