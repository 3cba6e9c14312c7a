"""Forms to create, change and delete a custom role."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hierarchy.console.forms.nodes import NameField
from hierarchy.console.forms.roles import RoleField, offer_roles
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.models import AnyRole
from hierarchy.models.custom_role import LONGEST_DESCRIPTION
from hierarchy.roles import Level, Permission

LEGENDS = {
    Level.ORGANIZATION: _("On the organization, its holders can"),
    Level.WORKSPACE: _("On its workspaces, or on the one where the role is given"),
    Level.APPLICATION: _("On their applications, or on the one where the role is given"),
}


class CustomRoleForm(forms.Form):
    """Form for a name and permissions: only those that the person holds are `offered`."""

    name = NameField()
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        help_text=_("One sentence, shown wherever the role can be chosen."),
    )

    def __init__(self, *args: Any, offered: Collection[Permission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level in Level:
            choices = [(p.value, p.label) for p in Permission if p.level is level and p in offered]
            if choices:
                self.fields[f"on_{level}"] = forms.MultipleChoiceField(
                    label=LEGENDS[level],
                    required=False,
                    choices=choices,
                    widget=forms.CheckboxSelectMultiple,
                )

    @property
    def permissions(self) -> set[Permission]:
        """Permissions that were selected, on all levels."""
        ticked = (self.cleaned_data.get(f"on_{level}", []) for level in Level)
        return {Permission(value) for values in ticked for value in values}


class EditCustomRoleForm(CustomRoleForm, VersionedForm):
    """A role that there is."""

    def mine(self) -> dict[str, object]:
        facts = {name: self.cleaned_data[name] for name in ("name", "description")}
        return facts | {"permissions": sorted(self.permissions)}


def initial_of(permissions: Iterable[str]) -> dict[str, list[str]]:
    """Return the ticks that stand for `permissions`."""
    known = [Permission(name) for name in permissions if name in set(Permission)]
    return {f"on_{level}": [p.value for p in known if p.level is level] for level in Level}


class ReplacementForm(VersionedForm):
    """Form to choose the next role for the holders of a role."""

    replacement = RoleField()

    def __init__(self, *args: Any, roles: Iterable[AnyRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["replacement"].label = _("New role for its holders")
        offer_roles(self, roles, name="replacement")
