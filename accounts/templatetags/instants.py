"""`{% load instants %}`: when something was, for a mail."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from accounts.time_zones import city_of
from config import wall_clock

register = template.Library()


@register.filter
def with_place(instant: datetime) -> str:
    """Return an instant by the reader's clock, with its offset and the city whose clock that is.

    Never the zone's name: what a zone is called differs from one program to the next.
    """
    local = timezone.localtime(instant)
    place = city_of(timezone.get_current_timezone_name())
    where = f"{wall_clock.offset(local)}, {place}" if place else "UTC"
    return f"{date_format(local, 'j F Y, H:i')} ({where})"
