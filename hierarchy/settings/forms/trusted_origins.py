"""Forms of trusted origins."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hierarchy.console.forms.versions import VersionedForm
from hierarchy.origins import OriginRule, Pasted, parse_pasted, split_list

MOST_AT_ONCE = 100


class TrustedOriginForm(forms.Form):
    """Origins as people write them; `pasted` is what they mean, once the form is valid."""

    origin = forms.CharField(
        label=_("Origin"),
        max_length=300,
        help_text=_(
            "A host such as app.example.com, with a port if it needs one. You can also paste a URL."
        ),
        widget=forms.TextInput(
            attrs={"autocapitalize": "off", "spellcheck": "false", "placeholder": "app.example.com"}
        ),
    )
    include_subdomains = forms.BooleanField(
        label=_("Subdomains"),
        required=False,
        help_text=_("Trusts everything under the host, but not the host itself."),
    )
    allow_insecure = forms.BooleanField(
        label=_("Allow http"),
        required=False,
        help_text=_("For local development. In production, only localhost can go without https."),
    )
    confirmed = forms.BooleanField(
        label=_("Yes, trust this other domain"),
        required=False,
        help_text=_("Anyone who controls that domain can make calls on behalf of the application."),
    )

    pasted: list[Pasted]

    def clean(self) -> dict[str, object]:
        lines = self.lines()
        if not lines and "origin" in self.cleaned_data:  # quotes and commas alone
            self.add_error("origin", _("Enter a host such as app.example.com, without spaces."))
        if len(lines) > MOST_AT_ONCE:
            sentence = _("Enter up to %(most)d origins at once.")
            self.add_error("origin", forms.ValidationError(sentence, params={"most": MOST_AT_ONCE}))
            return self.cleaned_data
        parsed = [pasted for line in lines if (pasted := self._parse(line, len(lines)))]
        self.pasted = list({pasted.rule: pasted for pasted in parsed}.values())
        return self.cleaned_data

    def lines(self) -> list[str]:
        """Return the texts that each stand for one origin."""
        return [self.cleaned_data["origin"]] if "origin" in self.cleaned_data else []

    @property
    def rule(self) -> OriginRule:
        return self.pasted[0].rule

    def _parse(self, line: str, of_how_many: int) -> Pasted | None:
        flags = {name: self.cleaned_data[name] for name in ("include_subdomains", "allow_insecure")}
        try:
            return parse_pasted(line, **flags)
        except forms.ValidationError as error:
            found = f"{line}: {error.messages[0]}" if of_how_many > 1 else error
            self.add_error("origin", found)
            return None


class AddTrustedOriginsForm(TrustedOriginForm):
    """One origin, or a pasted list of them."""

    origin = forms.CharField(
        label=_("Origins"),
        max_length=20_000,
        help_text=_(
            "A host such as app.example.com, with a port if it needs one. You can also paste URLs"
            " or a whole list. Mobile and desktop applications send an origin such as"
            " capacitor://localhost."
        ),
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "autocapitalize": "off",
                "spellcheck": "false",
                "placeholder": "app.example.com",
            }
        ),
    )

    def lines(self) -> list[str]:
        return split_list(self.cleaned_data.get("origin", ""))


class EditTrustedOriginForm(TrustedOriginForm, VersionedForm):
    """An origin that is trusted already."""

    def mine(self) -> dict[str, object]:
        return dict(vars(self.rule))
