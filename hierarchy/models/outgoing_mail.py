"""Mails on their way out: a row written with the change that causes it, sent by the worker."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    WITHHELD = "withheld", _("Withheld")


class OutgoingMail(models.Model):
    """One mail to one address.

    `context` is what the template shows, secrets included; it is emptied once the mail has been
    sent or withheld, and kept of one that was given up, which can be tried again. The Message-ID is
    fixed at creation, so that a second delivery after a crash can be recognised as the same mail.
    """

    organization = models.ForeignKey(
        "hierarchy.Organization", models.CASCADE, related_name="+", null=True, blank=True
    )
    recipient = models.EmailField(_("recipient"))
    template = models.CharField(_("template"), max_length=60)
    language = models.CharField(_("language"), max_length=10, default="en")
    context = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=MailState.choices, default=MailState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    message_id = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    taken_at = models.DateTimeField(null=True, editable=False)  # by the worker that sends it
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ("-id",)
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state=MailState.SENT, sent_at__isnull=False)
                | (~models.Q(state=MailState.SENT) & models.Q(sent_at=None)),
                name="hierarchy_outgoingmail_sent",
            ),
        )
        indexes = (
            models.Index(fields=("state", "-id"), name="hierarchy_mail_by_state"),
            models.Index(fields=("organization", "created_at"), name="hierarchy_mail_of_day"),
        )

    def __str__(self) -> str:
        return f"{self.template} → {self.recipient}"
