"""Applications: the channels through which end users meet the business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hierarchy.models.node import Node, NodeQuerySet, name_index, node_constraints, web_address
from hierarchy.models.organization import Organization
from hierarchy.models.workspace import Workspace
from hierarchy.roles import Level, django_permissions

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


class Platform(models.TextChoices):
    WEB = "web", _("Web")
    MOBILE = "mobile", _("Mobile")
    DESKTOP = "desktop", _("Desktop")
    SERVER = "server", _("Server")


class Environment(models.TextChoices):
    PRODUCTION = "production", _("Production")
    STAGING = "staging", _("Staging")
    DEVELOPMENT = "development", _("Development")


class ApplicationQuerySet(NodeQuerySet["Application"]):
    parents = ("organization", "workspace")


class Application(Node):
    """A channel in one environment: the workspace's applications of one slug are the channel."""

    level = Level.APPLICATION

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="applications", verbose_name=_("organization")
    )
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="applications", verbose_name=_("workspace")
    )
    platform = models.CharField(_("platform"), max_length=8, choices=Platform.choices)
    environment = models.CharField(
        _("environment"),
        max_length=12,
        choices=Environment.choices,
        help_text=_("Can't be changed once the application exists."),
    )
    website = models.URLField(_("web site"), blank=True, validators=[web_address])
    bundle_id = models.CharField(
        _("bundle ID"), max_length=155, blank=True, help_text=_("For example, com.example.shop.")
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta(Node.Meta):
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("name", "id")
        permissions = django_permissions(Level.APPLICATION)
        constraints = (
            models.UniqueConstraint(
                "workspace", "environment", "slug", name="hierarchy_application_slug"
            ),
            models.UniqueConstraint(
                "workspace",
                "environment",
                Lower("name"),
                condition=models.Q(deleted_at=None),
                name="hierarchy_application_name",
                violation_error_message=_(
                    "This environment already has an application with that name."
                ),
            ),
            models.UniqueConstraint(
                fields=("id", "workspace", "organization"), name="hierarchy_application_path"
            ),
            models.CheckConstraint(
                condition=models.Q(environment__in=Environment.values),
                name="hierarchy_application_environment",
            ),
            *node_constraints("application"),
        )
        indexes = (
            models.Index(fields=("workspace", "name", "id"), name="hierarchy_application_ws_name"),
            models.Index(
                fields=("organization", "name", "id"), name="hierarchy_application_org_name"
            ),
            models.Index(fields=("name", "id"), name="hierarchy_application_all"),
            name_index("application"),
        )

    @property
    def application(self) -> Application:
        return self

    @property
    def is_production(self) -> bool:
        return self.environment == Environment.PRODUCTION

    @property
    def is_guarded(self) -> bool:
        """Return whether changing it takes a permission of its own, beside that to change."""
        return self.is_production

    @property
    def path(self) -> list[AnyNode]:
        # It is the workspace's organization, too, which nobody has to load again.
        if not Workspace.organization.is_cached(self.workspace):
            self.workspace.organization = self.organization
        return [self.organization, self.workspace, self]

    @property
    def path_in_words(self) -> str:
        return f"{super().path_in_words} ({self.environment})"

    @property
    def slugs(self) -> dict[str, str]:
        return {
            "organization": self.organization.slug,
            "workspace": self.workspace.slug,
            "application": self.slug,
            "environment": self.environment,
        }
