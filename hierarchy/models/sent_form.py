"""Forms that have made something: so that the same one, sent twice, makes it once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class SentForm(models.Model):
    """A form as one person has sent it, and the address that it led to. Kept for a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)  # SHA-256 of the address and all that was sent
    led_to = models.TextField(default="")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("user", "digest"), name="hierarchy_sent_form_once"),
        )
        indexes = (models.Index(fields=("sent_at",), name="hierarchy_sent_form_sent"),)

    def __str__(self) -> str:
        return self.led_to
