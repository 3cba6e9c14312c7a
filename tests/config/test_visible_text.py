"""What may stand in a text that other people read."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from config.visible_text import clean_line, clean_lines, without_hidden

HIDDEN = {
    "zero width space": "An\u200bna",
    "right-to-left override": "Anna \u202eecila",
    "isolate": "\u2066Anna",
    "byte order mark": "\ufeffAnna",
    "soft hyphen": "An\u00adna",
    "Hangul filler": "An\u3164na",
    "braille blank": "Anna\u2800",
    "tag": "Anna\U000e0041",
    "private use": "Anna\ue000",
    "stacked accents": "A" + "\u0301" * 4 + "nna",
    "null": "An\x00na",
}
SEEN = [
    "Anna",
    "O",
    "Åsa-Lena d\u2019Arc",
    "李",
    "नि",
    "क्\u200dष",
    "👩\u200d🔧",
    "Nguyễn",
    "José",
]


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_refuse_what_cannot_be_seen(text):
    for clean in (clean_line, clean_lines):
        with pytest.raises(ValidationError):
            clean(text)


@pytest.mark.parametrize("text", ["\u200d", "\u200c \u200d", "\u0301"])
def test_refuse_a_text_of_nothing_that_is_seen(text):
    for clean in (clean_line, clean_lines):
        with pytest.raises(ValidationError):
            clean(text)


@pytest.mark.parametrize("text", SEEN)
def test_leave_what_is_seen_as_it_is(text):
    assert clean_line(text) == clean_lines(text) == without_hidden(text) == text


def test_bring_white_space_and_accents_into_one_form():
    assert clean_line("  Jose\u0301\u00a0\n Ruiz ") == "José Ruiz"
    assert clean_lines(" One\r\n\n  two\tthree ") == "One\n\n  two three"
    assert clean_line("") == clean_lines(" \n") == ""


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_take_out_what_is_not_seen(text):
    assert clean_line(without_hidden(text)) == without_hidden(text) != ""


@given(st.text())
def test_what_is_left_passes(text):
    left = without_hidden(text)

    assert clean_line(left) == left
