"""Shape of rows that give a person a role on a node: a built-in one, or a custom one."""

from __future__ import annotations

from typing import TypeAlias, TypedDict, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.models.custom_role import CustomRole
from hierarchy.models.path import Path
from hierarchy.roles import Permission, Role

RowT = TypeVar("RowT", bound=models.Model)
AnyRole: TypeAlias = Role | CustomRole


class RoleColumns(TypedDict):
    role: Role
    custom_role: CustomRole | None


class HeldRoleManager(models.Manager[RowT]):
    """Loads the custom role along: what a row grants, and how its role is called, need it."""

    def get_queryset(self) -> models.QuerySet[RowT, RowT]:
        return super().get_queryset().select_related("custom_role")


class HeldRole(Path):
    """A row that names a role on the node that it hangs on.

    `custom_role` belongs to the same organization: a composite foreign key, added in SQL by the
    migration that created the column, sees to it.
    """

    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    custom_role = models.ForeignKey(
        CustomRole,
        models.RESTRICT,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("custom role"),
    )

    class Meta:
        abstract = True

    @property
    def given_role(self) -> AnyRole:
        return self.custom_role or Role(self.role)

    @property
    def shown_role(self) -> Shown:
        """Facts that a form for the role shows."""
        return Shown(self, role=self.given_role)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Permissions that the role grants on the node and beneath."""
        return self.given_role.permissions_on(self.level)

    @property
    def role_label(self) -> str:
        """Label of the role: a custom one has a name of its own."""
        return str(self.given_role.label)


def role_columns(role: AnyRole) -> RoleColumns:
    """Return the columns of a row that names `role`."""
    if isinstance(role, CustomRole):
        return {"role": Role.CUSTOM, "custom_role": role}
    return {"role": role, "custom_role": None}


def word_for(role: AnyRole) -> str:
    """Return how the audit log names a role: the value of a built-in one, a custom one's name."""
    return role.name if isinstance(role, CustomRole) else role.value


def names_its_role(name: str) -> models.CheckConstraint:
    """Return the constraint that exactly what is custom names a custom role."""
    is_custom = Q(role=Role.CUSTOM)
    return models.CheckConstraint(
        condition=(is_custom & Q(custom_role__isnull=False)) | (~is_custom & Q(custom_role=None)),
        name=name,
    )
