"""Forms of workspaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import TimeZoneField
from config.forms import offer_choices
from hierarchy.console.forms.nodes import EditNodeWithLogoForm, NewNodeForm, WebsiteField
from hierarchy.effective_settings import EffectiveSetting
from hierarchy.setting_definitions import SETTINGS

PREFERENCES = ("time_zone", "default_locale")


class NewWorkspaceForm(NewNodeForm):
    """A workspace to be; `inherited` is what holds for its organization."""

    website = WebsiteField()
    time_zone = TimeZoneField(
        label=_("Time zone"),
        required=False,
        help_text=_("Decides when days, weeks and sessions begin."),
    )
    default_locale = forms.ChoiceField(
        label=_("Default locale"),
        required=False,
        help_text=_("What visitors get when none of their languages is offered."),
    )

    field_order = ("name", "slug", "website", *PREFERENCES)

    def __init__(
        self, *args: Any, inherited: Mapping[str, EffectiveSetting], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for key in PREFERENCES:
            options = SETTINGS[key].options
            as_above = _("Same as the organization: %(value)s") % {"value": inherited[key].display}
            offered = options() if options and not inherited[key].lock else ()
            offer_choices(self, key, [("", as_above), *offered])


class EditWorkspaceForm(EditNodeWithLogoForm):
    website = WebsiteField()

    field_order = ("version", "name", "slug", "website")
