"""Forms to hand over a node, and to take one over."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.audit import label_of
from hierarchy.console.forms.nodes import SlugField
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.models import Membership, Workspace
from hierarchy.names import can_be_slug
from hierarchy.roles import Level

# More than these are kept or ended together.
MOST_CHOICES = 200
ALL = "all"
NOBODY = "nobody"
# What stands before the path in an address, and what follows it.
_WHERE = re.compile(r"^https?://[^/]*|[?#].*$")


class PlaceField(forms.CharField):
    """The address of an organization or of a workspace: slugs, or what a browser shows there."""

    default_error_messages: ClassVar = {
        "invalid": _("Enter an address such as acme or acme/shop."),
        "no_workspace": _(
            "A workspace can only go to an organization. Enter only the organization's address."
        ),
    }

    def __init__(self, *, level: Level, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)
        self.level = level

    def clean(self, value: Any) -> list[str]:
        """Return the slug of the organization, and that of the workspace if there is one."""
        text = super().clean(value).lower()
        if not text and not self.required:
            return []
        parts = [part for part in _WHERE.sub("", text).split("/") if part]
        if parts[:1] == ["o"]:
            parts = parts[1::2]
        if not 1 <= len(parts) <= 2 or not all(map(can_be_slug, parts)):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if self.level is Level.WORKSPACE and len(parts) > 1:
            raise forms.ValidationError(self.error_messages["no_workspace"], code="no_workspace")
        return parts


_PLACES = {
    Level.WORKSPACE: (
        _("To organization"),
        _("Its address in Canopy, for example acme. Ask its owners for it."),
    ),
    Level.APPLICATION: (
        _("To workspace"),
        _(
            "Its address in Canopy, for example acme/shop. If you enter only an"
            " organization's, for example acme, the person who accepts chooses the workspace."
        ),
    ),
}


class OfferForm(forms.Form):
    """Form to choose the place that a node is offered to."""

    def __init__(
        self, *args: Any, level: Level, workspaces: Collection[Workspace] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        label, help_text = _PLACES[level]
        if workspaces:
            near = [(f"{each.organization.slug}/{each.slug}", each.name) for each in workspaces]
            self.fields["near"] = forms.ChoiceField(
                label=label, required=False, choices=[("", _("Another one, by address")), *near]
            )
            label = _("Or enter its address")
        self.fields["place"] = PlaceField(
            level=level, label=label, help_text=help_text, required=not workspaces
        )

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        if data.get("near"):
            data["place"] = data["near"].split("/")
        elif "near" in self.fields and data.get("place") == []:
            self.add_error("place", _("Choose a workspace, or enter an address."))
        return data


class AcceptForm(VersionedForm):
    """Form to choose who comes along with a node that is taken over, and its new slug.

    `refusal` says why nobody can be kept, when that is so: it stands beside what can't be ticked.
    """

    slug = SlugField(help_text=_("Used in its new address. The old address redirects here."))
    workspace = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ("keep", "slug")

    def __init__(
        self, *args: Any, members: Collection[Membership], refusal: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.ids = [member.pk for member in members]
        self.refusal = refusal = escape(refusal)  # a help text is HTML: this one contains a name
        # Not the fields': what is ticked nevertheless must be refused, and not passed over.
        attributes = {"disabled": True} if refusal else {}
        if len(members) > MOST_CHOICES:
            self.fields["keep"] = forms.ChoiceField(
                label=_("Do its members come along?"),
                help_text=refusal,
                required=not refusal,
                choices=[(NOBODY, _("None of them: their access ends")), (ALL, _("All of them"))],
                widget=forms.RadioSelect(attributes),
            )
        elif members:
            self.fields["keep"] = forms.TypedMultipleChoiceField(
                label=_("Who comes along"),
                help_text=refusal or _("The access of anyone you leave out ends."),
                coerce=int,
                required=False,
                choices=[(member.pk, _said(member)) for member in members],
                widget=forms.CheckboxSelectMultiple(attributes),
            )
        self.order_fields(self.field_order)

    def mine(self) -> dict[str, object]:
        """Return nothing: who comes along was chosen among those who were shown."""
        return {}

    def look_again(self, shown: Shown) -> None:
        """Make what is shown now, after a refusal, what the next answer is given to."""
        self.rest_on(shown)
        if self.refusal:
            self.data.pop("keep", None)  # type: ignore[attr-defined]

    @property
    def keep(self) -> list[int]:
        """The ids of the memberships that go on."""
        chosen = self.cleaned_data.get("keep", [])
        if isinstance(chosen, str):
            return self.ids if chosen == ALL else []
        return list(chosen)


def _said(member: Membership) -> str:
    return f"{label_of(member.user)} · {member.role_label}, {member.node}"
