"""Choosing a role, each described in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hierarchy.roles import Role


class RoleField(forms.TypedChoiceField):
    """One of the roles that the person may hand out: `offer` names them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Role"), coerce=Role, widget=forms.RadioSelect, **kwargs)

    def offer(self, roles: Iterable[Role]) -> None:
        markup = '<span class="choice"><span>{}<small>{}</small></span></span>'
        self.choices = [
            (role.value, format_html(markup, role.label, role.description)) for role in roles
        ]
