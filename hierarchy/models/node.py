"""Base of organizations, workspaces and applications."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Length, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versions import Shown
from hierarchy.names import LONGEST_NAME, LONGEST_SLUG, SHORTEST_NAME, clean_name, clean_slug
from hierarchy.roles import Level

if TYPE_CHECKING:
    from hierarchy.models.application import Application
    from hierarchy.models.organization import Organization
    from hierarchy.models.workspace import Workspace

    AnyNode: TypeAlias = Organization | Workspace | Application

ModelT = TypeVar("ModelT", bound=models.Model)

web_address = URLValidator(schemes=["http", "https"])

# In the one collation in which an index serves both `LIKE 'x%'` and ORDER BY.
PLAIN_NAME = Collate(Lower("name"), "C")

CANONICAL_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class NodeQuerySet(models.QuerySet[ModelT, ModelT]):
    """Finds nodes by their state. `parents` are the lookups that lead to the ancestors."""

    parents: ClassVar[tuple[str, ...]] = ()

    def with_parents(self) -> Self:
        """Load the ancestors along: every question about access and state needs them."""
        return self.select_related(*self.parents) if self.parents else self

    def alive(self) -> Self:
        """Return the nodes that are not deleted, nor under something deleted."""
        states = {f"{parent}__deleted_at": None for parent in self.parents}
        return self.filter(deleted_at=None, **states)

    def in_trash(self) -> Self:
        """Return what can still be restored by itself: deleted recently, under living ancestors."""
        states = {f"{parent}__deleted_at": None for parent in self.parents}
        return self.filter(deleted_at__gt=oldest_restorable(), **states)


class Node(models.Model):
    """A place in the tree, with a name, an address and a state."""

    level: ClassVar[Level]

    public_id = models.UUIDField(_("public ID"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    slug = models.CharField(
        _("slug"), max_length=LONGEST_SLUG, help_text=_("Used in web addresses.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(
        default=1,
        editable=False,
        help_text=_("Increases with every edit, and changes the logo's address."),
    )
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("deleted by"),
    )

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def clean_fields(self, exclude: Any = None) -> None:
        """Bring name and slug into their canonical form on the way."""
        errors: dict[str, ValidationError] = {}
        for field, clean in (("name", clean_name), ("slug", clean_slug)):
            if exclude and field in exclude:
                continue
            try:
                setattr(self, field, clean(getattr(self, field)))
            except ValidationError as error:
                errors[field] = error
        if errors:
            raise ValidationError(errors)
        super().clean_fields(exclude=exclude)

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person suspends, resumes, deletes or restores it."""
        return Shown(self, "name", "suspended_at", "deleted_at")

    @property
    def path(self) -> list[AnyNode]:
        """The node and its ancestors, from the organization down."""
        raise NotImplementedError

    @property
    def path_in_words(self) -> str:
        """Path in words, as records keep it: "Acme / Shop / Web (production)"."""
        return " / ".join(part.name for part in self.path)

    @property
    def parent(self) -> AnyNode | None:
        path = self.path
        return path[-2] if len(path) > 1 else None

    @property
    def slugs(self) -> dict[str, str]:
        """Slugs that name the node in an address of the console."""
        raise NotImplementedError

    @property
    def is_deleted(self) -> bool:
        """True if the node, or something above it, is deleted."""
        return any(node.deleted_at is not None for node in self.path)

    @property
    def suspended_by(self) -> AnyNode | None:
        """The topmost suspended node on the path, or None: what must be resumed first."""
        return next((node for node in self.path if node.suspended_at is not None), None)

    @property
    def restorable_until(self) -> datetime | None:
        """The instant from which the data of a deleted node is gone."""
        if self.deleted_at is None:
            return None
        return self.deleted_at + timedelta(days=settings.TRASH_DAYS)


def oldest_restorable() -> datetime:
    """Return the instant before which a deleted node can no longer be restored."""
    return timezone.now() - timedelta(days=settings.TRASH_DAYS)


def node_constraints(noun: str) -> list[models.BaseConstraint]:
    """Return what must never be false about the name and slug of a node of kind `noun`."""
    models.CharField.register_lookup(Length)
    return [
        models.CheckConstraint(
            condition=Q(slug__regex=CANONICAL_SLUG), name=f"hierarchy_{noun}_slug_canonical"
        ),
        models.CheckConstraint(
            condition=Q(name__length__gte=SHORTEST_NAME), name=f"hierarchy_{noun}_name_length"
        ),
    ]


def name_index(noun: str) -> models.Index:
    """Return the index that finds names by their beginning and has them in order, too."""
    return models.Index(PLAIN_NAME, models.F("id"), name=f"hierarchy_{noun}_start")
