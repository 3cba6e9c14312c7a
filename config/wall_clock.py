"""Wall clock times, and the instants that each can mean: none, one, or two.

Where the clocks go forward an hour is skipped, and where they go back one is repeated.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

SECOND = timedelta(seconds=1)


def instants(shown: datetime, zone: tzinfo) -> list[datetime]:
    """Return the instants at which clocks in `zone` show the naive `shown`, the earlier first.

    Raises OverflowError at either end of the calendar.
    """
    found = [shown.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    real = [at for at in found if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == shown]
    return real if is_repeated(found[0]) else real[:1]


def is_repeated(local: datetime) -> bool:
    """Return whether the clock of an instant's own zone shows it twice (or, if not real, never)."""
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def around_gap(shown: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the last minute before the naive `shown`, which `zone` skips, and the first after."""
    early, late = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    before = early.astimezone(zone).utcoffset()
    while late - early > SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    after = late.replace(microsecond=0)
    return (after - timedelta(minutes=1)).astimezone(zone), after.astimezone(zone)


def offset(local: datetime) -> str:
    """Return an instant's offset from UTC as people write it: +01:00."""
    return f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5]
