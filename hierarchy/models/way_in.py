"""Ways in which a person comes by a membership."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

LONGEST_DETAIL = 253  # of a domain; names of places are shorter


class WayIn(models.TextChoices):
    """Way in which a person joined; "" if unknown, for memberships older than this column."""

    FOUNDER = "founder", _lazy("Founder")
    INVITATION = "invitation", _lazy("Invited")
    REQUEST = "request", _lazy("Request approved")
    DOMAIN = "domain", _lazy("Joined by e-mail domain")
    STAFF = "staff", _lazy("Added by staff")
    RECOVERY = "recovery", _lazy("Made owner by staff")
    TRANSFER = "transfer", _lazy("Kept in a transfer")


BY_STAFF = (WayIn.STAFF, WayIn.RECOVERY)


def has_way_in(name: str) -> models.CheckConstraint:
    """Return the constraint that a way in is one there is, with a detail where it has one."""
    detailed = (WayIn.DOMAIN.value, WayIn.TRANSFER.value)
    others = ("", *(way.value for way in WayIn if way.value not in detailed))
    return models.CheckConstraint(
        condition=Q(way_in__in=others, way_in_detail="")
        | (Q(way_in__in=detailed) & ~Q(way_in_detail="")),
        name=name,
    )


def say_way_in(way: str, who: str, detail: str) -> str:
    """Return in words how a person joined: by `way`, let in by `who`, each "" if not known.

    `detail` is the domain of an address that was joined with, or where a node came from.
    """
    words = {"who": who, "detail": detail}
    if way == WayIn.DOMAIN:
        return _("Joined with an address at %(detail)s") % words
    if way == WayIn.TRANSFER and not who:
        return _("Kept when it was handed over from %(detail)s") % words
    if not way:
        return _("Let in by %(who)s") % words if who else ""
    if way == WayIn.FOUNDER or not who:
        return str(WayIn(way).label)
    sentences = {
        WayIn.INVITATION: _("Invited by %(who)s"),
        WayIn.REQUEST: _("Request approved by %(who)s"),
        WayIn.STAFF: _("Added by staff: %(who)s"),
        WayIn.RECOVERY: _("Made owner by staff: %(who)s"),
        WayIn.TRANSFER: _("Kept by %(who)s when it was handed over from %(detail)s"),
    }
    return sentences[WayIn(way)] % words
