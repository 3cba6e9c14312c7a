"""Receipts of permanently deleted organizations: that they existed, and how much they held."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PurgeReceipt(models.Model):
    """Written by the function that removes an organization's events, in the same transaction.

    It names no person, nor the organization, whose name may be a person's. Triggers refuse to
    change it, to delete it, and to write it otherwise.
    """

    organization_public_id = models.UUIDField(_("organization"), unique=True)
    created_at = models.DateTimeField(_("founded"))
    deleted_at = models.DateTimeField(_("deleted"))
    purged_at = models.DateTimeField(_("permanently deleted"))
    purged_by = models.CharField(_("deleted by"), max_length=20)  # the system: see audit.SYSTEM
    events = models.PositiveBigIntegerField(_("events"))
    removed = models.JSONField(_("rows"))  # {kind: number}, events and identities among them
    checksum = models.CharField(_("SHA-256 of the events"), max_length=64)

    class Meta:
        default_permissions = ()
        verbose_name = _("purge receipt")
        verbose_name_plural = _("purge receipts")
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.organization_public_id)
