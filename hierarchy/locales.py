"""CLDR facts, through Babel: locales, and the week of a region."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError, localedata
from django.utils.translation import get_language

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@cache
def locale_tags() -> frozenset[str]:
    """Return every locale that CLDR knows, as BCP 47 tags ("pt-BR")."""
    return frozenset(
        name.replace("_", "-")
        for name in localedata.locale_identifiers()
        if name != "root" and "POSIX" not in name.upper()
    )


def locale_name(tag: str) -> str:
    """Return what the locale is called in the reader's language ("Portuguese (Brazil)")."""
    try:
        return _parse(tag).get_display_name(_parse(get_language() or "en")) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def week_start(tag: str) -> str:
    """Return the first day of the week in the locale's region."""
    return WEEKDAYS[_parse(tag).first_week_day]


def weekend(tag: str) -> list[str]:
    """Return the days of the weekend in the locale's region, in the order of the week."""
    locale = _parse(tag)
    start = locale.weekend_start
    end = locale.weekend_end
    span = (end - start) % 7 + 1
    return sorted((WEEKDAYS[(start + offset) % 7] for offset in range(span)), key=WEEKDAYS.index)


def hour_cycle(tag: str) -> str:
    """Return "12" or "24": how the locale's region writes the time of day."""
    pattern = _parse(tag).time_formats["short"].pattern
    return "12" if "h" in pattern or "K" in pattern else "24"


def _parse(tag: str) -> Locale:
    return Locale.parse(tag, sep="-" if "-" in tag else "_")
