"""The clocks of several machines: how far apart they may be, and what none of them can have said.

What counts from an instant until a limit counts too long when the instant lies ahead. So whatever
is dated ahead of our clock by more than two clocks may differ is refused, as if it were too old.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

MOST_APART = timedelta(minutes=5)


def latest() -> datetime:
    """Return the last instant that a clock of ours can show now."""
    return timezone.now() + MOST_APART


def is_ahead(instant: datetime | float) -> bool:
    """Return whether `instant` lies in the future by more than clocks may differ (5 minutes).

    A number is in seconds since 1970.
    """
    if isinstance(instant, datetime):
        return instant > latest()
    return instant > latest().timestamp()
