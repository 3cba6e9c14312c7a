"""Audit events: who did what to which node, when, from where, and what it was before."""

from __future__ import annotations

import uuid
from typing import Any, Self, TypeAlias

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hierarchy.models.fate import ENDS_WITH_ORGANIZATION, FORGETS, STAYS, STAYS_BEHIND, Fate
from hierarchy.models.identity import FORMER, LONGEST_LABEL, Identity, Whereabouts
from hierarchy.models.path_snapshot import PathSnapshot, PathSnapshotQuerySet

LONGEST_REASON = 500
SYSTEM = "Canopy"
# What an event keeps of a change: by the name of a fact, what it was before and after.
Changes: TypeAlias = dict[str, list[Any]]


class Capacity(models.TextChoices):
    """Capacity in which a person acted in the organization that an event is about."""

    SYSTEM = "system", _("System")
    MEMBER = "member", _("Member")
    STAFF = "staff", _("Platform staff")
    OUTSIDER = "outsider", _("Outsider")  # not a member at that moment, or no organization at all


class AuditEventQuerySet(PathSnapshotQuerySet["AuditEvent"]):
    def with_people(self) -> Self:
        """Load along whom the events name, and from where they acted."""
        return self.select_related("actor_identity", "target_identity", "whereabouts")


def _reference(model: type[models.Model]) -> Any:
    """Return a reference to what leaves no sooner than the event: see the function that purges.

    Without a constraint, and so without an index that each event would have to pay for.
    """
    return models.ForeignKey(
        model, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )


class AuditEvent(PathSnapshot):
    """One committed change. Triggers of the database refuse UPDATE, DELETE and TRUNCATE.

    Labels are kept beside ids, since the event outlives the node. People are named beside it, by
    their identity, and from where they acted as well: so that can be erased, and the event needn't
    change for it. `number` counts the events of an organization without a gap, so that a missing
    one would show.
    """

    fate = Fate(
        moves=STAYS_BEHIND,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS_WITH_ORGANIZATION,
        person_leaves=STAYS,
        account_closed=FORGETS,
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    action = models.CharField(_("action"), max_length=60)  # "membership.change_role"
    actor_id = models.BigIntegerField(null=True)  # null: the system itself
    actor_identity = _reference(Identity)
    acted_as = models.CharField(
        _("acted as"), max_length=8, choices=Capacity.choices, blank=True, default="", db_default=""
    )
    reason = models.CharField(
        _("reason"), max_length=LONGEST_REASON, blank=True, default="", db_default=""
    )
    door = models.CharField(_("through"), max_length=10)  # console, admin, command
    node_label = models.CharField(_("where"), max_length=200)  # "Acme / Shop / Web (production)"
    target_type = models.CharField(max_length=40)
    target_id = models.BigIntegerField(null=True)
    target_name = models.CharField(  # "" where it is someone
        _("what"), max_length=LONGEST_LABEL, db_column="target_label", blank=True
    )
    target_identity = _reference(Identity)
    changes = models.JSONField(_("changes"), default=dict)  # {field: [before, after]}
    whereabouts = _reference(Whereabouts)
    request_id = models.CharField(max_length=32, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization_id", "number"), name="hierarchy_auditevent_number"
            ),
        )
        indexes = (
            models.Index(fields=("organization_id", "-id"), name="hierarchy_event_organization"),
            models.Index(fields=("workspace_id", "-id"), name="hierarchy_event_workspace"),
            models.Index(fields=("application_id", "-id"), name="hierarchy_event_application"),
            models.Index(fields=("actor_id", "-id"), name="hierarchy_event_actor"),
            models.Index(
                fields=("organization_id", "actor_id", "-id"), name="hierarchy_event_of_member"
            ),
            models.Index(fields=("action", "-id"), name="hierarchy_event_action"),
            models.Index(fields=("created_at",), name="hierarchy_event_created"),
        )

    def __str__(self) -> str:
        return f"{self.action}: {self.target_label}"

    @property
    def actor_label(self) -> str:
        """Name of the person who did it, by their identity as it is now."""
        if self.actor_id is None:
            return SYSTEM
        return self.actor_identity.label if self.actor_identity else str(FORMER)

    @property
    def target_label(self) -> str:
        """Label of what, or whom, it was done to, by their identity as it is now."""
        return self.target_identity.label if self.target_identity else self.target_name
