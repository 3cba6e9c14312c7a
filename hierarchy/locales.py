"""CLDR facts, through Babel: locales, and the week of a region."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_global
from django.utils.translation import get_language

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Text within a pattern of CLDR, such as the "h" of hours in Quebec, which says nothing of a clock.
QUOTED: Final = re.compile(r"'[^']*'")


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
    """Return the first day of the week in the locale's region, or in its likely one."""
    return WEEKDAYS[_regional(tag).first_week_day]


def weekend(tag: str) -> list[str]:
    """Return the days of the weekend there, in the order of the week: one in India, two mostly."""
    locale = _regional(tag)
    start = locale.weekend_start
    end = locale.weekend_end
    span = (end - start) % 7 + 1
    return sorted((WEEKDAYS[(start + offset) % 7] for offset in range(span)), key=WEEKDAYS.index)


def hour_cycle(tag: str) -> str:
    """Return "12" or "24": how the locale's region writes the time of day."""
    pattern = QUOTED.sub("", _parse(tag).time_formats["short"].pattern)
    return "12" if "h" in pattern or "K" in pattern else "24"


@cache
def _regional(tag: str) -> Locale:
    """Return a locale of the region where most who use `tag` live: that of "ar" is Egypt.

    Without a region CLDR answers for the world, but browsers answer for the likely one.
    """
    locale = _parse(tag)
    region = locale.territory or _likely_region(locale)
    return _parse(_regions()[region]) if region in _regions() else locale


def _likely_region(locale: Locale) -> str:
    likely = get_global("likely_subtags")
    found = likely.get(f"{locale.language}_{locale.script}") or likely.get(locale.language) or ""
    return str(found).rpartition("_")[2]


@cache
def _regions() -> dict[str, str]:
    """Return one locale of each region: facts of a region are the same in all of its locales.

    One in Portuguese only where there is no other: in Babel they inherit the week of Brazil.
    """
    names = sorted(localedata.locale_identifiers(), key=lambda name: not name.startswith("pt_"))
    return {name.rpartition("_")[2]: name for name in names if "_" in name}


def _parse(tag: str) -> Locale:
    return Locale.parse(tag, sep="-" if "-" in tag else "_")
