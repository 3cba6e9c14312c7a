"""Drawing of every form of the product, django-allauth's included: see templates/forms/."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def offer_choices(
    form: forms.BaseForm, name: str, choices: Iterable[tuple[object, object]]
) -> None:
    """Let the field `name` of one form offer `choices`: pairs of value and label, or groups."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)
