"""Signing up and in, new passwords, and what people say of themselves."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as theirs
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import images, mails
from accounts.adapter import INVITED_EMAIL, LONGEST_PASSWORD
from accounts.fields import EmailField, EmailInput, LineField, TimeZoneField
from accounts.models import Theme, User
from accounts.time_zones import known_zone, time_zone_name, time_zones
from config.forms import offer_choices
from config.versions import NAME, Comparison, Shown, VersionField, renew

LONGEST_NAME = 60


def own_email_field(**kwargs: Any) -> EmailField:
    """Return a field for one's own address, which browsers may fill in."""
    return EmailField(widget=EmailInput({"autocomplete": "email"}), **kwargs)


class PersonNameField(LineField):
    """A first or last name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **kwargs)


class Plain(forms.Form):
    """Stands before allauth's forms: bounded passwords, asked for once, and no placeholders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field.widget, forms.PasswordInput):
                field.widget.attrs["maxlength"] = LONGEST_PASSWORD
                field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
        if "password1" in self.fields:
            self.fields["password1"].help_text = _("At least 12 characters. A few words work well.")


class LoginForm(Plain, theirs.LoginForm):
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = own_email_field(confirm=False)
        self.order_fields(["login", "password"])


class SignupForm(Plain, theirs.SignupForm):
    """Sign-up form with a name; the address is fixed for a person who has opened an invitation."""

    email = own_email_field()
    first_name = PersonNameField(
        label=_("First name"), widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = PersonNameField(
        label=_("Last name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    field_order = ("first_name", "last_name", "email", "password1")
    account_already_exists: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = _("E-mail address")
        if invited := context.request.session.get(INVITED_EMAIL):
            email.initial = invited
            email.disabled = True
            email.help_text = _("Your invitation is for this address.")

    def try_save(self, request: HttpRequest) -> object:
        """Create the account whole, or write to the person who has one with this address."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # takes the time of a new account
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:  # someone else was quicker by an instant
            self.account_already_exists = True
            return super().try_save(request)


class ResetPasswordForm(Plain, theirs.ResetPasswordForm):
    """Asks for a link. The page looks nobody up, so it can tell nobody who has an account."""

    email = own_email_field(confirm=False)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        address = self.clean_email()
        mails.queue_reset_link(address)
        return address


class ResetPasswordKeyForm(Plain, theirs.ResetPasswordKeyForm):
    pass


class SetPasswordForm(Plain, theirs.SetPasswordForm):
    pass


class ChangePasswordForm(Plain, theirs.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")


class ReauthenticateForm(Plain, theirs.ReauthenticateForm):
    pass


class AddEmailForm(Plain, theirs.AddEmailForm):
    email = own_email_field(label=_("New e-mail address"))


class CodeForm(Plain, theirs.ConfirmEmailVerificationCodeForm):
    pass


SHOWN_IN_PROFILE = ("first_name", "last_name", "avatar", "language", "time_zone", "theme")


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
    remove_avatar = forms.BooleanField(label=_("Remove picture"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = TimeZoneField(
        label=_("Time zone"), help_text=_("Times on every page are shown in this time zone.")
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=Theme.choices,
        widget=forms.RadioSelect(attrs={"data-theme-setting": True}),
    )
    version = VersionField()
    # Both versions, once it was sent from a page that showed something else than is stored.
    versions: Comparison | None = None

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
        self.shown = Shown(self.instance, *SHOWN_IN_PROFILE)
        self.initial[NAME] = str(self.shown)  # before the instance holds what is filled in
        zones = [(zone, time_zone_name(zone)) for zone in time_zones()]
        present = known_zone(self.instance.time_zone) or "UTC"
        if present not in dict(zones):
            zones.append((present, present))
        self.initial["time_zone"] = present
        offer_choices(self, "time_zone", zones)
        if not self.instance.avatar:
            del self.fields["remove_avatar"]

    def clean_avatar(self) -> object:
        """Return the chosen picture, re-encoded, or the present one when none was chosen."""
        upload = self.files.get("avatar")
        return images.reencode(upload) if upload else self.instance.avatar

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or self.cleaned_data
        if data.get("remove_avatar") and "avatar" not in self.files:
            data["avatar"] = ""
        return data

    def is_current(self) -> bool:
        """Return whether it was made from what is stored; show both versions otherwise.

        Another tab may have changed something: this form would change it back.
        """
        if self.shown.fits(self.cleaned_data[NAME]):
            return True
        self.versions = self.shown.beside(self.cleaned_data)
        renew(self, self.shown)
        return False

    def save(self, commit: bool = True) -> object:
        """Write what was changed and nothing else: the rest may be other by now than was read."""
        user = super().save(commit=False)
        if commit:
            names = {"avatar" if name == "remove_avatar" else name for name in self.changed_data}
            user.save(update_fields=names)
        return user

    def changes(self) -> list[str]:
        """Return a sentence for everything that was changed, in the words of the form."""
        names = [name for name in self.changed_data if name != "remove_avatar"]
        if "remove_avatar" in self.changed_data and "avatar" not in names:
            names.append("remove_avatar")
        return [self._change_of(name) for name in names]

    def _change_of(self, name: str) -> str:
        if name == "avatar":
            return gettext("Picture changed.")
        if name == "remove_avatar":
            return gettext("Picture removed.")
        value = self.cleaned_data[name]
        choices = getattr(self.fields[name], "choices", ())
        words = {"field": self.fields[name].label, "value": dict(choices).get(value, value)}
        if not value:
            return gettext("%(field)s removed.") % words
        return gettext("%(field)s changed to %(value)s.") % words
