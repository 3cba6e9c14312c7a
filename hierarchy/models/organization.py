"""Organizations: a company, a group of companies, or a personal project."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.emails import canonical_email, domains_are_sound
from config.versions import Shown
from hierarchy.models.node import Node, NodeQuerySet, name_index, node_constraints, web_address
from hierarchy.roles import Level, django_permissions


class Kind(models.TextChoices):
    BUSINESS = "business", _("Business")
    PERSONAL = "personal", _("Personal")


class OrganizationQuerySet(NodeQuerySet["Organization"]):
    parents = ()


class Organization(Node):
    """The top of a tree."""

    level = Level.ORGANIZATION

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.BUSINESS)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Where the organization can be reached.")
    )
    website = models.URLField(_("web site"), blank=True, validators=[web_address])
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)
    may_ask_to_join = models.BooleanField(
        _("people can ask to join"),
        default=False,
        db_default=False,
        help_text=_("Anyone who knows the address of its join page sees its name and can ask."),
    )
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("successor"),
        help_text=_("The member to ask first if it loses its owners."),
    )
    invitation_domains = models.TextField(
        _("domains for invitations"),
        blank=True,
        default="",
        db_default="",
        validators=[domains_are_sound],
        help_text=_("One per line, such as example.com. Leave empty to allow any address."),
    )
    events = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text=_("How many audit events it has. They are numbered without gaps."),
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta(Node.Meta):
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("name", "id")
        permissions = django_permissions(Level.ORGANIZATION)
        constraints = (
            models.UniqueConstraint("slug", name="hierarchy_organization_slug"),
            *node_constraints("organization"),
        )
        indexes = (
            models.Index(fields=("name", "id"), name="hierarchy_organization_by_name"),
            models.Index(fields=("-created_at", "-id"), name="hierarchy_organization_newest"),
            name_index("organization"),
        )

    def clean_fields(self, exclude: Any = None) -> None:
        """Bring the address, too, into its canonical form on the way."""
        if self.email and "email" not in (exclude or ()):
            try:
                self.email = canonical_email(self.email)
            except ValidationError as error:
                raise ValidationError({"email": error}) from error
        super().clean_fields(exclude=exclude)

    @property
    def allowed_domains(self) -> list[str]:
        """The domains of which addresses can be invited; none means any."""
        return self.invitation_domains.split()

    @property
    def shown_successor(self) -> Shown:
        """Facts that a form for the successor shows."""
        return Shown(self, "successor")

    @property
    def organization(self) -> Organization:
        """The organization of an organization is itself, so that every node has one."""
        return self

    @property
    def organization_id(self) -> int:
        return self.pk

    @property
    def path(self) -> list[Organization]:  # type: ignore[override]
        return [self]

    @property
    def slugs(self) -> dict[str, str]:
        return {"organization": self.slug}
