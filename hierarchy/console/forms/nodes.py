"""Fields shared by the forms of organizations, workspaces and applications."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.images import ACCEPT, reencode
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.names import LONGEST_NAME, LONGEST_SLUG, clean_name, clean_slug, propose_slug


class NameField(forms.CharField):
    """Field for the name of a node, in the one form that is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Name"), max_length=LONGEST_NAME, **kwargs)

    def clean(self, value: object) -> str:
        return clean_name(super().clean(value))


class SlugField(forms.CharField):
    """Field for a slug, proposed from the field `name` and checked by the server while typing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Slug"), max_length=LONGEST_SLUG, **kwargs)

    def clean(self, value: Any) -> str:
        slug = super().clean(value)
        return clean_slug(slug) if slug else ""

    def check_within(self, place: Mapping[str, str]) -> None:
        """Ask while typing whether the slug is free in `place`, the query of that question."""
        self.widget.attrs |= {
            "autocapitalize": "off",
            "spellcheck": "false",
            "hx-get": reverse_lazy("console:slug-check"),
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#slug-verdict",
            "hx-sync": "this:replace",
            "hx-vals": json.dumps(place),
        }
        verdict = '{} <span class="slug-verdict" id="slug-verdict" aria-live="polite"></span>'
        self.help_text = format_html(verdict, self.help_text)


class WebsiteField(forms.URLField):
    """Field for the address of a web site; without a scheme, https is meant."""

    def __init__(self, *, help_text: Any = "") -> None:
        super().__init__(
            label=_("Web site"),
            required=False,
            max_length=200,
            assume_scheme="https",
            help_text=help_text,
        )


class NewNodeForm(forms.Form):
    """Form to create a node: without a slug, the name has to suggest one."""

    name = NameField()
    slug = SlugField(
        required=False,
        help_text=_("Used in web addresses. Leave empty to make it from the name."),
    )

    def __init__(self, *args: Any, place: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slug = cast(SlugField, self.fields["slug"])
        slug.check_within(place)
        slug.widget.attrs["data-slug-source"] = "id_name"

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        if "name" in data and data.get("slug") == "" and not propose_slug(data["name"]):
            self.add_error("slug", _("Enter a slug: it can't be made from this name."))
        return data


class EditNodeForm(VersionedForm):
    """A node as it is."""

    name = NameField()
    slug = SlugField(help_text=_("If you change it, the old address redirects here."))

    def __init__(self, *args: Any, place: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(SlugField, self.fields["slug"]).check_within(place)

    def changes(self) -> dict[str, object]:
        """Return the fields of the node, as the action takes them."""
        return super().mine()

    def mine(self) -> dict[str, object]:
        return self.changes()


class EditNodeWithLogoForm(EditNodeForm):
    """Form for a node with a logo: it stays unless one is chosen or the box removes it."""

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("PNG, JPEG or WebP, at most 1 MB."),
    )
    remove_logo = forms.BooleanField(label=_("Remove logo"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("logo"):
            del self.fields["remove_logo"]

    def clean_logo(self) -> object:
        upload = self.files.get("logo")
        return reencode(upload) if upload else None

    def changes(self) -> dict[str, object]:
        fields = super().changes()
        logo = fields.pop("logo")
        is_to_go = fields.pop("remove_logo", False)
        if logo is None and is_to_go:
            logo = ""
        return fields if logo is None else fields | {"logo": logo}


class ConfirmationForm(VersionedForm):
    """Form to confirm a name by typing it, before a node is suspended or deleted."""

    confirmation = forms.CharField(required=False)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name

    def clean_confirmation(self) -> str:
        typed = " ".join(self.cleaned_data["confirmation"].split())
        if typed != self.name:
            raise forms.ValidationError(_("Type the name exactly as shown."))
        return typed
