"""A date with a time, as a browser's control reads and writes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hierarchy.dates import refuse_far

MINUTES = "%Y-%m-%dT%H:%M"
UNTIL = _("At that instant the access ends by itself. Left empty: it doesn't end.")


class InstantField(forms.DateTimeField):
    """An instant that somebody can mean, in the time zone of whoever fills it in."""

    def __init__(self, *, required: bool = False, **kwargs: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local"}, format=MINUTES)
        super().__init__(required=required, validators=[refuse_far], widget=widget, **kwargs)
