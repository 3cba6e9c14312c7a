"""Forms to invite people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.emails import canonical_email, is_as_typed
from accounts.fields import VERBATIM, EmailField
from hierarchy.console.forms.instants import UNTIL, InstantField
from hierarchy.console.forms.roles import RoleField, offer_roles
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.joining.forms import addresses
from hierarchy.models import AnyRole, State
from hierarchy.models.invitation import (
    LONGEST_DAYS,
    LONGEST_MESSAGE,
    MOST_AT_ONCE,
    SHORTEST_DAYS,
    Offer,
)
from hierarchy.roles import Role

# As much as a thousand addresses with names need.
LARGEST_FILE = 256 * 1024


def message_field() -> forms.CharField:
    return forms.CharField(
        label=_("Message"),
        help_text=_("Shown in the e-mail and on the page it links to."),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def days_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Expires after (days)"),
        min_value=SHORTEST_DAYS,
        max_value=LONGEST_DAYS,
        initial=lambda: settings.INVITATION_DAYS,
    )


class OfferForm(forms.Form):
    """Offer to one person or to many: a role, a message, and how long it lasts."""

    role = RoleField(initial=Role.VIEWER)
    ends_at = InstantField(label=_("Access until"), help_text=UNTIL)
    message = message_field()
    days = days_field()

    def __init__(self, *args: Any, roles: Iterable[AnyRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_roles(self, roles)


class InvitationForm(OfferForm):
    """Form to invite one person."""

    email = EmailField(label=_("E-mail"))
    field_order = ("email",)


class InvitationBatchForm(OfferForm):
    """Many addresses, written or in a file, each with the role beside it or with the common one."""

    addresses = forms.CharField(
        label=_("Addresses"),
        required=False,
        max_length=LARGEST_FILE,
        widget=forms.Textarea({"rows": 6, **VERBATIM}),
        help_text=_(
            "One per line, or separated by commas. To give one person a different role, add"
            " it after their address: person@example.com, maintainer"
        ),
    )
    file = forms.FileField(
        label=_("Or upload a file"),
        required=False,
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=_("A CSV file with a column “email” and, optionally, a column “role”."),
    )
    field_order = ("addresses", "file")

    def __init__(self, *args: Any, known: Iterable[AnyRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = list(known)
        for name in ("addresses", "file"):
            self.fields[name].mark = _("(one of the two)")  # type: ignore[attr-defined]

    def clean_file(self) -> list[tuple[str, str]]:
        """Return the addresses in the file, each with the word beside it."""
        file = self.cleaned_data["file"]
        if file is None:
            return []
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is too large. It can be at most 256 kB."))
        try:
            text = str(file.read().decode("utf-8-sig"))
            if "\0" in text:
                raise ValueError
        except ValueError:
            raise forms.ValidationError(_("The file must be UTF-8 text.")) from None
        return addresses.read_file(text)

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        written = addresses.read(data["addresses"]) + data["file"]
        if not written:
            self.add_error("addresses", _("Enter at least one address."))
        elif len(written) > MOST_AT_ONCE:
            sentence = _("Invite at most %(most)d people at once.") % {"most": MOST_AT_ONCE}
            self.add_error("addresses", sentence)
        else:
            self.cleaned_data["offers"] = self._offers(written)
        return data

    def _offers(self, written: list[tuple[str, str]]) -> list[Offer]:
        """Pair each address with the role beside it; whether it can be given is judged later.

        A word that names two roles is an error: nobody can say which is meant. Unless all addresses
        are written as they are used (`is_as_shown`), they have to be shown first.
        """
        common = self.cleaned_data["role"]
        offers = []
        used = [(_used(email), word) for email, word in written]
        self.is_as_shown = all(
            is_as_typed(email, typed)
            for (email, _word), (typed, _same) in zip(used, written, strict=True)
        )
        for email, word in used:
            found = addresses.named(word, self.known) if word else [common]
            if len(found) > 1:
                sentence = _("“%(word)s”, next to %(email)s, is the name of several roles.")
                self.add_error("addresses", sentence % {"word": word, "email": email})
                break
            offers.append(Offer(email, found[0] if found else None, word))
        return offers


def _used(address: str) -> str:
    """Return the form in which an address is used; unchanged if it isn't one."""
    try:
        return canonical_email(address)
    except forms.ValidationError:
        return address


class InvitationFilterForm(forms.Form):
    """Filters for invitations. A value that can't be read filters nothing."""

    q = forms.CharField(required=False, max_length=254)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any state")), *State.choices]
    )


class ExtensionForm(VersionedForm):
    """Form to extend an invitation; proposes the usual term once more after the current end."""

    days = days_field()

    def __init__(self, *args: Any, ends_at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = max(ceil((ends_at - timezone.now()) / timedelta(days=1)), 0)
        self.fields["days"].initial = min(left + settings.INVITATION_DAYS, LONGEST_DAYS)
