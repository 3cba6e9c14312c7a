"""Mails on their way out: a row written with the change that causes it, sent by the worker."""

from __future__ import annotations

import json

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.sealing import seal, unseal
from config.versions import Shown
from hierarchy.models.fate import ENDS, HAPPENS_NEVER, STAYS, Fate, HasFate


class MailState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    WITHHELD = "withheld", _("Withheld")


# What may leave still; what was given up can be tried again.
UNSENT = (MailState.QUEUED, MailState.SENDING, MailState.FAILED)


class Ending(models.TextChoices):
    """Reason why an e-mail that waited must not leave."""

    GONE = "gone", _("What it was about no longer exists.")
    DELETED = "deleted", _("What it was about had been deleted.")
    SUSPENDED = "suspended", _("What it was about had been suspended.")
    DECIDED = "decided", _("What it was about had been answered or withdrawn, or had expired.")
    NOT_OFFERED = "not_offered", _("Its sender could no longer offer that.")
    REPLACED = "replaced", _("A newer link had replaced the one in it.")
    CHANGED = "changed", _("What it said was no longer true.")
    NOT_THEIRS = "not_theirs", _("Its recipient could no longer act on it.")


class OutgoingMail(HasFate):
    """One mail to one address.

    `context` is what the template shows, secrets included, and is stored `sealed` alone. It is
    emptied once the mail has been sent or withheld, and kept of one that was given up, which can be
    tried again. The Message-ID is fixed at creation, so that a second delivery after a crash can be
    recognised as the same mail. `about` names the row that causes it: "invitation 12".
    """

    fate = Fate(
        moves=HAPPENS_NEVER,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS,
        person_leaves=STAYS,
        account_closed=STAYS,
    )

    organization = models.ForeignKey(
        "hierarchy.Organization", models.CASCADE, related_name="+", null=True, blank=True
    )
    recipient = models.EmailField(_("recipient"))
    template = models.CharField(_("template"), max_length=60)
    language = models.CharField(_("language"), max_length=10, default="en")
    sealed = models.TextField(blank=True, default="", db_default="", editable=False)
    about = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=MailState.choices, default=MailState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    withheld_because = models.CharField(
        _("withheld because"),
        max_length=11,
        choices=Ending.choices,
        blank=True,
        default="",
        db_default="",
    )
    message_id = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    taken_at = models.DateTimeField(null=True, editable=False)  # by the worker that sends it
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering = ("-id",)
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state=MailState.SENT, sent_at__isnull=False)
                | (~models.Q(state=MailState.SENT) & models.Q(sent_at=None)),
                name="hierarchy_outgoingmail_sent",
            ),
            models.CheckConstraint(
                condition=models.Q(state=MailState.WITHHELD) | models.Q(withheld_because=""),
                name="hierarchy_outgoingmail_withheld",
            ),
        )
        indexes = (
            models.Index(fields=("state", "-id"), name="hierarchy_mail_by_state"),
            models.Index(fields=("organization", "created_at"), name="hierarchy_mail_of_day"),
            models.Index(
                fields=("about",),
                condition=models.Q(state__in=UNSENT),
                name="hierarchy_mail_waiting_about",
            ),
        )

    def __str__(self) -> str:
        return f"{self.template} → {self.recipient}"

    @property
    def shown(self) -> Shown:
        """Facts shown of it where a person has it sent again."""
        return Shown(self, "recipient", "state", "attempts")

    @property
    def is_replaced(self) -> bool:
        """True if it was withheld because the link in it no longer worked."""
        reasons = (Ending.REPLACED, "")  # none was kept at first
        return self.state == MailState.WITHHELD and self.withheld_because in reasons

    @property
    def context(self) -> dict[str, object]:
        """Content that the template shows; {} once that is emptied.

        Raises cryptography.fernet.InvalidToken when it was sealed with a key that isn't known.
        """
        return json.loads(unseal(self.sealed)) if self.sealed else {}

    @context.setter
    def context(self, shown: dict[str, object]) -> None:
        self.sealed = seal(json.dumps(shown)) if shown else ""
