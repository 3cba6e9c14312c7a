"""Access requests: people ask for what they may not do yet, and those who may decide answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, Model, OuterRef, Q
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.former_addresses import recognised_by
from accounts.sealing import fingerprints
from config.versions import Shown
from hierarchy.models.fate import ENDS, HAPPENS_NEVER, IS_TAKEN_BACK, STAYS, Fate, HasFate
from hierarchy.models.invitation import LONGEST_MESSAGE
from hierarchy.models.membership import Membership
from hierarchy.models.organization import Organization
from hierarchy.models.path import Path, PathQuerySet, newest_first, open_ones, path_has_no_gap
from hierarchy.models.pending import FindsPending, Pending, says_when
from hierarchy.roles import Permission

if TYPE_CHECKING:
    from accounts.models import User

DAYS_OPEN = 30


class RequestState(models.TextChoices):
    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


def oldest_open() -> datetime:
    """Return the instant before which a request that nobody answered has expired."""
    return timezone.now() - timedelta(days=DAYS_OPEN)


class AccessRequestQuerySet(FindsPending, PathQuerySet["AccessRequest"]):
    def in_time(self) -> Self:
        """Return what was asked lately enough."""
        return self.filter(created_at__gt=oldest_open())

    def with_is_member(self) -> Self:
        """Annotate each row with `is_member`: whether its person is a member of the node itself.

        What answering takes depends on it.
        """
        here = [
            Q(**{part: OuterRef(part)}) | Q(IsNull(OuterRef(part), True), **{part: None})
            for part in ("workspace", "application")
        ]
        own = Membership.objects.filter(
            *here, organization=OuterRef("organization"), user=OuterRef("user")
        )
        return self.annotate(is_member=Exists(own))


class AccessRequest(Path, Pending):
    """Request of one person on one node: for a permission, or to become a member at all."""

    fate = Fate(
        moves=ENDS,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=IS_TAKEN_BACK,
        account_closed=ENDS,
    )

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    permission = models.CharField(
        _("permission"),
        max_length=60,
        blank=True,
        help_text=_("Leave empty to ask for membership."),
    )
    message = models.TextField(_("message"), max_length=LONGEST_MESSAGE, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=RequestState.choices, default=RequestState.PENDING
    )
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("decided by"),
    )

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("access request")
        verbose_name_plural = _("access requests")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organization", "workspace", "application"),
                name="hierarchy_accessrequest_one_pending",
                condition=Q(state=RequestState.PENDING),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values), name="hierarchy_accessrequest_state"
            ),
            says_when("hierarchy_accessrequest_decided"),
            path_has_no_gap("hierarchy_accessrequest_no_gap"),
        )
        indexes = (
            *newest_first("request"),
            models.Index(fields=("user", "state"), name="hierarchy_request_of_user"),
            *open_ones("request", RequestState.PENDING),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.permission or 'membership'}, {self.node}"

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person answers it or takes it back."""
        return Shown(self, "permission", "message")

    @property
    def is_out_of_time(self) -> bool:
        return self.created_at <= oldest_open()

    @property
    def asked_permission(self) -> Permission | None:
        """Permission that is asked for; None to become a member, with any role."""
        return Permission(self.permission) if self.permission else None

    @property
    def label(self) -> str:
        """Label of what is asked for, as events keep it: the permission, or the node to join."""
        return self.permission or str(self.node)


class BlockedPersonQuerySet(models.QuerySet["BlockedPerson", "BlockedPerson"]):
    def about(self, user: User) -> Self:
        """Return what blocks `user`: this account, or a closed one whose address is theirs now."""
        blocked = models.Q(address_hashes__overlap=recognised_by(user))
        return self.filter(models.Q(user=user) | blocked)

    def people_among(self, users: models.QuerySet[Model, object]) -> set[int]:
        """Return the accounts that are blocked, and those of `users` that are by an address.

        `users` is a query for ids. What `about` says of one, in two queries for all of them.
        """
        rows = list(self.values_list("user", "address_hashes"))
        if not rows:
            return set()
        known = {one for _user, hashes in rows for one in hashes}
        addresses = EmailAddress.objects.filter(user__in=users, verified=True)
        return {user for user, _hashes in rows} | {
            user
            for user, email in addresses.values_list("user", "email")
            if known.intersection(fingerprints(email))
        }


class BlockedPerson(HasFate):
    """Person who can neither ask for access in an organization, nor join it by their address.

    `address_hashes` are of the addresses that the person had verified: so a person who closes the
    account stays blocked in the next one, and nobody can read who it was.
    """

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
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("blocked by"),
    )
    address_hashes = ArrayField(
        models.CharField(max_length=64), default=list, db_default=[], editable=False
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = BlockedPersonQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("blocked person")
        verbose_name_plural = _("blocked people")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "user"), name="hierarchy_blockedperson_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("organization", "-created_at", "-id"), name="hierarchy_blocked_newest"
            ),
            GinIndex(fields=("address_hashes",), name="hierarchy_blocked_address"),
        )

    def __str__(self) -> str:
        return str(self.user)

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person lets them in again."""
        return Shown(self, "created_at")

    def remember_addresses(self) -> None:
        """Note what addresses the person has, and had, besides those noted before."""
        present = {fingerprints(email)[0] for email in _verified(self.user)}
        former = self.user.former_address_hashes
        self.address_hashes = sorted({*self.address_hashes, *former, *present})


def _verified(user: User) -> list[str]:
    return list(user.verified_addresses().values_list("email", flat=True))
