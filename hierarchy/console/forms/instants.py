"""Dates with a time, as a browser's control reads and writes them.

That control knows no offsets. So beside it stand, where they are needed, a choice between the two
instants that the clock shows alike, and always the instant that was shown, to the microsecond: what
nobody has touched is saved as it was.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from config import wall_clock
from hierarchy import dates

UNTIL = _("Access ends automatically at this time. Leave empty for no end date.")


class InstantInput(forms.DateTimeInput):
    """The control; its value is a text in ISO 8601, with the offset where that is known."""

    template_name = "forms/instant.html"
    supports_microseconds = True

    def __init__(self) -> None:
        super().__init__({"type": "datetime-local"})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the text of the control, completed by what else is known of it."""
        text = super().value_from_datadict(data, files, name)
        chosen = data.get(f"{name}_offset")
        was = _read(data.get(f"{name}_was"))
        shown = _read(text)
        if was is not None and text == _minutes(was) and chosen in (None, _offset(was)):
            return was.isoformat()
        is_open = shown is not None and shown.tzinfo is None
        return f"{text}{chosen}" if is_open and chosen in _offsets(shown) else text

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        read = _read(value)
        is_known = read is not None and read.tzinfo is not None
        context["widget"] |= {
            "value": _minutes(read) if read else value,
            "was": value if is_known else "",
            "offsets": _offsets(read),
            "chosen": _offset(read) if read and is_known else "",
            "clock": _minutes(read)[-5:] if read else "",
        }
        return context

    def format_value(self, value: Any) -> Any:
        return value


class InstantField(forms.DateTimeField):
    """Instant that people can mean, in the time zone of the person who fills it in."""

    def __init__(self, *, required: bool = False, **kwargs: Any) -> None:
        kwargs |= {"validators": [dates.refuse_far], "widget": InstantInput()}
        super().__init__(required=required, **kwargs)

    def prepare_value(self, value: object) -> object:
        return dates.local(value).isoformat() if isinstance(value, datetime) else value

    def to_python(self, value: object) -> datetime | None:
        """Return the one instant that is meant, in UTC; refuse a time shown twice, or never.

        In UTC, because an instant that a zone shows twice equals none of any other zone.
        """
        shown = value if isinstance(value, datetime) else _read(value)
        if shown is None and value not in self.empty_values:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            if shown is not None and shown.tzinfo is None:
                shown = _only_one(shown)
            return shown and shown.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="far") from None


def _only_one(shown: datetime) -> datetime:
    """Return the instant at which the clock shows that; refuse when there are two, or none."""
    found = wall_clock.instants(shown, timezone.get_current_timezone())
    if not found:
        _refuse_skipped(shown)
    if len(found) > 1:
        sentence = _(
            "Clocks go back that day, so %(shown)s occurs twice. Choose which one you mean."
        )
        words = {"shown": f"{shown:%H:%M}"}
        raise forms.ValidationError(sentence, code="repeated", params=words)
    return found[0]


def _refuse_skipped(shown: datetime) -> None:
    before, after = wall_clock.around_gap(shown, timezone.get_current_timezone())
    sentence = _(
        "%(shown)s doesn't exist that day, because clocks go forward. Choose %(before)s or"
        " %(after)s."
    )
    words = {"shown": f"{shown:%H:%M}"}
    words |= {"before": dates.in_words(before), "after": dates.in_words(after)}
    raise forms.ValidationError(sentence, code="skipped", params=words)


def _read(text: object) -> datetime | None:
    """Return the instant, or the time on the wall, that a text says; None where it says none."""
    try:
        return parse_datetime(text.strip()) if isinstance(text, str) else None
    except ValueError:
        return None


def _minutes(instant: datetime) -> str:
    """Return what the control shows of an instant or a time: on the wall, to the minute."""
    shown = dates.local(instant) if instant.tzinfo is not None else instant
    return shown.replace(tzinfo=None).isoformat(timespec="minutes")


def _offset(instant: datetime) -> str:
    return wall_clock.offset(dates.local(instant))


def _offsets(shown: datetime | None) -> list[str]:
    """Return the offsets between which to choose, where the clock shows that time twice."""
    if shown is None:
        return []
    naive = (dates.local(shown) if shown.tzinfo is not None else shown).replace(tzinfo=None, fold=0)
    try:
        found = wall_clock.instants(naive, timezone.get_current_timezone())
    except OverflowError:
        return []
    return [wall_clock.offset(at) for at in found] if len(found) > 1 else []
