"""Workspaces: the divisions of an organization, and the boundary of data access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from hierarchy.models.node import Node, NodeQuerySet, name_index, node_constraints, web_address
from hierarchy.models.organization import Organization
from hierarchy.roles import Level, django_permissions

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


class WorkspaceQuerySet(NodeQuerySet["Workspace"]):
    parents = ("organization",)


class Workspace(Node):
    """A division of an organization: a business unit, a product, a project."""

    level = Level.WORKSPACE

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="workspaces", verbose_name=_("organization")
    )
    website = models.URLField(_("web site"), blank=True, validators=[web_address])
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta(Node.Meta):
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering = ("name", "id")
        permissions = django_permissions(Level.WORKSPACE)
        constraints = (
            models.UniqueConstraint("organization", "slug", name="hierarchy_workspace_slug"),
            models.UniqueConstraint(fields=("id", "organization"), name="hierarchy_workspace_path"),
            *node_constraints("workspace"),
        )
        indexes = (
            models.Index(fields=("organization", "name", "id"), name="hierarchy_workspace_by_name"),
            models.Index(fields=("name", "id"), name="hierarchy_workspace_all"),
            name_index("workspace"),
        )

    @property
    def workspace(self) -> Workspace:
        return self

    @property
    def path(self) -> list[AnyNode]:
        return [self.organization, self]

    @property
    def slugs(self) -> dict[str, str]:
        return {"organization": self.organization.slug, "workspace": self.slug}
