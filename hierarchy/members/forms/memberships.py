"""Forms for members: filters for the list, dates, and another role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hierarchy.console.forms.instants import UNTIL, InstantField
from hierarchy.console.forms.roles import RoleField, offer_roles
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.models import AnyRole, Status
from hierarchy.roles import Role

# Which dates to list, besides the statuses.
LIMITED = "limited"
ENDED = "ended"


class MemberFilterForm(forms.Form):
    """Filters for members. A value that can't be read filters nothing."""

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
            (LIMITED, _("Has an end date")),
            (ENDED, _("Ended")),
        ],
    )


class DatesForm(VersionedForm):
    """Form for when a membership starts and ends, in the time zone of the person filling it in."""

    starts_at = InstantField(label=_("From"), help_text=_("Leave empty to start now."))
    ends_at = InstantField(label=_("Until"), help_text=UNTIL)


class RoleForm(VersionedForm):
    """Another role for a member."""

    role = RoleField()

    def __init__(self, *args: Any, roles: Iterable[AnyRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_roles(self, roles)
