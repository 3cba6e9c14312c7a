"""Slugs that a node had: they keep redirecting to it, and nobody else gets them for 90 days."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from hierarchy.models.fate import STAYS, STAYS_BEHIND, Fate
from hierarchy.models.path_snapshot import PathSnapshot, PathSnapshotQuerySet

HELD_FOR = timedelta(days=90)


class FormerSlugQuerySet(PathSnapshotQuerySet["FormerSlug"]):
    def held(self) -> Self:
        """Return the slugs that are still kept from other nodes."""
        return self.filter(retired_at__gt=timezone.now() - HELD_FOR)


class FormerSlug(PathSnapshot):
    """A slug that the node on the path gave up, by renaming or by being purged."""

    fate = Fate(
        moves=STAYS_BEHIND,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=STAYS,
        person_leaves=STAYS,
        account_closed=STAYS,
    )

    slug = models.CharField(max_length=60)
    environment = models.CharField(max_length=12, blank=True)  # of an application
    retired_at = models.DateTimeField(default=timezone.now)

    objects = FormerSlugQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index(
                fields=("slug", "organization_id", "workspace_id"), name="hierarchy_formerslug_find"
            ),
        )

    def __str__(self) -> str:
        return self.slug
