"""When something ends is the same instant in the browser as here, in every zone that is offered."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from accounts.time_zones import known_zone, time_zones

# Where a browser's data are older than ours: from when until when it is wrong, and what it misses.
# Release 2026f says that Cuba keeps its summer time through this winter: Chromium 156 doesn't know.
BROWSER_IS_OLDER = {
    "America/Havana": (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 3, 15, tzinfo=UTC)),
}
FIRST = datetime(2010, 1, 1, tzinfo=UTC)
LAST = datetime(2038, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
OFFSETS = """zones => Object.fromEntries(Object.entries(zones).map(([zone, seconds]) => {
    const format = new Intl.DateTimeFormat('en', {timeZone: zone, timeZoneName: 'longOffset'});
    const name = at => format.formatToParts(at * 1000).find(part => part.type === 'timeZoneName');
    return [zone, seconds.map(at => name(at).value.replace(/^GMT$/, 'GMT+00:00'))];
}))"""


def test_every_change_of_clocks_is_where_the_browser_has_it(open_page):
    instants = {zone: _around_changes(ZoneInfo(zone)) for zone in time_zones()}
    seconds = {zone: [at.timestamp() for at in found] for zone, found in instants.items()}

    shown = open_page().evaluate(OFFSETS, seconds)

    wrong = {
        (zone, at.isoformat(), offset)
        for zone, found in instants.items()
        for at, offset in zip(found, shown[zone], strict=True)
        if offset != _offset(at, zone) and not _is_newer(zone, at)
    }
    assert wrong == set()


def test_every_zone_that_the_browser_reports_is_known(open_page):
    reported = open_page().evaluate("() => Intl.supportedValuesOf('timeZone')")

    assert [name for name in reported if known_zone(name) is None] == []
    places = {name for name in reported if not name.startswith("Etc/")}
    assert {known_zone(name) for name in places} <= set(time_zones())


def _around_changes(zone):
    """Return the instants at which the zone's clocks change, each after the second before it."""
    weeks = [FIRST + WEEK * n for n in range((LAST - FIRST) // WEEK)]
    found = [FIRST, LAST]
    for early, late in pairwise(weeks):
        before = early.astimezone(zone).utcoffset()
        if late.astimezone(zone).utcoffset() == before:
            continue
        while late - early > SECOND:
            middle = early + (late - early) // 2
            if middle.astimezone(zone).utcoffset() == before:
                early = middle
            else:
                late = middle
        late = late.replace(microsecond=0)
        found += [late - SECOND, late]
    return found


def _offset(at, zone):
    """Return the offset as the browser writes it."""
    minutes = int(at.astimezone(ZoneInfo(zone)).utcoffset().total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours = abs(minutes) // 60
    return f"GMT{sign}{hours:02}:{abs(minutes) % 60:02}"


def _is_newer(zone, at):
    begin, end = BROWSER_IS_OLDER.get(zone, (LAST, FIRST))
    return begin <= at < end
