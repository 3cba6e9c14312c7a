"""The form of one group of settings, built from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import TimeZoneField
from hierarchy.console.forms.versions import VersionedForm
from hierarchy.effective_settings import EffectiveSetting, Own, facts_of
from hierarchy.networks import split_list
from hierarchy.setting_definitions import Group, Json, Setting, Type, lock_of, settings_of

INHERIT: Final = "inherit"
OWN: Final = "own"
# Beyond this many options, values are written one a line instead of being ticked.
MOST_CHECKBOXES: Final = 12


class LinesField(forms.CharField):
    """Several values, a line each or with commas between.

    With `options`, each becomes what the option is spelled like.
    """

    widget = forms.Textarea

    def __init__(self, *, options: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spellings = {option.lower(): option for option in options or ()}
        self.widget.attrs["rows"] = 3

    def to_python(self, value: object) -> list[str]:  # type: ignore[override]
        words = value if isinstance(value, list) else split_list(str(value or ""))
        return [self.spellings.get(word.lower(), word) for word in words]

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: object, data: object) -> bool:
        return self.to_python(data) != (initial or [])


def _switch(_setting: Setting) -> forms.Field:
    choices = [("true", _("Yes")), ("false", _("No"))]
    return forms.TypedChoiceField(
        choices=choices, coerce=lambda value: value == "true", empty_value=None
    )


def _number(setting: Setting) -> forms.Field:
    return forms.IntegerField(min_value=setting.low, max_value=setting.high)


def _choice(setting: Setting) -> forms.Field:
    return forms.ChoiceField(choices=_options(setting))


def _zone(setting: Setting) -> forms.Field:
    return TimeZoneField(choices=_options(setting))


def _choices(setting: Setting) -> forms.Field:
    options = _options(setting)
    if len(options) > MOST_CHECKBOXES:
        return LinesField(options=dict(options), help_text=_("One per line, such as it-IT."))
    return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple)


def _lines(_setting: Setting) -> forms.Field:
    return LinesField()


def _options(setting: Setting) -> list[tuple[str, object]]:
    return list(setting.options()) if setting.options else []


_CONTROLS: Final[dict[Type, Callable[[Setting], forms.Field]]] = {
    Type.SWITCH: _switch,
    Type.NUMBER: _number,
    Type.CHOICE: _choice,
    Type.ZONE: _zone,
    Type.CHOICES: _choices,
    Type.LINES: _lines,
}


@dataclass(frozen=True)
class Row:
    """One setting of the form: what holds, the choice where it comes from, the value, its lock.

    `lock` is None where nothing is beneath the node, which could be locked.
    """

    effective: EffectiveSetting
    source: forms.BoundField
    value: forms.BoundField
    lock: forms.BoundField | None


class SettingsForm(VersionedForm):
    """Form for what a node sets itself in one group, and what it inherits.

    `effective` is what holds for the node, `locked` the keys that the person may not change; those
    that are locked above the node join them. What stands at the top of the tree inherits nothing
    but the defaults. `may_lock` says whether there is anything beneath the node.
    """

    def __init__(
        self,
        *args: Any,
        group: Group,
        effective: Mapping[str, EffectiveSetting],
        locked: frozenset[str] = frozenset(),
        is_top: bool = False,
        may_lock: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.effective = {setting.key: effective[setting.key] for setting in settings_of(group)}
        above = {key for key, current in self.effective.items() if current.is_locked_above}
        self.locked = locked | above
        self.may_lock = may_lock
        for key, current in self.effective.items():
            self.fields[f"{key}_source"] = _source(current, is_top)
            self.fields[key] = _control(current)
            if may_lock:
                self.fields[lock_of(key)] = _lock(current)
            for name in self._names_of(key):
                self.fields[name].disabled = key in self.locked

    def rows(self) -> Iterator[Row]:
        for key, current in self.effective.items():
            lock = self[lock_of(key)] if self.may_lock else None
            yield Row(current, self[f"{key}_source"], self[key], lock)

    def clean(self) -> dict[str, object]:
        for key, current in self.effective.items():
            if key in self.locked or key in self.errors:
                continue
            if self.cleaned_data.get(f"{key}_source") == OWN:
                self._clean_own(key, current.setting)
            elif key in self.changed_data or self.cleaned_data.get(lock_of(key)):
                self.add_error(key, _("Choose “Set here” to use this value, or undo your change."))
        return self.cleaned_data

    def values(self) -> dict[str, Json | None]:
        """Return what the node is to set by key: None where it is to inherit."""
        return {
            key: self.cleaned_data[key] if self.cleaned_data[f"{key}_source"] == OWN else None
            for key in self.effective
            if key not in self.locked
        }

    def locks(self) -> dict[str, bool]:
        """Return whether the node is to lock what it sets, by key."""
        return {
            key: self.cleaned_data[lock_of(key)]
            for key, value in self.values().items()
            if self.may_lock and value is not None
        }

    def mine(self) -> dict[str, object]:
        values = self.values()
        locks = self.locks()
        own = {
            key: Own(value, locks.get(key, False))
            for key, value in values.items()
            if value is not None
        }
        return facts_of(own, values)

    def _names_of(self, key: str) -> list[str]:
        return [f"{key}_source", key, *([lock_of(key)] if self.may_lock else [])]

    def _clean_own(self, key: str, setting: Setting) -> None:
        value = self.cleaned_data.get(key)
        if value in (None, ""):
            self.add_error(key, _("Enter a value, or inherit it."))
            return
        try:
            self.cleaned_data[key] = setting.clean(value)
        except forms.ValidationError as error:
            self.add_error(key, error)


def _source(current: EffectiveSetting, is_top: bool) -> forms.ChoiceField:
    inherit = _("Default: %(value)s") if is_top else _("Inherit: %(value)s")
    return forms.ChoiceField(
        label=current.setting.label,
        choices=[(INHERIT, inherit % {"value": current.inherited_display}), (OWN, _("Set here"))],
        initial=OWN if current.is_own else INHERIT,
        widget=forms.RadioSelect,
    )


def _lock(current: EffectiveSetting) -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Lock it: nothing below can set another value"),
        required=False,
        initial=current.is_own and current.lock is not None,
    )


def _control(current: EffectiveSetting) -> forms.Field:
    setting = current.setting
    field = _CONTROLS[setting.type](setting)
    field.label = setting.label
    field.required = False
    is_switch = setting.type is Type.SWITCH
    field.initial = str(current.value).lower() if is_switch else current.value
    field.widget.attrs["data-chooses"] = f"id_{setting.key}_source_1"
    if not isinstance(field.widget, forms.CheckboxSelectMultiple):
        field.widget.attrs["aria-labelledby"] = f"id_{setting.key}_title"
    return field
