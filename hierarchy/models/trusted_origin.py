"""Trusted origins: from where a browser may call on behalf of an application."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config import domains
from config.versions import Shown
from hierarchy.models.fate import COMES_ALONG, ENDS, STAYS, Fate
from hierarchy.models.path import Path, PathQuerySet
from hierarchy.origins import LONGEST_SCHEME, OriginRule


class TrustedOrigin(Path):
    """A rule in canonical form: `hierarchy.origins` parses it and matches against it."""

    fate = Fate(
        moves=COMES_ALONG,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=STAYS,
        account_closed=STAYS,
    )

    scheme = models.CharField(
        _("scheme"),
        max_length=LONGEST_SCHEME,
        blank=True,
        default="",
        db_default="",
        help_text=_("That of an application's shell, such as capacitor. Empty for web pages."),
    )
    host = models.CharField(_("host"), max_length=domains.LONGEST)
    port = models.PositiveIntegerField(_("port"), null=True, blank=True)
    include_subdomains = models.BooleanField(_("include subdomains"), default=False)
    allow_insecure = models.BooleanField(_("allow HTTP"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("added by"),
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    objects = PathQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("trusted origin")
        verbose_name_plural = _("trusted origins")
        ordering = ("host", "port", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "host", "port", "include_subdomains"),
                condition=Q(scheme=""),
                name="hierarchy_trustedorigin_page_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=("application", "scheme", "host"),
                condition=~Q(scheme=""),
                name="hierarchy_trustedorigin_shell_once",
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=False, workspace__isnull=False),
                name="hierarchy_trustedorigin_of_application",
            ),
            models.CheckConstraint(
                condition=Q(port=None) | Q(port__range=(1, 65535)),
                name="hierarchy_trustedorigin_port",
            ),
        )

    def __str__(self) -> str:
        return str(self.rule)

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person changes or removes it."""
        return Shown(self, "scheme", "host", "port", "include_subdomains", "allow_insecure")

    @property
    def rule(self) -> OriginRule:
        return OriginRule(
            self.host, self.port, self.include_subdomains, self.allow_insecure, self.scheme
        )
