"""Custom roles: named lists of permissions that an organization composes for itself."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versions import Shown, digest
from hierarchy.models.fate import ENDS, HAPPENS_NEVER, STAYS, Fate, HasFate
from hierarchy.models.organization import Organization
from hierarchy.names import LONGEST_NAME
from hierarchy.roles import VIEW, Level, Permission, composed

LONGEST_DESCRIPTION = 200


class ShownRole(Shown):
    """Says permissions as people read them."""

    def words(self, name: str, fact: object) -> str:
        if name == "permissions" and isinstance(fact, list):
            return ", ".join(str(p.label) for p in Permission if p.value in fact)
        return super().words(name, fact)


class CustomRoleQuerySet(models.QuerySet["CustomRole", "CustomRole"]):
    def in_use(self) -> Self:
        """Return the roles that can be given: those that nobody has deleted."""
        return self.filter(deleted_at=None)


class CustomRole(HasFate):
    """Role of an organization's own, in one row: a change applies to every holder's next request.

    A deleted one is held by nobody; its row stays for the sake of what names it in the past.
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
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    description = models.CharField(_("description"), max_length=LONGEST_DESCRIPTION, blank=True)
    permissions = ArrayField(
        models.CharField(max_length=60), verbose_name=_("permissions"), default=list
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    # How often it was edited. Forms say what they have shown instead (config/versions.py).
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CustomRoleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("custom role")
        verbose_name_plural = _("custom roles")
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="hierarchy_custom_role_name",
                condition=Q(deleted_at=None),
            ),
            # What rows that name the role refer to, together with their organization.
            models.UniqueConstraint(
                fields=("id", "organization"), name="hierarchy_custom_role_path"
            ),
            models.CheckConstraint(
                condition=~Q(permissions=[]), name="hierarchy_custom_role_not_empty"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> ShownRole:
        """Facts shown of it where a person changes or deletes it."""
        return ShownRole(self, "name", "description", "permissions")

    def as_fact(self) -> dict[str, object]:
        """Return what a form carries of it: also what it grants, which the person has read."""
        facts = {"id": self.pk, "name": self.name, "may": digest(self.permissions)}
        return facts | {"words": self.name}

    @property
    def label(self) -> str:
        """The name, under which built-in roles have theirs."""
        return self.name

    def permissions_on(self, level: Level) -> frozenset[Permission]:
        """Return what the role grants when it is held on a node of `level`, there and beneath."""
        return composed(self.permissions, level)

    def suits(self, level: Level) -> bool:
        """Return whether the role makes sense on a node of `level`: its holder must see that."""
        return VIEW[level] in self.permissions_on(level)
