from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from config import wall_clock

ROME = ZoneInfo("Europe/Rome")


def shown(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "text", "offsets"),
    [
        ("Europe/Rome", "2027-03-28T02:30", []),
        ("Europe/Rome", "2027-10-31T02:30", ["+02:00", "+01:00"]),
        ("Europe/Rome", "2027-03-28T03:30", ["+02:00"]),
        ("Europe/Rome", "2027-10-31T02:00", ["+02:00", "+01:00"]),
        ("Europe/Rome", "2027-10-31T03:00", ["+01:00"]),
        ("Australia/Lord_Howe", "2027-04-04T01:45", ["+11:00", "+10:30"]),
        ("Pacific/Apia", "2011-12-30T12:00", []),
        ("America/St_Johns", "2027-11-07T01:30", ["-02:30", "-03:30"]),
        ("UTC", "2027-10-31T02:30", ["+00:00"]),
    ],
)
def test_instants_are_none_one_or_two(zone, text, offsets):
    found = wall_clock.instants(shown(text), ZoneInfo(zone))

    assert [wall_clock.offset(at) for at in found] == offsets
    assert all(at.astimezone(UTC).astimezone(ZoneInfo(zone)) == at for at in found)


@pytest.mark.parametrize(
    ("zone", "text", "before", "after"),
    [
        ("Europe/Rome", "2027-03-28T02:30", "2027-03-28T01:59", "2027-03-28T03:00"),
        ("Europe/Rome", "2027-03-28T02:00", "2027-03-28T01:59", "2027-03-28T03:00"),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-03T01:59", "2027-10-03T02:30"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-29T23:59", "2011-12-31T00:00"),
    ],
)
def test_around_gap_is_the_minute_before_and_the_one_after(zone, text, before, after):
    found = wall_clock.around_gap(shown(text), ZoneInfo(zone))

    assert [at.replace(tzinfo=None) for at in found] == [shown(before), shown(after)]


def test_is_repeated_only_in_the_hour_that_is():
    first = datetime(2027, 10, 30, 23, 30, tzinfo=UTC).astimezone(ROME)

    hours = [(first.astimezone(UTC) + timedelta(hours=n)).astimezone(ROME) for n in range(4)]

    assert [wall_clock.is_repeated(at) for at in hours] == [False, True, True, False]
