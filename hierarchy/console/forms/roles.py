"""Choosing a role, each described in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hierarchy.models import AnyRole, CustomRole


class RoleField(forms.ChoiceField):
    """Field for a role that the person may give, built-in or custom: `offer` sets them."""

    def __init__(self, **kwargs: Any) -> None:
        gone = {"invalid_choice": _("This role can't be given here, or no longer exists.")}
        super().__init__(label=_("Role"), widget=forms.RadioSelect, error_messages=gone, **kwargs)
        self.offered: dict[str, AnyRole] = {}

    def offer(self, roles: Iterable[AnyRole]) -> None:
        markup = '<span class="choice"><span>{}<small>{}</small></span></span>'
        self.offered = {value_of(role): role for role in roles}
        self.choices = [
            (value, format_html(markup, role.label, role.description))
            for value, role in self.offered.items()
        ]

    def clean(self, value: object) -> AnyRole | None:
        return self.offered.get(super().clean(value))

    def prepare_value(self, value: object) -> object:
        return value_of(value) if isinstance(value, CustomRole) else value


def offer_roles(form: forms.BaseForm, roles: Iterable[AnyRole], *, name: str = "role") -> None:
    """Let the field `name` of one form offer `roles`."""
    cast(RoleField, form.fields[name]).offer(roles)


def value_of(role: AnyRole) -> str:
    """Return the value of the role in a form and in an address."""
    return f"custom-{role.pk}" if isinstance(role, CustomRole) else role.value
