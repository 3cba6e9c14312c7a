"""Forms that say what they were made from, and show both versions after someone else's change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from config.versions import NAME, Comparison, VersionField, renew

if TYPE_CHECKING:
    from config.versions import Shown
    from hierarchy.refusals import Stale


class VersionedForm(forms.Form):
    """Form for what already exists: `stale` once an action has refused it as out of date."""

    version = VersionField()
    stale: Stale | None = None
    versions: Comparison | None = None
    are_mine = True  # and not what the page has shown, where that alone is another now

    def mine(self) -> dict[str, object]:
        """Return what has been filled in, under the names that the facts have."""
        return {name: value for name, value in self.cleaned_data.items() if name != NAME}

    def meet(self, stale: Stale) -> None:
        """Show what is stored now beside it, so that sending again is a decision about that.

        Not on what another page shows, which is then seen again.
        """
        mine = {
            name: (str(self.fields[name].label) if name in self.fields else label, my, stored)
            for name, (label, my, stored) in stale.shown.beside(self.mine()).items()
        }
        self.stale = stale
        self.versions = mine or stale.versions
        self.are_mine = bool(mine)
        own: Shown | None = self.initial.get(NAME)
        if own is None or own.about == stale.shown.about:
            self.rest_on(stale.shown)

    def rest_on(self, shown: Shown) -> None:
        """Make `shown` what the form is sent about, when it is sent again."""
        renew(self, shown)
