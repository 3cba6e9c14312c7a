import pytest

from hierarchy import locales

# Week and clock of a locale, as Chromium 156 answers for it.
IN_BROWSERS = {
    "ar": ("saturday", ["friday", "saturday"], "12"),
    "ar-SA": ("sunday", ["friday", "saturday"], "12"),
    "bg": ("monday", ["saturday", "sunday"], "24"),
    "bn": ("sunday", ["saturday", "sunday"], "12"),
    "de": ("monday", ["saturday", "sunday"], "24"),
    "en": ("sunday", ["saturday", "sunday"], "12"),
    "en-GB": ("monday", ["saturday", "sunday"], "24"),
    "es-MX": ("sunday", ["saturday", "sunday"], "12"),
    "fa": ("saturday", ["friday"], "24"),
    "fa-AF": ("saturday", ["thursday", "friday"], "24"),
    "fr": ("monday", ["saturday", "sunday"], "24"),
    "fr-CA": ("sunday", ["saturday", "sunday"], "24"),
    "he": ("sunday", ["friday", "saturday"], "24"),
    "hi": ("sunday", ["sunday"], "12"),
    "it": ("monday", ["saturday", "sunday"], "24"),
    "ja": ("sunday", ["saturday", "sunday"], "24"),
    "ko": ("sunday", ["saturday", "sunday"], "12"),
    "nds": ("monday", ["saturday", "sunday"], "24"),
    "nl": ("monday", ["saturday", "sunday"], "24"),
    "oc": ("monday", ["saturday", "sunday"], "24"),
    "pt": ("sunday", ["saturday", "sunday"], "24"),
    "pt-AO": ("monday", ["saturday", "sunday"], "24"),
    "pt-BR": ("sunday", ["saturday", "sunday"], "24"),
    "pt-PT": ("sunday", ["saturday", "sunday"], "24"),
    "ru": ("monday", ["saturday", "sunday"], "24"),
    "sw": ("monday", ["saturday", "sunday"], "24"),
    "th": ("sunday", ["saturday", "sunday"], "24"),
    "ur": ("sunday", ["saturday", "sunday"], "12"),
    "zh-Hans": ("monday", ["saturday", "sunday"], "24"),
    "zh-Hant": ("sunday", ["saturday", "sunday"], "12"),
}


@pytest.mark.parametrize(("tag", "facts"), IN_BROWSERS.items())
def test_week_and_clock_are_those_that_a_browser_shows(tag, facts):
    """Without a region those of the likely one; and text in a pattern is no sign of a clock."""
    assert (locales.week_start(tag), locales.weekend(tag), locales.hour_cycle(tag)) == facts


def test_every_locale_has_a_week_and_a_clock():
    for tag in locales.locale_tags():
        assert locales.week_start(tag) in locales.WEEKDAYS
        assert set(locales.weekend(tag)) < set(locales.WEEKDAYS)
        assert locales.hour_cycle(tag) in {"12", "24"}
