"""What one fills in to invite somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.emails import canonical_email
from hierarchy.forms.roles import RoleField
from hierarchy.models import AnyRole
from hierarchy.models.invitation import LONGEST_DAYS, LONGEST_MESSAGE, SHORTEST_DAYS
from hierarchy.roles import Role


class InvitationForm(forms.Form):
    """Whom, as what, with which words, and for how long."""

    email = forms.CharField(label=_("E-mail"), max_length=254, widget=forms.EmailInput)
    role = RoleField(initial=Role.VIEWER)
    message = forms.CharField(
        label=_("Message"),
        help_text=_("Stands in the mail and on the page that its link opens."),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    days = forms.IntegerField(
        label=_("Good for how many days"),
        min_value=SHORTEST_DAYS,
        max_value=LONGEST_DAYS,
        initial=lambda: settings.INVITATION_DAYS,
    )

    def __init__(self, *args: Any, roles: Iterable[AnyRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].offer(roles)  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return canonical_email(self.cleaned_data["email"])
