"""Forms around what a browser says about a passkey: bytes that anyone can make up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from allauth.mfa.webauthn import forms as theirs
from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from accounts.fields import LineField

LONGEST_NAME = 60

Result = TypeVar("Result")


def _name_field(**kwargs: Any) -> LineField:
    return LineField(label=_("Name"), max_length=LONGEST_NAME, **kwargs)


def _read(check: Callable[[], Result]) -> Result:
    """Return what `check` returns; whatever the libraries make of odd bytes means no."""
    try:
        return check()
    except (ValidationError, DatabaseError):
        raise
    except Exception:  # KeyError, InvalidSignature, CBOR errors and others, by what is bent
        raise ValidationError(_("This passkey was not accepted. Try again.")) from None


class _CredentialField(forms.JSONField):
    """Answer of the browser about a key, checked for bad JSON that Django lets through."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        return _read(partial(super().to_python, value))

    def bound_data(self, data: object, initial: object) -> object:
        """Show nothing of what can't be read again: it is the browser that fills the field."""
        try:
            return _read(partial(super().bound_data, data, initial))
        except ValidationError:
            return initial


class AddForm(theirs.AddWebAuthnForm):
    """New passkey, which can sign in without the password unless the box is cleared."""

    name = _name_field(
        required=False,
        help_text=_("For example, the device it's on, so that you can tell your passkeys apart."),
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with only this passkey"),
        required=False,
        initial=True,
        help_text=_(
            "Your device asks for your fingerprint, face or PIN, and Canopy doesn't ask for a"
            " password."
        ),
    )

    credential = _CredentialField()

    def clean(self) -> dict[str, object]:
        return _read(super().clean)


class LoginForm(theirs.LoginWebAuthnForm):
    credential = _CredentialField()

    def clean_credential(self) -> object:
        return _read(super().clean_credential)


class AuthenticateForm(theirs.AuthenticateWebAuthnForm):
    credential = _CredentialField()

    def clean_credential(self) -> object:
        return _read(super().clean_credential)


class ReauthenticateForm(theirs.ReauthenticateWebAuthnForm):
    credential = _CredentialField()

    def clean_credential(self) -> object:
        return _read(super().clean_credential)


class EditForm(theirs.EditWebAuthnForm):
    name = _name_field()
