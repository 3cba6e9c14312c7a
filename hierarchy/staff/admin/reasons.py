"""The reason that staff give for whatever they change: asked for by every page of the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.fields import LineField
from config.closed_admin import ClosedAdmin
from config.web import request_context
from hierarchy.models.audit_event import LONGEST_REASON
from hierarchy.staff.admin.unfold_widgets import dress


class ReasonForm(forms.Form):
    """Reason that staff give: an organization reads it in its activity instead of their name.

    Where no organization reads of it (`is_told`), the reason may be left out.
    """

    why = LineField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The organization sees this in its activity. Your name isn't shown there."),
    )

    def __init__(self, data: Any = None, *, is_told: bool = True) -> None:
        super().__init__(data)
        field = self.fields["why"]
        if not is_told:
            field.label = _("Reason (optional)")
            field.help_text = _("It's kept in the platform's own record, for other staff.")
            field.required = False
        dress(self)

    @property
    def words(self) -> str:
        """Reason that was given, or nothing while it isn't valid."""
        return self.cleaned_data["why"] if self.is_bound and self.is_valid() else ""


class SaysWhy(ClosedAdmin):
    """A ModelAdmin that asks on each of its forms for the reason, and has the events keep it."""

    is_told = True  # whether what changes here is in the activity of an organization
    own_reason = ""  # the field of the form that is the reason already, where it has one
    change_form_after_template = "admin/hierarchy/reason.html"

    def reason_form(self, request: HttpRequest) -> ReasonForm:
        data = request.POST if request.method == "POST" else None
        return ReasonForm(data, is_told=self.is_told)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        is_to_be_read = change and not self.has_change_permission(request, obj)
        if not is_to_be_read and not self.own_reason:
            form.base_fields |= self.reason_form(request).fields
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with request_context.because(self.reason_form(request).words):
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return response
