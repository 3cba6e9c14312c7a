"""Signing up, and what people say of themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import images
from accounts.adapter import INVITED_EMAIL
from accounts.models import Theme, User
from accounts.time_zones import time_zone_name, time_zones

LONGEST_NAME = 60


class PersonNameField(forms.CharField):
    """A first or last name: one line of visible text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **kwargs)

    def clean(self, value: Any) -> str:
        name = " ".join(super().clean(value).split())
        if not name.isprintable():
            raise forms.ValidationError(_("Leave out invisible characters."), code="invisible")
        return name


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """Allauth's, with a name; the address is fixed for somebody who opened an invitation."""

    first_name = PersonNameField(
        label=_("First name"), widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = PersonNameField(
        label=_("Last name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    field_order = ("first_name", "last_name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invited = context.request.session.get(INVITED_EMAIL)
        if invited:
            email = self.fields["email"]
            email.initial, email.disabled = invited, True
            email.help_text = _("The invitation is for this address.")


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, picture, language, time zone and theme."""

    first_name = PersonNameField(label=_("First name"))
    last_name = PersonNameField(label=_("Last name"), required=False)
    avatar = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": images.ACCEPT}),
        help_text=_("PNG, JPEG or WebP, at most 1 MB and 4 megapixels."),
    )
    remove_avatar = forms.BooleanField(label=_("Remove the picture"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Times on every page are shown in it.")
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = (
            "first_name",
            "last_name",
            "avatar",
            "remove_avatar",
            "language",
            "time_zone",
            "theme",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, time_zone_name(zone)) for zone in time_zones()]
        if self.instance.time_zone not in dict(zones):
            zones.append((self.instance.time_zone, self.instance.time_zone))
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]
        if not self.instance.avatar:
            del self.fields["remove_avatar"]

    def clean_avatar(self) -> Any:
        """Return the chosen picture, re-encoded, or the present one when none was chosen."""
        upload = self.cleaned_data.get("avatar")
        if upload and upload != self.instance.avatar:
            return images.reencode(upload)
        return self.instance.avatar

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("remove_avatar") and "avatar" not in self.files:
            data["avatar"] = ""
        return data

    def changed_labels(self) -> list[str]:
        """Return what was changed, in the words of the form."""
        return [str(self.fields[name].label).lower() for name in self.changed_data]
