"""Fields that forms of all kinds share: an e-mail address, a time zone, a line that others read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.emails import LONGEST_ADDRESS, canonical_email, in_full, is_as_typed
from accounts.time_zones import known_zone
from config.visible_text import clean_line

# For what no spelling rule of a language applies to: addresses, domains.
VERBATIM = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class EmailInput(forms.TextInput):
    """A control for an address that leaves it as it is typed.

    Not of type "email": there, browsers rewrite the domain while one types, by rules that turn
    `straße.de` into another domain.
    """

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__({"inputmode": "email", **VERBATIM, **(attrs or {})})


class EmailField(forms.CharField):
    """An address; its value is the one form under which it is stored and compared.

    Where that is another than what was typed, the form comes back with it and asks whether it is
    right. Sending it again says so. A field that only looks someone up doesn't need `confirm`.
    """

    def __init__(self, *, confirm: bool = True, **kwargs: Any) -> None:
        self.confirm = confirm
        kwargs.setdefault("label", _("E-mail address"))
        kwargs.setdefault("widget", EmailInput)
        kwargs.setdefault("max_length", LONGEST_ADDRESS)
        super().__init__(**kwargs)

    def prepare_value(self, value: object) -> object:
        try:
            return canonical_email(value) if isinstance(value, str) else value
        except ValidationError:
            return value

    def clean(self, value: object) -> str:
        typed = super().clean(value)
        address = canonical_email(typed) if typed else ""
        if self.confirm and typed and not is_as_typed(address, typed):
            sentence = _("We'll use %(address)s. If that's right, submit the form again.")
            raise ValidationError(sentence, code="confirm", params={"address": in_full(address)})
        return address


class TimeZoneField(forms.ChoiceField):
    """A zone by any name that it has; its value is what the zone is called where it is offered.

    Other choices than zones mean themselves.
    """

    def to_python(self, value: object) -> str:
        text = super().to_python(value)
        return known_zone(text) or text

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or known_zone(value) is not None


class LineField(forms.CharField):
    """A name or another line that others read: only what can be seen; see `clean_line`."""

    def clean(self, value: object) -> str:
        return clean_line(super().clean(value))
