"""Filters for audit events."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.forms import offer_choices
from hierarchy import audit
from hierarchy.dates import refuse_far


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AuditEventFilterForm(forms.Form):
    """Filter by person, action, days in the viewer's time zone, and node."""

    q = forms.CharField(required=False, max_length=100)
    action = forms.ChoiceField(label=_("Action"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=_day(), validators=[refuse_far])
    until = forms.DateField(label=_("To"), required=False, widget=_day(), validators=[refuse_far])

    def __init__(self, *args: Any, beneath: QuerySet[Model] | None, **kwargs: Any) -> None:
        """Offer the nodes `beneath` the one whose events are listed; None if there aren't any."""
        super().__init__(*args, **kwargs)
        offer_choices(self, "action", _actions())
        if beneath is not None:
            self.fields["beneath"] = forms.ModelChoiceField(
                beneath,
                label=capfirst(str(beneath.model._meta.verbose_name)),
                required=False,
                empty_label=str(_("Any")),
            )


def _actions() -> list[tuple[str, object]]:
    """Return the actions as choices, grouped by noun."""
    groups = groupby(audit.actions(), key=lambda action: action.partition(".")[0])
    named = [
        (
            capfirst(noun.replace("_", " ")),
            [(action, capfirst(audit.describe_action(action))) for action in actions],
        )
        for noun, actions in groups
    ]
    return [("", _("Any action")), *named]
