"""Limits on the invitation e-mails that an organization can cause in a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from hierarchy.models import OutgoingMail
from hierarchy.refusals import Refused

if TYPE_CHECKING:
    from hierarchy.models import Organization

MAIL = "invitation"
DAY = timedelta(days=1)
YOUNG = timedelta(days=30)
MOST_MAILS_WHILE_YOUNG = 50
MOST_MAILS = 500


def refuse_over(organization: Organization, number: int) -> None:
    """Refuse when `number` more invitations were more than an organization may send in a day.

    What reminds of them doesn't count: each is reminded of once. Counted under the organization's
    lock, so that many at once can't pass together.
    """
    most, times = _limit(organization)
    left = most - len(times)
    if number <= left:
        return
    sentence = _("At most %(most)d invitations can be sent here per day, and %(left)d are left.")
    sentence %= {"most": most, "left": left}
    if number <= most:
        again = localtime(times[most - number] + DAY)
        words = {"when": date_format(again, "j F, H:i"), "number": number}
        sentence += " " + _("%(number)d more can be sent from %(when)s.") % words
    raise Refused("too_many", sentence)


def left_today(organization: Organization) -> int:
    """Return how many more invitation mails the organization may cause now."""
    most, times = _limit(organization)
    return most - len(times)


def _limit(organization: Organization) -> tuple[int, list[datetime]]:
    """Return how many mails it may cause in a day, and when those of the last day were."""
    now = timezone.now()
    is_young = organization.created_at > now - YOUNG
    most = MOST_MAILS_WHILE_YOUNG if is_young else MOST_MAILS
    sent = OutgoingMail.objects.filter(organization=organization, created_at__gt=now - DAY)
    times = (
        sent.filter(template=MAIL)
        .order_by("-created_at")
        .values_list("created_at", flat=True)[:most]
    )
    return most, list(times)
