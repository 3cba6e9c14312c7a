"""Forms of trusted origins."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hierarchy.console.forms.versions import VersionedForm
from hierarchy.origins import OriginRule, parse_rule


class TrustedOriginForm(forms.Form):
    """An origin as people write it; `rule` is what they mean, once the form is valid."""

    origin = forms.CharField(
        label=_("Origin"),
        max_length=300,
        help_text=_(
            "A host such as app.example.com, with a port if it needs one. You can also paste a URL."
        ),
        widget=forms.TextInput(
            attrs={"autocapitalize": "off", "spellcheck": "false", "placeholder": "app.example.com"}
        ),
    )
    include_subdomains = forms.BooleanField(
        label=_("Subdomains"),
        required=False,
        help_text=_("Trusts everything under the host, but not the host itself."),
    )
    allow_insecure = forms.BooleanField(
        label=_("Allow http"),
        required=False,
        help_text=_("For local development. In production, only localhost can go without https."),
    )
    confirmed = forms.BooleanField(
        label=_("Yes, trust this other domain"),
        required=False,
        help_text=_("Anyone who controls that domain can make calls on behalf of the application."),
    )

    rule: OriginRule

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        if "origin" in data:
            try:
                self.rule = parse_rule(
                    data["origin"],
                    include_subdomains=data["include_subdomains"],
                    allow_insecure=data["allow_insecure"],
                )
            except forms.ValidationError as error:
                self.add_error("origin", error)
        return data


class EditTrustedOriginForm(TrustedOriginForm, VersionedForm):
    """An origin that is trusted already."""

    def mine(self) -> dict[str, object]:
        return dict(vars(self.rule))
