"""No subject begins with what someone else has written, or is theirs for the most part."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.template.loader import render_to_string

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
SUBJECTS = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for pattern in ("emails/*.subject.txt", "*/email/*_subject.txt")
    for path in TEMPLATES.glob(pattern)
)
HOSTILE = "URGENT: your bank account is closed, see https://evil.example\r\nBcc: all@example.com"
OURS = {"code": "ABC-DEF"}
LONGEST = 200


def _renderings(template, text):
    """Return the subject in every case that it knows, where others have written `text`."""
    source = (TEMPLATES / template).read_text()
    questions = sorted(set(re.findall(r"{% (?:el)?if (\w+) %}", source)))
    known = dict.fromkeys(re.findall(r"[a-z_]+", source), text) | OURS
    for answers in product((True, False), repeat=len(questions)):
        context = known | dict(zip(questions, answers, strict=True))
        yield render_to_string(template, context).strip("\n")


@pytest.mark.parametrize("template", SUBJECTS)
def test_begin_with_our_own_words(template):
    pairs = zip(_renderings(template, HOSTILE), _renderings(template, "Zoe"), strict=True)

    for subject, plain in pairs:
        first_of_theirs = min(subject.find("URGENT") % 1_000, len(subject))
        own = subject[:first_of_theirs]
        assert re.match(r"[A-Z][a-z']*:? |ABC-DEF ", own), subject
        assert plain.startswith(own)


@pytest.mark.parametrize("template", SUBJECTS)
def test_stay_short_and_on_one_line_whatever_others_write(template):
    for subject in _renderings(template, HOSTILE * 50):
        assert len(subject) <= LONGEST
        assert subject.splitlines() == [subject]
        assert "https://" not in subject


def test_find_the_subjects():
    assert len(SUBJECTS) > 25
