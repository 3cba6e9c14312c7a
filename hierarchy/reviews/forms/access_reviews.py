"""Forms for access reviews."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hierarchy.console.forms.instants import InstantField
from hierarchy.members.forms.memberships import RoleForm
from hierarchy.models.access_review import LONGEST_NOTE

USUAL_TIME = timedelta(days=14)


class StartForm(forms.Form):
    """Form for the due date, in the time zone of the person who fills it in."""

    due_at = InstantField(
        label=_("Due"),
        required=True,
        help_text=_("Owners are told about anything that nobody has answered by then."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        evening = timezone.localtime().replace(hour=18, minute=0, second=0, microsecond=0)
        self.initial.setdefault("due_at", evening + USUAL_TIME)


class NoteForm(forms.Form):
    """Form for a reason, for readers of the evidence."""

    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("It appears in the evidence."),
    )


class ChangeForm(RoleForm, NoteForm):
    """Another role, and why."""

    field_order = ("role", "note")
