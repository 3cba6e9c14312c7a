"""Dates that people can mean. Those at the ends of the calendar don't survive a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config import wall_clock

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FURTHEST = timedelta(days=36_525)  # a hundred years


def latest() -> datetime:
    """Return the last instant that people are taken to mean."""
    return timezone.now() + FURTHEST


def local(instant: datetime) -> datetime:
    """Return an instant in the viewer's zone; as it is stored where that has no such instant.

    Rows from before `refuse_far` can have one at either end of the calendar.
    """
    try:
        return timezone.localtime(instant)
    except OverflowError:
        return instant


def in_words(instant: datetime | None) -> str:
    """Return how an instant reads in a sentence, by the clock of the person reading it.

    In an hour that the clock repeats, the offset says which of the two it is.
    """
    if instant is None:
        return ""
    shown = local(instant)
    words = date_format(shown, "j F Y, H:i")
    return f"{words} ({wall_clock.offset(shown)})" if wall_clock.is_repeated(shown) else words


def refuse_far(value: date) -> None:
    """Raise ValidationError for a day, or an instant, that is too far away."""
    first = EARLIEST
    last = latest()
    is_instant = isinstance(value, datetime)
    if not (first <= value <= last if is_instant else first.date() <= value <= last.date()):
        sentence = _("Choose a date after the year %(first)d and before %(last)d.")
        raise ValidationError(sentence % {"first": first.year - 1, "last": last.year + 1}, "far")
