"""Every application setting, declared once. Forms, effective values and pages are built from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.time_zones import known_zone, time_zone_name, time_zones
from hierarchy import locales
from hierarchy.networks import parse_network
from hierarchy.roles import Permission

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Json = bool | int | str | list[str]
Effective = dict[str, Json]

LOCK: Final = "_locked"


class Group(models.TextChoices):
    SECURITY = "security", _("Security")
    PRIVACY = "privacy", _("Privacy")
    LOCALIZATION = "localization", _("Localization")


class Type(StrEnum):
    """Type of a setting: the control that edits its value, and the JSON that stores it."""

    SWITCH = "switch"  # bool
    NUMBER = "number"  # int
    CHOICE = "choice"  # str
    ZONE = "zone"  # str: a time zone, or another of its options
    CHOICES = "choices"  # list of str, ordered
    LINES = "lines"  # list of str, free


@dataclass(frozen=True)
class Setting:
    """One setting. `default` may depend on the other effective values (the locale's week)."""

    key: str
    group: Group
    type: Type
    label: StrOrPromise
    help: StrOrPromise
    default: Json | Callable[[Effective], Json]
    options: Callable[[], Sequence[tuple[str, StrOrPromise]]] | None = None
    low: int | None = None
    high: int | None = None
    unit: StrOrPromise = ""
    parse: Callable[[str], str] | None = None  # of one line of LINES, raising ValueError
    permission: Permission | None = None  # needed beside the permission to change the node

    def clean(self, value: object) -> Json:
        """Return `value` as it is stored; raise ValidationError with a sentence otherwise."""
        return _CLEANERS[self.type](self, value)

    def default_for(self, effective: Effective) -> Json:
        """Return what holds when nobody set anything, given the settings declared before."""
        return self.default(effective) if callable(self.default) else self.default

    def display(self, value: Json) -> str:
        """Return the value as people read it."""
        if isinstance(value, bool):
            return str(_("Yes") if value else _("No"))
        if isinstance(value, list):
            return ", ".join(self._option_label(item) for item in value) or str(_("None"))
        if isinstance(value, int):
            return f"{value:,} {self.unit}".strip()
        return self._option_label(value)

    def _option_label(self, value: str) -> str:
        options = dict(self.options()) if self.options else {}
        return str(options.get(value, value))


def _clean_switch(_setting: Setting, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("Choose yes or no."))
    return value


def _clean_number(setting: Setting, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValidationError(_("Enter a whole number."))
    low = setting.low
    high = setting.high
    if low is not None and high is not None and not low <= value <= high:
        raise ValidationError(
            _("Enter a number from %(low)s to %(high)s."),
            params={"low": f"{low:,}", "high": f"{high:,}"},
        )
    return value


def _clean_choice(setting: Setting, value: object) -> str:
    offered = {option for option, _label in setting.options()}  # type: ignore[misc]
    if not isinstance(value, str) or value not in offered:
        raise ValidationError(_("Choose one of the options."))
    return value


def _clean_zone(setting: Setting, value: object) -> str:
    """Return the zone under the name that is offered, whichever of its names was given."""
    return (isinstance(value, str) and known_zone(value)) or _clean_choice(setting, value)


def _clean_choices(setting: Setting, value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValidationError(_("Choose from the options."))
    return list(dict.fromkeys(_clean_choice(setting, item) for item in value))


def _clean_lines(setting: Setting, value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValidationError(_("Enter one value per line."))
    cleaned: list[str] = []
    for line in value:
        try:
            cleaned.append(setting.parse(str(line).strip()) if setting.parse else str(line).strip())
        except ValueError:
            raise ValidationError(
                _("“%(line)s” isn't valid. %(help)s"),
                params={"line": line, "help": setting.help},
            ) from None
    return list(dict.fromkeys(cleaned))


_CLEANERS: dict[Type, Callable[[Setting, object], Json]] = {
    Type.SWITCH: _clean_switch,
    Type.NUMBER: _clean_number,
    Type.CHOICE: _clean_choice,
    Type.ZONE: _clean_zone,
    Type.CHOICES: _clean_choices,
    Type.LINES: _clean_lines,
}


def _time_zone_options() -> Sequence[tuple[str, StrOrPromise]]:
    return _time_zones_in(get_language())


def _locale_options() -> Sequence[tuple[str, StrOrPromise]]:
    return _locales_in(get_language())


# Naming every zone or locale takes a good part of a second: once for each language of the readers.
@cache
def _time_zones_in(_language: str | None) -> Sequence[tuple[str, StrOrPromise]]:
    return tuple((zone, time_zone_name(zone)) for zone in time_zones())


@cache
def _locales_in(_language: str | None) -> Sequence[tuple[str, StrOrPromise]]:
    named = [(tag, f"{locales.locale_name(tag)} · {tag}") for tag in locales.locale_tags()]
    return tuple(sorted(named, key=lambda option: option[1].casefold()))


def _weekday_options() -> list[tuple[str, StrOrPromise]]:
    labels = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )
    return list(zip(locales.WEEKDAYS, labels, strict=True))


_DECLARED = [
    Setting(
        "require_signed_token",
        Group.SECURITY,
        Type.SWITCH,
        _("Require signed tokens"),
        _("Refuse user tokens that your server didn't sign."),
        default=True,
        permission=Permission.CHANGE_TOKEN_REQUIREMENT,
    ),
    Setting(
        "max_token_age",
        Group.SECURITY,
        Type.NUMBER,
        _("Maximum token age"),
        _("How long a user token is valid after it is issued: 60 seconds to 30 days."),
        default=86_400,
        low=60,
        high=2_592_000,
        unit=_("seconds"),
    ),
    Setting(
        "allowed_key_networks",
        Group.SECURITY,
        Type.LINES,
        _("Networks for API keys"),
        _(
            "Networks that API keys can be used from, such as 10.0.0.0/8, one per line or with"
            " commas in between. Leave empty to allow any network."
        ),
        default=[],
        parse=parse_network,
    ),
    Setting(
        "session_expiry",
        Group.SECURITY,
        Type.CHOICE,
        _("Sessions end"),
        _("When a visitor's session ends."),
        default="timeout",
        options=lambda: [
            ("timeout", _("After a period of inactivity")),
            ("midnight", _("At midnight")),
        ],
    ),
    Setting(
        "session_timeout",
        Group.SECURITY,
        Type.NUMBER,
        _("Session timeout"),
        _("Period of inactivity after which a session ends: 1 minute to 24 hours."),
        default=30,
        low=1,
        high=1_440,
        unit=_("minutes"),
    ),
    Setting(
        "session_time_zone",
        Group.SECURITY,
        Type.ZONE,
        _("Time zone for midnight"),
        _("The time zone whose midnight counts, when sessions end at midnight."),
        default="application",
        options=lambda: [("application", _("The application's time zone")), *_time_zone_options()],
    ),
    Setting(
        "anonymity_scope",
        Group.PRIVACY,
        Type.CHOICE,
        _("A visitor keeps the same identity within"),
        _("Nobody can link a visitor's identities across a narrower scope."),
        default="application",
        options=lambda: [
            ("session", _("A session")),
            ("application", _("The application")),
            ("workspace", _("The workspace")),
            ("organization", _("The organization")),
        ],
    ),
    Setting(
        "ip_address",
        Group.PRIVACY,
        Type.CHOICE,
        _("IP addresses"),
        _("How much of a visitor's address is kept. Truncating keeps /24 of IPv4 and /48 of IPv6."),
        default="truncate",
        options=lambda: [
            ("keep", _("Keep")),
            ("truncate", _("Truncate")),
            ("drop", _("Drop")),
        ],
    ),
    Setting(
        "honor_opt_out_signals",
        Group.PRIVACY,
        Type.SWITCH,
        _("Honour opt-out signals"),
        _("Don't track browsers that send Global Privacy Control or Do Not Track."),
        default=True,
    ),
    Setting(
        "consent",
        Group.PRIVACY,
        Type.CHOICE,
        _("Consent"),
        _(
            "Whether visitors are tracked only if they agree, unless they object, or without"
            " being asked."
        ),
        default="opt_in",
        options=lambda: [
            ("opt_in", _("Only after opting in")),
            ("opt_out", _("Unless opted out")),
            ("not_asked", _("Without asking")),
        ],
    ),
    Setting(
        "retention_days",
        Group.PRIVACY,
        Type.NUMBER,
        _("Retention"),
        _("How long visitor data is kept: 1 day to 10 years."),
        default=395,
        low=1,
        high=3_650,
        unit=_("days"),
    ),
    Setting(
        "exclude_bots",
        Group.PRIVACY,
        Type.SWITCH,
        _("Exclude bots"),
        _("Bots get the default content and are not tracked."),
        default=True,
    ),
    Setting(
        "default_locale",
        Group.LOCALIZATION,
        Type.CHOICE,
        _("Default locale"),
        _("What visitors get when none of their languages is offered."),
        default="en",
        options=_locale_options,
    ),
    Setting(
        "locales",
        Group.LOCALIZATION,
        Type.CHOICES,
        _("Locales"),
        _(
            "The locales that are offered, in order of preference. The default locale is always"
            " one of them."
        ),
        default=lambda effective: [str(effective["default_locale"])],
        options=_locale_options,
    ),
    Setting(
        "time_zone",
        Group.LOCALIZATION,
        Type.ZONE,
        _("Time zone"),
        _("Decides when days, weeks and sessions begin."),
        default="UTC",
        options=_time_zone_options,
    ),
    Setting(
        "week_start",
        Group.LOCALIZATION,
        Type.CHOICE,
        _("Week starts on"),
        _("If not set, whatever is usual in the default locale's region."),
        default=lambda effective: locales.week_start(str(effective["default_locale"])),
        options=_weekday_options,
    ),
    Setting(
        "weekend",
        Group.LOCALIZATION,
        Type.CHOICES,
        _("Weekend"),
        _("If not set, whatever is usual in the default locale's region."),
        default=lambda effective: locales.weekend(str(effective["default_locale"])),
        options=_weekday_options,
    ),
    Setting(
        "hour_cycle",
        Group.LOCALIZATION,
        Type.CHOICE,
        _("Hours"),
        _("How the time of day is written."),
        default="locale",
        options=lambda: [
            ("locale", _("As is usual in the locale")),
            ("12", _("1 to 12, with a.m. and p.m.")),
            ("24", _("0 to 23")),
        ],
    ),
]

SETTINGS: dict[str, Setting] = {setting.key: setting for setting in _DECLARED}


def settings_of(group: Group) -> list[Setting]:
    """Return the settings of a group, in the order in which pages show them."""
    return [setting for setting in _DECLARED if setting.group == group]


def lock_of(key: str) -> str:
    """Return the name that the lock of a setting has, in forms and events."""
    return f"{key}{LOCK}"


def key_of(name: str) -> str:
    """Return the key of the setting that is called so, or whose lock is."""
    return name.removesuffix(LOCK)


def title_of(name: str) -> str:
    """Return what a setting, or its lock, is called on pages."""
    label = str(SETTINGS[key_of(name)].label)
    return label if name in SETTINGS else gettext("%(setting)s, locked") % {"setting": label}
