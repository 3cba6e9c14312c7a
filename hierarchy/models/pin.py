"""Pins: nodes that a person keeps at the top of the switcher."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from hierarchy.models.fate import COMES_ALONG, ENDS, STAYS, Fate
from hierarchy.models.path import Path, PathQuerySet, path_has_no_gap


class Pin(Path):
    """A personal preference: it grants nothing and is no change of the tree."""

    fate = Fate(
        moves=COMES_ALONG,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=STAYS,
        account_closed=STAYS,
    )

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    objects = PathQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organization", "workspace", "application"),
                name="hierarchy_pin_once",
                nulls_distinct=False,
            ),
            path_has_no_gap("hierarchy_pin_no_gap"),
        )

    def __str__(self) -> str:
        return str(self.node)
