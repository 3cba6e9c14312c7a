"""Verified e-mail domains: whose people may come in without being invited."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.email_domains import challenge_name, challenge_value
from hierarchy.models.fate import ENDS, HAPPENS_NEVER, STAYS, Fate
from hierarchy.models.held_role import HeldRole, HeldRoleManager, names_its_role
from hierarchy.models.path import PathQuerySet
from hierarchy.roles import Role

if TYPE_CHECKING:
    from accounts.models import User

DAYS_OF_GRACE = 7


class JoinMode(models.TextChoices):
    OFF = "off", _("Off")
    REQUEST = "request", _("Can ask to join")
    AUTOMATIC = "automatic", _("Can join without approval")


class EmailDomainQuerySet(PathQuerySet["EmailDomain"]):
    def verified(self) -> Self:
        return self.filter(verified_at__isnull=False)

    def automatic(self) -> Self:
        """Return the domains whose people come in by themselves."""
        return self.verified().filter(mode=JoinMode.AUTOMATIC)

    def open_to(self, user: User) -> Self:
        """Return the domains through which `user` may come in, by an address that they verified.

        An address of a subdomain is not one of the domain.
        """
        text = models.TextField()
        domain = Func(F("email"), Value("@"), -1, function="split_part", output_field=text)
        domains = user.verified_addresses().values_list(domain)
        return self.verified().filter(domain__in=domains).exclude(mode=JoinMode.OFF)


class EmailDomain(HeldRole):
    """A domain of an organization, and what its people may do; `role` is what joining gives them.

    `token` is public: the domain's owner writes it into the DNS.
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

    domain = models.CharField(_("domain"), max_length=253)
    token = models.CharField(max_length=43, editable=False)
    mode = models.CharField(
        _("people at this domain"), max_length=9, choices=JoinMode.choices, default=JoinMode.OFF
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True, editable=False)
    last_checked_at = models.DateTimeField(_("last checked"), null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)

    objects = HeldRoleManager.from_queryset(EmailDomainQuerySet)()

    class Meta:
        default_permissions = ()
        verbose_name = _("e-mail domain")
        verbose_name_plural = _("e-mail domains")
        ordering = ("domain", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "domain"), name="hierarchy_emaildomain_once"
            ),
            models.UniqueConstraint(
                fields=("domain",),
                name="hierarchy_emaildomain_one_holder",
                condition=Q(verified_at__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(workspace=None, application=None),
                name="hierarchy_emaildomain_of_organization",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=JoinMode.values), name="hierarchy_emaildomain_mode"
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.OWNER), name="hierarchy_emaildomain_no_owners"
            ),
            names_its_role("hierarchy_emaildomain_names_its_role"),
        )
        indexes = (
            models.Index(
                fields=("custom_role",),
                name="hierarchy_emaildomain_of_role",
                condition=Q(custom_role__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.domain

    @property
    def shown_door(self) -> Shown:
        """Facts shown of who can join through it, and with which role."""
        return Shown(self, "mode", role=self.given_role)

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person verifies or removes it."""
        return Shown(self, "domain", "mode", verified_at=self.is_verified, role=self.given_role)

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def is_automatic(self) -> bool:
        return self.mode == JoinMode.AUTOMATIC

    @property
    def challenge_name(self) -> str:
        return challenge_name(self.domain)

    @property
    def challenge_value(self) -> str:
        return challenge_value(self.token)


def oldest_bearable() -> datetime:
    """Return the instant before which a record that has gone is missing for too long."""
    return timezone.now() - timedelta(days=DAYS_OF_GRACE)
