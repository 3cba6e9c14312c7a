"""Rows that wait for an answer until their time is over: offers, requests, invitations.

Recoveries and reviews don't: they run until someone ends them, at `ended_at`, and what `due_at`
says of them is from when, or until when, that is to be done. They share the constraint alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OfferState(models.TextChoices):
    """The states of what is offered; of requests and invitations some are called otherwise."""

    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


class FindsPending:
    """Methods that query sets of pending rows have in addition."""

    if TYPE_CHECKING:

        def filter(self, *args: Q, **lookups: object) -> Self: ...

    def pending(self) -> Self:
        """Return what can still be answered: neither decided nor expired."""
        return self.filter(state=OfferState.PENDING).in_time()

    def in_time(self) -> Self:
        """Return what has not expired, whether it is decided or not."""
        return self.filter(expires_at__gt=timezone.now())


class Pending(models.Model):
    """A row that is decided once, at `decided_at`, or expires; nothing changes until then.

    A pending row whose time is over has expired, though its `state` is written later, if ever.
    """

    state = models.CharField(
        _("state"), max_length=9, choices=OfferState.choices, default=OfferState.PENDING
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_out_of_time(self) -> bool:
        raise NotImplementedError

    @property
    def has_expired(self) -> bool:
        is_undecided = self.state == OfferState.PENDING
        return self.state == OfferState.EXPIRED or (is_undecided and self.is_out_of_time)

    @property
    def is_pending(self) -> bool:
        """True if it can still be answered."""
        return self.state == OfferState.PENDING and not self.has_expired


class Expiring(Pending):
    """A pending row that names the end of its time; a request's is counted from its beginning."""

    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        abstract = True

    @property
    def is_out_of_time(self) -> bool:
        return self.expires_at <= timezone.now()


def says_when(
    name: str, *, open_state: str = OfferState.PENDING, column: str = "decided_at"
) -> models.CheckConstraint:
    """Return the constraint that exactly what is no longer in `open_state` says since when."""
    is_open = Q(**{"state": open_state, column: None})
    is_over = ~Q(state=open_state) & Q(**{f"{column}__isnull": False})
    return models.CheckConstraint(condition=is_open | is_over, name=name)
