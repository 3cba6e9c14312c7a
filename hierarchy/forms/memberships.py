"""What one fills in about members: which of them to list, and another role for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hierarchy.dates import refuse_far
from hierarchy.forms.roles import RoleField
from hierarchy.models import AnyRole, Status
from hierarchy.roles import Role

# What a browser's control for date and time reads and writes.
MINUTES = "%Y-%m-%dT%H:%M"
# Which dates to list, besides the statuses.
LIMITED, ENDED = "limited", "ended"


class MemberFilterForm(forms.Form):
    """Which members to list. What can't be read filters nothing."""

    q = forms.CharField(required=False, max_length=100)
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", _("Any role")), *Role.choices]
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any status")),
            *Status.choices,
            (LIMITED, _("Ends by itself")),
            (ENDED, _("Ended")),
        ],
    )


class DatesForm(forms.Form):
    """From when until when a membership lasts, in the time zone of whoever fills it in."""

    starts_at = forms.DateTimeField(
        label=_("From"),
        required=False,
        validators=[refuse_far],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MINUTES),
        help_text=_("Left empty: from now on."),
    )
    ends_at = forms.DateTimeField(
        label=_("Until"),
        required=False,
        validators=[refuse_far],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MINUTES),
        help_text=_("At that instant the access ends by itself. Left empty: it doesn't end."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput, empty_value=None)


class RoleForm(forms.Form):
    """Another role for a member."""

    role = RoleField()
    version = forms.CharField(required=False, widget=forms.HiddenInput, empty_value=None)

    def __init__(self, *args: Any, roles: Iterable[AnyRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].offer(roles)  # type: ignore[attr-defined]
