"""Identities named by the record: kept beside the events, so that they can be erased alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.versions import Shown

LONGEST_LABEL = 320
FORMER = _("a former member")


class Identity(models.Model):
    """One person, or one e-mail address without an account, as one organization's events know it.

    `organization_id` is null for events about no organization. Neither it nor `person_id` is a
    reference: what they name may be gone. The row itself stays as long as events refer to it, and
    has nothing left to tell once it is erased.
    """

    organization_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)  # null: an address, no matter whose
    name = models.CharField(_("name"), max_length=121, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = (
            models.UniqueConstraint(
                fields=("organization_id", "person_id"),
                name="hierarchy_identity_of_person",
                condition=Q(person_id__isnull=False),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=("organization_id", "email"),
                name="hierarchy_identity_of_address",
                condition=Q(person_id=None, erased_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(name="", email=""),
                name="hierarchy_identity_erased",
            ),
        )
        indexes = (
            models.Index(fields=("person_id",), name="hierarchy_identity_person"),
            models.Index(fields=("email",), name="hierarchy_identity_email"),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def shown(self) -> Shown:
        """Facts shown to staff where they erase it."""
        return Shown(self, "email", "name")

    @property
    def label(self) -> str:
        """Name of them in records: name and address, or nothing once they are erased."""
        if self.erased_at is not None:
            return str(FORMER)
        return label_for(self.name, self.email)


class Whereabouts(models.Model):
    """A network address and a browser that an identity has acted with: both empty once erased."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="whereabouts")
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("whereabouts")
        verbose_name_plural = _("whereabouts")
        constraints = (
            models.UniqueConstraint(
                fields=("identity", "address", "user_agent"),
                name="hierarchy_whereabouts_once",
                condition=~Q(address=None, user_agent=""),
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.address}, {self.user_agent}"


def label_for(name: str, email: str) -> str:
    return f"{name} <{email}>"[:LONGEST_LABEL] if name and email else name or email
