"""Memberships: a person's role on a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.models.fate import ENDS, IS_CHOSEN, STAYS, Fate
from hierarchy.models.held_role import HeldRole, HeldRoleManager, names_its_role, word_for
from hierarchy.models.path import PathQuerySet, newest_first, path_has_no_gap
from hierarchy.models.way_in import BY_STAFF, LONGEST_DETAIL, WayIn, has_way_in, say_way_in
from hierarchy.roles import Role

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Status(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")


# By the database's clock: that a membership has not ended.
LASTING = Q(ends_at=None) | Q(ends_at__gt=Now())


class MembershipQuerySet(PathQuerySet["Membership"]):
    def in_force(self) -> Self:
        """Return the memberships that are active and whose time it is, of active accounts.

        By the database's clock, as grants are. One that hangs beneath a suspended membership
        of the same person grants nothing either: that is for `grants` to know.
        """
        begun = Q(starts_at=None) | Q(starts_at__lte=Now())
        return self.filter(begun, LASTING, status=Status.ACTIVE, user__is_active=True)

    def resting(self) -> Self:
        """Return the memberships that grant nothing now: suspended, ended, or not begun yet."""
        out_of_time = Q(starts_at__gt=Now()) | Q(ends_at__lte=Now())
        return self.filter(Q(status=Status.SUSPENDED) | out_of_time)

    def number_of_people(self) -> int:
        """Return how many people have the memberships: someone may have several of them."""
        return self.order_by().values("user").distinct().count()

    def effective_owners(self) -> Self:
        """Return the memberships that make a person an owner of an organization without an end.

        One that ends by itself doesn't count: nobody would be left at that instant.
        """
        owners = self.in_force().filter(workspace=None, application=None, role=Role.OWNER)
        return owners.filter(ends_at=None)


class Membership(HeldRole):
    """The record of a person on a node; what it grants is derived from it, never the reverse."""

    fate = Fate(
        moves=IS_CHOSEN,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=ENDS,
        account_closed=ENDS,
    )

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("person"),
    )
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.ACTIVE
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    reminded_days = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text=_("How many days before its end the last reminder was sent."),
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("let in by"),
    )
    way_in = models.CharField(
        _("how they joined"),
        max_length=10,
        choices=WayIn.choices,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    way_in_detail = models.CharField(
        max_length=LONGEST_DETAIL,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("The domain they joined with, or the place the node was handed over from."),
    )

    objects = HeldRoleManager.from_queryset(MembershipQuerySet)()

    class Meta:
        default_permissions = ()
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organization", "workspace", "application"),
                name="hierarchy_membership_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="hierarchy_membership_role"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="hierarchy_membership_status"
            ),
            names_its_role("hierarchy_membership_names_its_role"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="hierarchy_membership_dates",
            ),
            path_has_no_gap("hierarchy_membership_no_gap"),
            has_way_in("hierarchy_membership_way_in"),
        )
        indexes = (
            *newest_first("membership"),
            models.Index(fields=("user", "organization"), name="hierarchy_membership_of_user"),
            models.Index(
                fields=("custom_role",),
                name="hierarchy_membership_of_role",
                condition=Q(custom_role__isnull=False),
            ),
            models.Index(
                fields=("ends_at",),
                name="hierarchy_membership_ends",
                condition=Q(ends_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role_label}, {self.node}"

    @property
    def shown_dates(self) -> Shown:
        """Facts that a form for the dates shows."""
        return Shown(self, "starts_at", "ends_at")

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person confirms what becomes of it."""
        return Shown(self, "status", "starts_at", "ends_at", role=self.given_role)

    @property
    def way_in_words(self) -> str:
        """Words for how the person joined; `invited_by` has to be loaded along.

        Members of the platform's staff are not named.
        """
        who = str(self.invited_by) if self.invited_by and self.way_in not in BY_STAFF else ""
        return say_way_in(self.way_in, who, self.way_in_detail)

    @property
    def status_label(self) -> str:
        """Label of the status: Django's way to it translates all of them for each row."""
        return str(Status(self.status).label)

    @property
    def is_active(self) -> bool:
        return self.status == Status.ACTIVE

    @property
    def standing(self) -> StrOrPromise:
        """Standing of it on its own at this moment: active, suspended, not started or ended."""
        if not self.user.is_active:
            return _("Account deactivated")
        if not self.is_active:
            return Status.SUSPENDED.label
        if self.has_ended:
            return _("Ended")
        return Status.ACTIVE.label if self.has_begun else _("Not started")

    @property
    def terms(self) -> dict[str, object]:
        """Facts that events keep of it, to say before and after."""
        columns = {name: getattr(self, name) for name in ("status", "starts_at", "ends_at")}
        return {"role": word_for(self.given_role)} | columns

    @property
    def is_in_force(self) -> bool:
        """True if it grants something now; see `in_force`."""
        is_in_time = self.has_begun and not self.has_ended
        return self.is_active and is_in_time and self.user.is_active

    @property
    def has_ended(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def has_begun(self) -> bool:
        return self.starts_at is None or self.starts_at <= timezone.now()
