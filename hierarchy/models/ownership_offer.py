"""Ownership offers: an owner asks a member to become one, and nothing changes until then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.models.fate import ENDS, HAPPENS_NEVER, IS_TAKEN_BACK, STAYS, Fate, HasFate
from hierarchy.models.organization import Organization
from hierarchy.models.pending import Expiring, FindsPending, OfferState, says_when
from hierarchy.roles import Role

DAYS_OPEN = 7


def end_of_offer() -> datetime:
    return timezone.now() + timedelta(days=DAYS_OPEN)


class OwnershipOfferQuerySet(FindsPending, models.QuerySet["OwnershipOffer", "OwnershipOffer"]):
    """Finds offers of ownership."""


class OwnershipOffer(HasFate, Expiring):
    """One at a time for each organization. `becomes` is what the offering owner is afterwards."""

    fate = Fate(
        moves=HAPPENS_NEVER,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=IS_TAKEN_BACK,
        account_closed=IS_TAKEN_BACK,
    )

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("offered by")
    )
    becomes = models.CharField(
        _("role of the offering owner afterwards"),
        max_length=10,
        choices=Role.choices,
        default=Role.OWNER,
    )
    created_at = models.DateTimeField(_("offered"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), default=end_of_offer)

    objects = OwnershipOfferQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("ownership offer")
        verbose_name_plural = _("ownership offers")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("organization",),
                name="hierarchy_ownershipoffer_one_pending",
                condition=Q(state=OfferState.PENDING),
            ),
            says_when("hierarchy_ownershipoffer_decided"),
        )
        indexes = (models.Index(fields=("user", "state"), name="hierarchy_ownership_of_user"),)

    def __str__(self) -> str:
        return f"{self.organization} → {self.user}"

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person answers it or takes it back."""
        return Shown(self, "user", "offered_by", "becomes", "expires_at")
