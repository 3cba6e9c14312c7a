"""Forms of applications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from hierarchy.console.forms.nodes import EditNodeForm, NewNodeForm, WebsiteField
from hierarchy.models import Environment, Platform

# Installed programs are known by a bundle id, everything else by an address.
INSTALLED = {Platform.MOBILE.value, Platform.DESKTOP.value}

bundle_id = RegexValidator(
    r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+$",
    _("Enter letters, digits, hyphens and underscores, in parts separated by dots."),
)


class ChannelFields(forms.Form):
    """Fields of an application and where to find it; what doesn't fit the platform is dropped."""

    platform = forms.ChoiceField(
        label=_("Platform"), choices=Platform.choices, widget=forms.RadioSelect
    )
    website = WebsiteField(help_text=_("Where people use it."))
    bundle_id = forms.CharField(
        label=_("Bundle ID"),
        required=False,
        max_length=155,
        validators=[bundle_id],
        help_text=_("For example, com.example.shop."),
    )

    def clean(self) -> dict[str, object]:
        super().clean()
        platform = self.cleaned_data.get("platform")
        misfit = "website" if platform in INSTALLED else "bundle_id"
        self.errors.pop(misfit, None)
        self.cleaned_data[misfit] = ""
        return self.cleaned_data


class NewApplicationForm(ChannelFields, NewNodeForm):
    """The same application in one environment or in several."""

    environments = forms.MultipleChoiceField(
        label=_("Create in"),
        choices=Environment.choices,
        initial=[Environment.DEVELOPMENT],
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Each environment gets its own application, with its own restrictions. You can"
            " add environments later, but you can't change an application's environment."
        ),
    )

    field_order = ("name", "slug", "platform", "website", "bundle_id", "environments")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].widget.attrs["hx-include"] = "[name=environments]"


class EditApplicationForm(ChannelFields, EditNodeForm):
    field_order = ("version", "name", "slug", "platform", "website", "bundle_id")
