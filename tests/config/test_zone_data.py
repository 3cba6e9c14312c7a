"""One source of zone data for everything: the pinned package, whatever the operating system has."""

import os
import re
import subprocess
import sys
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata

from config.safety import check_zone_data

ROOT = Path(__file__).resolve().parents[2]
CONVERSIONS = re.compile(
    r"AT TIME ZONE|date_trunc|::date\b|date_hierarchy"
    r"|\b(Trunc|Extract)(Date|Day|Hour|Week|Month|Year)"
    r"|__(date|day|week|week_day|month|quarter|year|hour|minute)(__|\b)",
)


def test_the_installed_data_are_the_pinned_ones():
    (pinned,) = re.findall(r"^tzdata==(\S+)", (ROOT / "requirements/base.txt").read_text(), re.M)

    year, _dot, number = pinned.partition(".")
    letter = "abcdefghijklmnopqrstuvwxyz"[int(number) - 1]
    assert (tzdata.__version__, tzdata.IANA_VERSION) == (pinned, f"{year}{letter}")


def test_no_process_reads_the_zone_data_of_the_operating_system(tmp_path):
    (tmp_path / "Europe").mkdir()
    utc = Path(tzdata.__file__).parent / "zoneinfo" / "UTC"
    (tmp_path / "Europe" / "Rome").write_bytes(utc.read_bytes())
    program = (
        "from django.conf import settings; settings.PORT; from zoneinfo import ZoneInfo;"
        "from datetime import datetime; print(datetime(2027, 7, 1, tzinfo=ZoneInfo('Europe/Rome')))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONTZPATH": str(tmp_path), "DEBUG": "true"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert zoneinfo.TZPATH == ()
    assert done.stdout == "2027-07-01 00:00:00+02:00\n"


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("America/Vancouver", -7),
        ("America/Edmonton", -6),
        ("America/Winnipeg", -5),
        ("America/Inuvik", -6),
        ("Africa/Casablanca", 0),
        ("America/Havana", -4),
    ],
)
def test_know_what_was_decided_in_2026(zone, hours):
    winter = datetime(2026, 12, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone))

    assert winter.utcoffset() == timedelta(hours=hours)


def test_say_when_the_data_are_old():
    fresh = date(int(tzdata.IANA_VERSION[:4]), 12, 31)
    old = date(2040, 1, 1)

    assert check_zone_data(today=fresh) == []
    assert [found.id for found in check_zone_data(today=old)] == ["canopy.W001"]


def test_sql_converts_no_zones():
    sources = [
        path
        for folder in ("accounts", "config", "hierarchy")
        for path in (ROOT / folder).rglob("*.py")
    ]

    found = [str(path) for path in sources if CONVERSIONS.search(path.read_text())]

    assert found == []
