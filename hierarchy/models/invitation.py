"""Invitations: the offer of a role on a node to an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config import clock
from config.versions import Shown
from hierarchy.models.fate import ENDS, IS_TAKEN_BACK, STAYS, Fate
from hierarchy.models.held_role import AnyRole, HeldRole, HeldRoleManager, names_its_role
from hierarchy.models.outgoing_mail import OutgoingMail
from hierarchy.models.path import PathQuerySet, newest_first, path_has_no_gap
from hierarchy.models.pending import Expiring, FindsPending, says_when

LONGEST_MESSAGE = 500
SHORTEST_DAYS = 1
LONGEST_DAYS = 30
MOST_AT_ONCE = 1_000


@dataclass(frozen=True)
class Offer:
    """Role for an address, as a person wrote it: what an invitation is made of.

    Without a role, the word that was written names none, and nothing can be made of it.
    """

    email: str
    role: AnyRole | None
    word: str = ""


class State(models.TextChoices):
    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


class InvitationQuerySet(FindsPending, PathQuerySet["Invitation"]):
    def in_time(self) -> Self:
        """Return what has not expired, and was not sent later than clocks may differ."""
        return super().in_time().filter(created_at__lte=clock.latest())


class Invitation(HeldRole, Expiring):
    """An offer that one person makes to one address, and that its holder accepts once.

    The token that opens it is in the link only; here stands its SHA-256. `proves_address` says
    whether opening the link proves control of the address: true for a link that went by mail,
    false for one that was copied out of the console. An offer of access with an end date
    is never valid for longer than that.
    """

    fate = Fate(
        moves=ENDS,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=IS_TAKEN_BACK,
        account_closed=IS_TAKEN_BACK,
    )

    email = models.EmailField(_("e-mail"))
    message = models.TextField(_("message"), max_length=LONGEST_MESSAGE, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    proves_address = models.BooleanField(default=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    access_ends_at = models.DateTimeField(
        _("access until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the membership it offers ends automatically."),
    )
    reminded_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("accepted by"),
    )
    mail = models.ForeignKey(
        OutgoingMail,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("e-mail with the link"),
        help_text=_("The last e-mail that carried its link."),
    )

    objects = HeldRoleManager.from_queryset(InvitationQuerySet)()

    class Meta:
        default_permissions = ()
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("email", "organization", "workspace", "application"),
                name="hierarchy_invitation_one_pending",
                condition=Q(state=State.PENDING),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="hierarchy_invitation_state"
            ),
            says_when("hierarchy_invitation_decided"),
            models.CheckConstraint(
                condition=Q(access_ends_at=None) | Q(access_ends_at__gte=F("expires_at")),
                name="hierarchy_invitation_before_its_end",
            ),
            names_its_role("hierarchy_invitation_names_its_role"),
            path_has_no_gap("hierarchy_invitation_no_gap"),
        )
        indexes = (
            *newest_first("invitation"),
            models.Index(fields=("email", "state"), name="hierarchy_invitation_of_email"),
            models.Index(
                fields=("expires_at",),
                name="hierarchy_invitation_expires",
                condition=Q(state=State.PENDING),
            ),
            models.Index(
                fields=("custom_role",),
                name="hierarchy_invitation_of_role",
                condition=Q(custom_role__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.email}: {self.role_label}, {self.node}"

    @property
    def shown(self) -> Shown:
        """Facts shown to those who invite, where they decide what becomes of it."""
        return Shown(self, "state", "expires_at", "access_ends_at", role=self.given_role)

    @property
    def shown_offer(self) -> Shown:
        """Facts shown to the invited person: the role, how long it lasts, and who offers it."""
        return Shown(self, "access_ends_at", "invited_by", role=self.given_role)

    @property
    def is_out_of_time(self) -> bool:
        """True after its term, or before it by more than clocks may differ."""
        return super().is_out_of_time or clock.is_ahead(self.created_at)

    @property
    def current_state(self) -> State:
        """The state as people see it: a pending invitation whose time is over has expired."""
        return State.EXPIRED if self.has_expired else State(self.state)
