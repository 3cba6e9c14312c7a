"""What is typed into a form as a date with a time, and what comes back."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.utils import timezone

from hierarchy.console.forms.instants import InstantField
from hierarchy.joining.forms.invitations import InvitationForm
from hierarchy.members.forms.memberships import DatesForm
from tests.support.untouched import submitted

ROME = "Europe/Rome"
HAVANA = "America/Havana"
# An ordinary one, both of a repeated hour, both sides of a skipped one, and one with microseconds.
INSTANTS = [
    datetime(2027, 6, 1, 10, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 59, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
    datetime(2027, 10, 31, 1, 30, 15, 123456, tzinfo=UTC),
    datetime(2027, 11, 7, 4, 30, tzinfo=UTC),
    datetime(2027, 11, 7, 5, 30, tzinfo=UTC),
]


class Form(forms.Form):
    at = InstantField()


def untouched(form):
    return submitted(f"<form>{form}</form>", field=next(iter(form.fields)))


def typed(text, zone=ROME, **more):
    with timezone.override(zone):
        form = Form({"at": text} | more)
        form.is_valid()
        return form


@pytest.mark.parametrize("zone", [ROME, HAVANA, "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("instant", INSTANTS, ids=str)
def test_what_is_shown_and_saved_again_is_the_same_instant(instant, zone):
    with timezone.override(zone):
        again = Form(untouched(Form(initial={"at": instant})))
        assert again.is_valid(), again.errors
        hidden = Form(submitted(f"<form>{again['at'].as_hidden()}</form>", field="at"))
        assert hidden.is_valid(), hidden.errors

    assert again.cleaned_data["at"] == hidden.cleaned_data["at"] == instant


def test_a_repeated_time_is_asked_about_and_then_taken():
    first = typed("2027-10-31T02:30")
    with timezone.override(ROME):
        page = str(first)

    assert first.errors == {
        "at": ["Clocks go back that day, so 02:30 occurs twice. Choose which one you mean."]
    }
    assert "Which 02:30…" in page
    assert "02:30 +02:00, before the clocks go back" in page
    assert "02:30 +01:00, after the clocks go back" in page
    for offset, hour in (("+02:00", 0), ("+01:00", 1)):
        chosen = typed("2027-10-31T02:30", at_offset=offset)
        assert chosen.cleaned_data["at"] == datetime(2027, 10, 31, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("offset", ["", "+05:00", "x", "\0"])
def test_an_offset_that_is_none_of_the_two_chooses_nothing(offset):
    assert list(typed("2027-10-31T02:30", at_offset=offset).errors) == ["at"]


def test_an_offset_left_over_from_another_time_says_nothing():
    form = typed("2027-06-01T12:00", at_offset="+01:00")

    assert form.cleaned_data["at"] == datetime(2027, 6, 1, 10, tzinfo=UTC)


def test_the_other_of_two_can_be_chosen_in_the_place_of_what_was_shown():
    with timezone.override(ROME):
        sent = untouched(Form(initial={"at": datetime(2027, 10, 31, 0, 30, tzinfo=UTC)}))
        sent["at_offset"] = "+01:00"
        form = Form(sent)
        assert form.is_valid()

    assert form.cleaned_data["at"] == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_skipped_time_is_refused_with_the_two_beside_it():
    form = typed("2027-03-28T02:30")

    assert form.errors == {
        "at": [
            "02:30 doesn't exist that day, because clocks go forward."
            " Choose 28 March 2027, 01:59 or 28 March 2027, 03:00."
        ]
    }
    assert typed("2027-03-28T01:59").is_valid()
    assert typed("2027-03-28T03:00").is_valid()


@pytest.mark.parametrize("text", ["2027-10-31 02:30 +01:00", "2027-10-31T02:30+01:00"])
def test_an_offset_can_be_typed(text):
    assert typed(text).cleaned_data["at"] == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["tomorrow", "2027-13-01T00:00", "2027-01-01T25:00", "0001-01-01T00:00", "\0", "9" * 99]
)
def test_what_is_no_instant_is_refused(text):
    for zone in (ROME, "Pacific/Kiritimati", "Etc/GMT+12"):
        assert list(typed(text, zone).errors) == ["at"]


@pytest.mark.parametrize("junk", ["x", "\0", "9999-12-31T23:59:59+00:00", ["1", "2"]])
def test_what_was_shown_can_be_forged_without_effect(junk):
    form = typed("2027-06-01T12:00", at_was=junk)

    assert form.cleaned_data["at"] == datetime(2027, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
def test_the_dates_of_members_keep_both_of_a_repeated_hour(field):
    for instant in INSTANTS:
        with timezone.override(ROME):
            form = DatesForm(untouched(DatesForm(initial={field: instant})))
            assert form.is_valid()
        assert form.cleaned_data[field] == instant


def test_every_form_takes_instants_by_the_one_field():
    """What isn't an InstantField refuses a repeated hour, or moves it."""
    found = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in _all_forms(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if form.__module__.startswith(("hierarchy", "accounts"))
        and isinstance(field, forms.DateTimeField | forms.SplitDateTimeField)
        and not isinstance(field, InstantField)
    }

    assert found == set()
    assert isinstance(InvitationForm.base_fields["ends_at"], InstantField)


def _all_forms(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _all_forms(each)


def test_what_is_typed_in_the_place_of_seconds_is_a_whole_minute():
    instant = datetime(2027, 6, 1, 10, 0, 37, tzinfo=UTC) + timedelta(microseconds=5)
    with timezone.override(ROME):
        sent = untouched(Form(initial={"at": instant}))
        assert sent["at"] == "2027-06-01T12:00"
        sent["at"] = "2027-06-01T12:01"
        changed = Form(sent)
        assert changed.is_valid()

    assert changed.cleaned_data["at"] == datetime(2027, 6, 1, 10, 1, tzinfo=UTC)
