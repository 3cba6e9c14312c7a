from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import translation

from accounts import time_zones as module
from accounts.forms import ProfileForm
from accounts.time_zones import city_of, known_zone, time_zone_name, time_zones, zone_of
from tests.factories import UserFactory

# As Chromium reports them: most are no zones of their own in the data, two are old spellings.
REPORTED = {
    "Europe/Stockholm": "Europe/Stockholm",
    "Europe/Amsterdam": "Europe/Amsterdam",
    "Europe/Oslo": "Europe/Oslo",
    "Europe/Copenhagen": "Europe/Copenhagen",
    "Atlantic/Reykjavik": "Atlantic/Reykjavik",
    "Asia/Calcutta": "Asia/Kolkata",
    "Europe/Kiev": "Europe/Kyiv",
    "Asia/Kuala_Lumpur": "Asia/Kuala_Lumpur",
    "Africa/Accra": "Africa/Accra",
    "America/Nassau": "America/Nassau",
    "America/Coral_Harbour": "America/Atikokan",
    "Etc/GMT+5": "Etc/GMT+5",
}
REFUSED = ["CET", "EET", "MET", "WET", "Mars/Base", "../../etc/passwd", "europe/rome", ""]


@pytest.mark.parametrize(("name", "zone"), REPORTED.items())
def test_known_zone_understands_what_browsers_report(name, zone):
    assert known_zone(name) == zone


@pytest.mark.parametrize("name", REFUSED)
def test_known_zone_refuses_what_is_none_or_ambiguous(name):
    assert known_zone(name) is None
    assert name not in time_zones()
    assert zone_of(name) == ZoneInfo("UTC")


def test_offer_no_alias_beside_what_it_stands_for():
    assert len(time_zones()) == len(set(time_zones())) > 400
    assert {known_zone(zone) for zone in time_zones()} == set(time_zones())


def test_an_old_spelling_keeps_the_time_of_its_place():
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=30 * n) for n in range(400)]
    renamed = {name: known_zone(name) for name in available_timezones() if known_zone(name)}

    for name, zone in renamed.items():
        if name != zone:
            old = ZoneInfo(name)
            new = ZoneInfo(zone)
            assert all(
                day.astimezone(old).utcoffset() == day.astimezone(new).utcoffset() for day in days
            ), name


@pytest.mark.parametrize(("name", "zone"), REPORTED.items())
def test_profile_takes_a_zone_by_any_of_its_names(db, name, zone):
    person = UserFactory(time_zone="UTC")
    told = {"first_name": "Ada", "language": "en", "theme": "auto", "time_zone": name}

    form = ProfileForm(told, instance=person)

    assert form.is_valid(), form.errors
    assert form.save().time_zone == zone


@pytest.mark.parametrize("name", REFUSED)
def test_profile_refuses_what_is_no_zone(db, name):
    told = {"first_name": "Ada", "language": "en", "theme": "auto", "time_zone": name}

    assert list(ProfileForm(told, instance=UserFactory()).errors) == ["time_zone"]


def test_profile_shows_an_old_spelling_as_what_is_offered(db):
    form = ProfileForm(instance=UserFactory(time_zone="Asia/Calcutta"))

    assert form["time_zone"].value() == "Asia/Kolkata"


def test_city_is_said_in_the_language_of_the_reader():
    with translation.override("en"):
        assert (city_of("America/New_York"), city_of("UTC")) == ("New York", "")


def test_a_zone_is_named_once_in_each_language(monkeypatch):
    name = time_zone_name("Europe/Rome")
    with translation.override("it"):
        italian = time_zone_name("Europe/Rome")

    monkeypatch.delattr(module, "get_timezone_location")

    assert time_zone_name("Europe/Rome") == name
    with translation.override("it"):
        assert time_zone_name("Europe/Rome") == italian != name
