"""Transfers: a workspace offered to another organization, an application to another workspace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hierarchy.models.organization import Organization
from hierarchy.models.path import Path, PathQuerySet, path_has_no_gap
from hierarchy.models.workspace import Workspace

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

DAYS_OPEN = 14


class TransferState(models.TextChoices):
    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


def end_of_transfer() -> datetime:
    return timezone.now() + timedelta(days=DAYS_OPEN)


class TransferQuerySet(PathQuerySet):
    def pending(self) -> Self:
        """Return what can still be accepted: neither decided nor expired."""
        return self.filter(state=TransferState.PENDING, expires_at__gt=timezone.now())


class Transfer(Path):
    """The offer of a node, which the path names, to a place; one at a time for each node.

    Nothing changes until somebody accepts who may add such nodes there. An application can be
    offered to an organization alone: who accepts it says into which workspace.
    """

    to_organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("to the organization")
    )
    to_workspace = models.ForeignKey(
        Workspace,
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("to the workspace"),
    )
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("offered by")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=TransferState.choices, default=TransferState.PENDING
    )
    created_at = models.DateTimeField(_("offered"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), default=end_of_transfer)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)

    objects = TransferQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "application"),
                name="hierarchy_transfer_one_pending",
                condition=Q(state=TransferState.PENDING),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(workspace__isnull=False), name="hierarchy_transfer_of_a_node"
            ),
            models.CheckConstraint(
                condition=Q(state=TransferState.PENDING, decided_at=None)
                | (~Q(state=TransferState.PENDING) & Q(decided_at__isnull=False)),
                name="hierarchy_transfer_decided",
            ),
            path_has_no_gap("hierarchy_transfer_no_gap"),
        )
        indexes = (
            models.Index(
                fields=("to_organization", "to_workspace"),
                name="hierarchy_transfer_waiting",
                condition=Q(state=TransferState.PENDING),
            ),
        )

    def __str__(self) -> str:
        return f"{self.node} → {self.place}"

    @property
    def place(self) -> AnyNode:
        """Where it is offered to."""
        return self.to_workspace or self.to_organization

    @property
    def told_place(self) -> str:
        """What those who give it away are told of the place: of another organization no more."""
        leaves = self.to_organization_id != self.organization_id
        return self.to_organization.name if leaves else self.place.name

    @property
    def is_pending(self) -> bool:
        """Whether it can still be accepted."""
        return self.state == TransferState.PENDING and self.expires_at > timezone.now()
