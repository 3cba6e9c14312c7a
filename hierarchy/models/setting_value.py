"""Settings that a node overrides; what holds for a node is computed by `effective_settings`.

A locked row decides for everything beneath its node. The database refuses, by the trigger of the
migration `0046_lock_settings`, that a row is set or changed beneath a lock; one that was there
before the lock stays, and holds again once the lock is lifted.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hierarchy.models.fate import COMES_ALONG, ENDS, STAYS, Fate
from hierarchy.models.path import Path, PathQuerySet, path_has_no_gap


class SettingValue(Path):
    """One override: no row means that the node inherits."""

    fate = Fate(
        moves=COMES_ALONG,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=STAYS,
        account_closed=STAYS,
    )

    key = models.CharField(_("setting"), max_length=40)
    value = models.JSONField(_("value"))
    locked = models.BooleanField(_("locked"), default=False, db_default=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("set by"),
    )
    updated_at = models.DateTimeField(_("set"), default=timezone.now)

    objects = PathQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "workspace", "application", "key"),
                name="hierarchy_settingvalue_once",
                nulls_distinct=False,
            ),
            path_has_no_gap("hierarchy_settingvalue_no_gap"),
            models.CheckConstraint(
                condition=Q(locked=False) | Q(application=None),
                name="hierarchy_settingvalue_locked_above",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key}, {self.node}"
