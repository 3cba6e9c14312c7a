"""Transfers: a workspace offered to another organization, an application to another workspace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.models.fate import ENDS, IS_TAKEN_BACK, STAYS, Fate
from hierarchy.models.organization import Organization
from hierarchy.models.path import Path, PathQuerySet, path_has_no_gap
from hierarchy.models.pending import Expiring, FindsPending, OfferState, says_when
from hierarchy.models.workspace import Workspace

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

DAYS_OPEN = 14
LONGEST_ADDRESS = 300


def end_of_transfer() -> datetime:
    return timezone.now() + timedelta(days=DAYS_OPEN)


class TransferQuerySet(FindsPending, PathQuerySet["Transfer"]):
    """Finds transfers by their node, and those that wait for an answer."""


class Transfer(Path, Expiring):
    """The offer of a node, which the path names, to a place; one at a time for each node.

    Nothing changes until a person who may add such nodes there accepts. An application can be
    offered to an organization alone: who accepts it says into which workspace.
    """

    fate = Fate(
        moves=IS_TAKEN_BACK,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=IS_TAKEN_BACK,
        account_closed=IS_TAKEN_BACK,
    )

    to_organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("to the organization"),
    )
    to_workspace = models.ForeignKey(
        Workspace,
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("to the workspace"),
    )
    to_address = models.CharField(
        _("to the address"),
        max_length=LONGEST_ADDRESS,
        blank=True,
        default="",
        db_default="",
        help_text=_("An address where nothing existed when it was offered. Nobody can accept it."),
    )
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("offered by")
    )
    created_at = models.DateTimeField(_("offered"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), default=end_of_transfer)

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
                condition=Q(state=OfferState.PENDING),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(workspace__isnull=False), name="hierarchy_transfer_of_a_node"
            ),
            says_when("hierarchy_transfer_decided"),
            models.CheckConstraint(
                condition=Q(to_organization__isnull=False, to_address="")
                | (Q(to_organization=None, to_workspace=None) & ~Q(to_address="")),
                name="hierarchy_transfer_to_one",
            ),
            path_has_no_gap("hierarchy_transfer_no_gap"),
        )
        indexes = (
            models.Index(
                fields=("to_organization", "to_workspace"),
                name="hierarchy_transfer_waiting",
                condition=Q(state=OfferState.PENDING),
            ),
            models.Index(
                fields=("to_workspace",),
                name="hierarchy_transfer_waiting_ws",
                condition=Q(state=OfferState.PENDING, to_workspace__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.node} → {self.to_address or self.place}"

    @property
    def leads_nowhere(self) -> bool:
        """True if there was no such place, which the person who offers it can't tell."""
        return self.to_organization_id is None

    @property
    def place(self) -> AnyNode:
        """Place that it is offered to, unless it `leads_nowhere`."""
        return cast("AnyNode", self.to_workspace or self.to_organization)

    @property
    def leaves(self) -> bool:
        """True if the node would leave its organization."""
        return self.to_organization_id != self.organization_id

    @property
    def told_place(self) -> str:
        """Name of the place for those who give the node away.

        Of another organization the address that they gave, and how it is called once it has
        accepted: not before, or an address that was guessed would be told a name.
        """
        if self.to_organization is None:
            return self.to_address
        if not self.leaves:
            return self.place.name
        is_accepted = self.state == OfferState.ACCEPTED
        return self.to_organization.name if is_accepted else self.to_organization.slug

    @property
    def shown(self) -> Shown:
        """Facts shown to both sides where one of them answers it or takes it back."""
        return Shown(self, "offered_by", "expires_at", to_organization=self.told_place)
