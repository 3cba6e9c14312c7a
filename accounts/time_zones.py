"""The time zones that people choose from, by the names and places that the pinned data gives them.

Which data that is, `config/__init__.py` decides before any zone is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import get_timezone_location
from django.utils.translation import get_language

# Zones with summer time here, and abbreviations of a fixed offset elsewhere (in PostgreSQL).
AMBIGUOUS: Final = frozenset({"CET", "EET", "MET", "WET"})
# The data link these to another place that keeps the same time, though their own is offered.
OWN_PLACES: Final = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Antarctica/South_Pole": "Antarctica/McMurdo",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen",
    "Iceland": "Atlantic/Reykjavik",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}


@cache
def time_zones() -> tuple[str, ...]:
    """Return the zones that are offered, UTC first: one for each place, as its country calls it."""
    rows = [line.split("\t") for line in _lines("zone.tab") if not line.startswith("#")]
    return ("UTC", *sorted({row[2] for row in rows} & available_timezones()))


def known_zone(name: str) -> str | None:
    """Return the zone that a name means, or None for an unknown or ambiguous name.

    Every name of the data is understood. An old spelling, as browsers report some, means what the
    place is called now.
    """
    return _known_zones().get(name)


def time_zone_name(zone: str) -> str:
    """Return the zone with the place that CLDR gives it, in the reader's language."""
    return _time_zone_name(zone, get_language() or "en")


@lru_cache(maxsize=5_000)  # the zones in ten languages
def _time_zone_name(zone: str, language: str) -> str:
    """Name a zone once for all who read that language: forms offer 400 of them."""
    if zone == "UTC":
        return zone
    locale = Locale.parse(language, sep="-")
    return f"{zone.replace('_', ' ')} ({get_timezone_location(zone, locale=locale)})"


def city_of(zone: str) -> str:
    """Return the city by which a zone is known, in the reader's language; "" for UTC."""
    if zone == "UTC":
        return ""
    language = Locale.parse(get_language() or "en", sep="-")
    return str(get_timezone_location(zone, locale=language, return_city=True))


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of that name, or UTC when there is none: a page must never fail for it."""
    return ZoneInfo(known_zone(name) or "UTC")


@cache
def _known_zones() -> Mapping[str, str]:
    """Read the folders of zones once: every page asks for someone's zone."""
    offered = set(time_zones())
    links = [line.split() for line in _lines("tzdata.zi") if line.startswith("L ")]
    present = {old: target for _link, target, old in links if target in offered} | OWN_PLACES
    names = available_timezones() - AMBIGUOUS
    return {name: name if name in offered else present.get(name, name) for name in names}


def _lines(name: str) -> list[str]:
    table = files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    return [line for line in table.splitlines() if line]
