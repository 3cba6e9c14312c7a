from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from hierarchy.models import OutgoingMail
from hierarchy.refusals import Refused
from tests.support.acting import invitation_limits

NOON = datetime(2030, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH = timedelta(days=30)


@pytest.fixture
def acme(tree):
    """Let an organization be a month old at noon: it may cause fewer mails until then."""
    tree.acme.created_at = NOON - MONTH
    tree.acme.save()
    return tree.acme


def _mail(organization, number, at, template="invitation"):
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            message_id=uuid4().hex,
            template=template,
            recipient="a@example.com",
            organization=organization,
            created_at=at,
        )
        for _each in range(number)
    )


def _refusal(organization, number):
    with pytest.raises(Refused) as refused:
        invitation_limits.refuse_over(organization, number)
    return refused.value.sentence


@pytest.mark.parametrize(("age", "most"), [(-timedelta(seconds=1), 50), (timedelta(0), 500)])
def test_an_organization_may_cause_fewer_mails_until_it_is_a_month_old(acme, age, most):
    with time_machine.travel(NOON + age, tick=False):
        assert invitation_limits.left_today(acme) == most


def test_count_what_was_sent_within_a_day(acme):
    now = NOON - HOUR
    _mail(acme, 3, now)
    _mail(acme, 4, now - DAY + timedelta(seconds=1))
    _mail(acme, 5, now - DAY)
    _mail(acme, 6, now, "invitation_reminder")

    with time_machine.travel(now, tick=False):
        assert invitation_limits.left_today(acme) == 43
        invitation_limits.refuse_over(acme, 43)
        assert "43 are left" in _refusal(acme, 44)


@pytest.mark.parametrize(
    ("number", "when"),
    [(1, "10 March, 09:00"), (48, "10 March, 09:00"), (49, "11 March, 08:00")],
)
def test_say_from_when_on_there_is_room_for_so_many(acme, number, when):
    now = NOON - 3 * HOUR - timedelta(seconds=1)
    _mail(acme, 2, NOON - 4 * HOUR)
    _mail(acme, 48, NOON - DAY - 3 * HOUR)

    with time_machine.travel(now, tick=False):
        assert _refusal(acme, number) == (
            "At most 50 invitations can be sent here per day, and 0 are left. "
            f"{number} more can be sent from {when}."
        )


def test_promise_no_room_for_more_than_a_day_has(acme):
    with time_machine.travel(NOON - HOUR, tick=False):
        invitation_limits.refuse_over(acme, 50)

        assert _refusal(acme, 51) == (
            "At most 50 invitations can be sent here per day, and 50 are left."
        )


def test_have_room_for_as_many_as_a_day_has_once_the_newest_is_old(acme):
    _mail(acme, 1, NOON - 2 * HOUR)

    with time_machine.travel(NOON - HOUR, tick=False):
        assert "50 more can be sent from 11 March, 10:00." in _refusal(acme, 50)
