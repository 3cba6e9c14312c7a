"""Ownership recoveries: staff give an organization that has lost its owners a new one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.models.fate import ENDS, HAPPENS_NEVER, STAYS, Fate, HasFate
from hierarchy.models.organization import Organization
from hierarchy.models.pending import says_when

LONGEST_REASON = 500


class RecoveryState(models.TextChoices):
    RUNNING = "running", _("Waiting")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


def end_of_waiting() -> datetime:
    return timezone.now() + timedelta(days=settings.RECOVERY_DAYS)


class OwnershipRecovery(HasFate):
    """One at a time for each organization. Before `due_at` nothing changes: people may object."""

    fate = Fate(
        moves=HAPPENS_NEVER,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=STAYS,
        account_closed=STAYS,
    )

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("new owner")
    )
    reason = models.TextField(
        _("reason"),
        max_length=LONGEST_REASON,
        help_text=_("Why, and how you know. Shown in the notices and in the activity."),
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("started by"),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=RecoveryState.choices, default=RecoveryState.RUNNING
    )
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("can be completed from"), default=end_of_waiting)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    class Meta:
        default_permissions = ()
        verbose_name = _("ownership recovery")
        verbose_name_plural = _("ownership recoveries")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("organization",),
                name="hierarchy_recovery_one_running",
                condition=Q(state=RecoveryState.RUNNING),
            ),
            says_when(
                "hierarchy_recovery_ended", open_state=RecoveryState.RUNNING, column="ended_at"
            ),
        )
        indexes = (models.Index(fields=("-created_at", "-id"), name="hierarchy_recovery_newest"),)

    def __str__(self) -> str:
        return f"{self.organization} → {self.user}"

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person ends it."""
        return Shown(self, "user", "reason", "due_at")

    @property
    def is_running(self) -> bool:
        return self.state == RecoveryState.RUNNING

    @property
    def is_due(self) -> bool:
        """True if the time to object is over."""
        return self.is_running and self.due_at <= timezone.now()
