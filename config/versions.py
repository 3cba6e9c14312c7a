"""Versions of what a person read before deciding, as they travel with the submitted form.

A form carries, signed, what its page showed: of which row, which fields, and their values. The
action compares that with what is stored, and does nothing where the two differ. So nobody's
decision is undone by a form that is older than it, that is about something else, or that carries
no version: docs/decisions/versions-of-forms.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from django import forms
from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import QueryDict

NAME = "version"
SALT = "canopy.versions"
DIGEST_LENGTH = 16


class _Unseen(Enum):
    AS_IT_IS = "as it is"


# The version for callers without a form: demo data, commands, a step of a larger action. What comes
# with a request is a text, and so is never this.
AS_IT_IS: Final = _Unseen.AS_IT_IS
Version: TypeAlias = str | Literal[_Unseen.AS_IT_IS]
# By the name of a fact: what it is called, one side, and what is stored.
Comparison: TypeAlias = dict[str, tuple[str, str, str]]


class Shown:
    """Facts of a row that a page shows before a person decides about it; as text, the version.

    `names` are attributes of the row, and `more` what isn't one. `about` tells apart the forms of a
    row that show different things under the same names. Facts are called what the fields of that
    name are, of the row or else of the model `kin`.
    """

    def __init__(
        self,
        row: Model,
        *names: str,
        about: str = "",
        kin: type[Model] | None = None,
        **more: object,
    ) -> None:
        self.row = row
        self.about = about
        self.kin = kin
        self.values = {name: getattr(row, name) for name in names} | more

    def __str__(self) -> str:
        content = [self.row._meta.label_lower, self.row.pk, self.about, self.facts]
        return signing.Signer(salt=SALT).sign_object(content, compress=True)

    @cached_property
    def facts(self) -> dict[str, object]:
        """The values as JSON has them."""
        return {name: _plain(value) for name, value in self.values.items()}

    def fits(self, version: Version) -> bool:
        """Return whether `version` was given to a form that showed all of this."""
        return version is AS_IT_IS or _compared(self.facts_in(version)) == _compared(self.facts)

    def facts_in(self, version: Version) -> dict[str, object] | None:
        """Return what the page showed; None where it was of something else, or isn't known."""
        try:
            content = signing.Signer(salt=SALT).unsign_object(str(version))
        except (signing.BadSignature, ValueError):
            return None
        *about, facts = content
        same = about == [self.row._meta.label_lower, self.row.pk, self.about]
        return facts if same and facts.keys() == self.facts.keys() else None

    def since(self, version: Version) -> Comparison:
        """Return (label, as it was shown, as it is stored) of what has changed since."""
        read = self.facts_in(version) or {}
        rows = {}
        for name, stored in self.facts.items():
            if name not in read or _compared(read[name]) != _compared(stored):
                before = self.words(name, read.get(name))
                after = self.words(name, stored)
                if read and before == after:  # the words of it say too little
                    after = _("%(value)s (changed)") % {"value": after} if after else _("changed")
                rows[name] = (self.label(name), before, after)
        return rows

    def beside(self, mine: Mapping[str, object]) -> Comparison:
        """Return (label, mine, as it is stored) of what the person would have otherwise."""
        rows = {}
        for name, value in mine.items():
            if name in self.facts:
                my = self.words(name, _plain(value))
                stored = self.words(name, self.facts[name])
                if my != stored:
                    rows[name] = (self.label(name), my, stored)
        return rows

    def label(self, name: str) -> str:
        """Return what people call a fact."""
        field = self._field(name)
        return capfirst(str(field.verbose_name)) if field else capfirst(name.replace("_", " "))

    def words(self, name: str, fact: object) -> str:
        """Return a fact as people read it; "" for nothing."""
        if fact is None:
            return ""
        if isinstance(fact, bool):
            return _("Yes") if fact else _("No")
        if isinstance(fact, list):
            return ", ".join(self.words(name, each) for each in fact)
        if isinstance(fact, dict):
            return _instant(fact["at"]) if "at" in fact else str(fact.get("words", ""))
        field = self._field(name)
        return str(dict(field.flatchoices).get(fact, fact) if field else fact)

    def _field(self, name: str) -> Field[Any, Any] | None:
        for model in (self.row, self.kin):
            with suppress(FieldDoesNotExist):
                field = model._meta.get_field(name) if model else None
                if isinstance(field, Field):
                    return field
        return None


class VersionInput(forms.HiddenInput):
    """Field for a version. Sent twice it counts as missing: nobody can say which was meant."""

    def value_from_datadict(self, data: object, files: object, name: str) -> str:
        return _only(data, name)


class VersionField(forms.CharField):
    """Version that the form's page showed. Only the action can tell whether it still fits."""

    widget = VersionInput

    def __init__(self) -> None:
        super().__init__(required=False, strip=False)

    def has_changed(self, initial: object, data: object) -> bool:
        """Return False: it says what was read, and nobody fills it in."""
        return False


def renew(form: forms.BaseForm, shown: Shown) -> None:
    """Let a form that has been sent rest on `shown`, as if it had been made from that."""
    data = cast("QueryDict", form.data).copy()
    data[form.add_prefix(NAME)] = str(shown)
    form.data = data


def sent(data: QueryDict, name: str = NAME) -> str:
    """Return the version that a button's form has sent; "" for none, and for several."""
    return _only(data, name)


def digest(values: Iterable[object]) -> str:
    """Return what stands for values that are too many to travel with a form.

    Or that aren't to be read there: it is made with the installation's key, since the values may
    be so few that all could be tried. As a fact it is {"digest": …}, and says nothing.
    """
    text = json.dumps([_plain(value) for value in values], separators=(",", ":"), sort_keys=True)
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:DIGEST_LENGTH]


def _only(data: Any, name: str) -> str:
    found = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
    return str(found[0]) if len(found) == 1 else ""


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, the same whether it was loaded or is about to be stored."""
    if hasattr(value, "as_fact"):
        return value.as_fact()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return {"at": value.astimezone(UTC).isoformat()}
    if isinstance(value, Model):
        return {"row": [value._meta.label_lower, value.pk], "words": str(value)}
    if isinstance(value, FieldFile):
        return value.name or ""
    if isinstance(value, set | frozenset):
        return sorted(_plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _compared(fact: object) -> object:
    """Return what counts of a fact: not its "words", which are for people alone."""
    if isinstance(fact, dict):
        return {name: _compared(part) for name, part in fact.items() if name != "words"}
    return fact


def _instant(text: str) -> str:
    """Return how an instant reads, by the clock of the person reading it."""
    instant = datetime.fromisoformat(text)
    with suppress(OverflowError):  # at either end of the calendar
        instant = timezone.localtime(instant)
    return date_format(instant, "j F Y, H:i")
