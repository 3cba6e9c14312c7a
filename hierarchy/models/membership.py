"""Memberships: a person's role on a node."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hierarchy.models.path import Path, PathQuerySet, path_has_no_gap
from hierarchy.roles import Permission, Role, permissions_of


class Status(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")


class MembershipQuerySet(PathQuerySet):
    def effective_owners(self) -> Self:
        """Return the memberships that make somebody able to act as owner of an organization."""
        return self.filter(
            workspace=None,
            application=None,
            role=Role.OWNER,
            status=Status.ACTIVE,
            user__is_active=True,
        )


class Membership(Path):
    """The record of a person on a node; what it grants is derived from it, never the reverse."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.ACTIVE
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("invited by"),
    )

    objects = MembershipQuerySet.as_manager()

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
            path_has_no_gap("hierarchy_membership_no_gap"),
        )
        indexes = (
            models.Index(
                fields=("organization", "workspace", "application", "-created_at", "-id"),
                name="hierarchy_membership_newest",
            ),
            models.Index(fields=("user", "organization"), name="hierarchy_membership_of_user"),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.node}"

    @property
    def is_active(self) -> bool:
        return self.status == Status.ACTIVE

    @property
    def grants(self) -> frozenset[Permission]:
        """What the membership lets its person do on the node and beneath, while it is active."""
        return permissions_of(Role(self.role), self.level)
