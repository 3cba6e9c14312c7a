"""Form for the pages of access: who can do something here, and why a person can."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import EmailField, EmailInput
from config.forms import offer_choices
from hierarchy.members.forms.custom_roles import LEGENDS
from hierarchy.roles import Level, Permission


class AccessForm(forms.Form):
    """A permission that makes sense at `level`, a person, or both."""

    permission = forms.ChoiceField(label=_("Permission"), required=False)
    person = EmailField(
        label=_("Person"),
        required=False,
        confirm=False,
        widget=EmailInput({"placeholder": _("person@example.com")}),
    )

    def __init__(self, *args: Any, level: Level, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [
            (LEGENDS[noun], [(p.value, p.label) for p in Permission if p.level is noun])
            for noun in Level
            if level.reaches(noun)
        ]
        choices = [("", _("Choose a permission")), *groups]
        offer_choices(self, "permission", choices)

    def clean_permission(self) -> Permission | None:
        value = self.cleaned_data["permission"]
        return Permission(value) if value else None
