"""The time zones that people choose from: canonical IANA names with the places CLDR gives them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import get_timezone_location
from django.utils.translation import get_language


@cache
def time_zones() -> tuple[str, ...]:
    """Return the canonical zones, UTC first: those that name a place, without aliases."""
    table = files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return ("UTC", *sorted({row[2] for row in rows} & available_timezones()))


def time_zone_name(zone: str) -> str:
    """Return the zone with the place that CLDR gives it, in the reader's language."""
    if zone == "UTC":
        return zone
    language = Locale.parse(get_language() or "en", sep="-")
    return f"{zone.replace('_', ' ')} ({get_timezone_location(zone, locale=language)})"


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of that name, or UTC when there is none: a page must never fail for it."""
    return ZoneInfo(name if name in _known_zones() else "UTC")


@cache
def _known_zones() -> set[str]:
    """Read the folders of zones once: every page asks for somebody's zone."""
    return available_timezones()
