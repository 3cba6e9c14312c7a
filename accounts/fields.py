"""Fields that forms of all kinds share: a time zone."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.time_zones import known_zone


class TimeZoneField(forms.ChoiceField):
    """A zone by any name that it has; its value is what the zone is called where it is offered.

    Other choices than zones mean themselves.
    """

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return known_zone(text) or text

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or known_zone(value) is not None
