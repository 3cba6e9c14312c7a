"""Addresses of pages, many of which differ from one row to the next in a number or a slug alone."""

from __future__ import annotations

import re
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse

PLAIN = re.compile(r"[-\w]+", re.ASCII)
STAND_IN = 9_100_000_000_000_000_000  # longer than any number in an address


def page_url(name: str, **values: object) -> str:
    """Return what `reverse` does; pages of the same name are found once, not once for each row."""
    kinds = tuple([(key, isinstance(value, int)) for key, value in values.items()])
    for key, is_number in kinds:
        if not is_number and not PLAIN.fullmatch(str(values[key])):
            return reverse(name, kwargs=values)
    # No request has addresses of its own, and asking Django for its own takes as long as the rest.
    pattern = _pattern(name, kinds, settings.ROOT_URLCONF, get_script_prefix())
    if pattern is None:
        return reverse(name, kwargs=values)
    return pattern.format(**values)


@lru_cache(maxsize=1_000)
def _pattern(
    name: str, kinds: tuple[tuple[str, bool], ...], urlconf: str, script_prefix: str
) -> str | None:
    """Return the address with `{key}` in the place of each value; None if it isn't as simple."""
    stand_ins = {
        key: STAND_IN + place if is_number else f"stand-in-{place}"
        for place, (key, is_number) in enumerate(kinds)
    }
    try:
        pattern = reverse(name, urlconf, kwargs=stand_ins)
    except NoReverseMatch:
        return None
    for key, stand_in in stand_ins.items():
        pattern = pattern.replace(str(stand_in), f"{{{key}}}")
    return pattern
