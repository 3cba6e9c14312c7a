"""Access reviews: by a date, reviewers say of each membership whether it stays as it is.

The rows are taken when the review starts and outlive what they speak of: memberships, people and
nodes are named, not referenced, as audit events do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hierarchy.models.application import Application
from hierarchy.models.fate import ENDS_WITH_ORGANIZATION, FORGETS, STAYS, STAYS_BEHIND, Fate
from hierarchy.models.membership import LASTING, Membership, MembershipQuerySet
from hierarchy.models.path import Path, PathQuerySet, newest_first
from hierarchy.models.path_snapshot import PathSnapshot, PathSnapshotQuerySet
from hierarchy.models.way_in import BY_STAFF, LONGEST_DETAIL, WayIn, has_way_in, say_way_in
from hierarchy.models.workspace import Workspace
from hierarchy.names import LONGEST_NAME
from hierarchy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST_NOTE = 500
LONGEST_LABEL = 320


class ReviewState(models.TextChoices):
    OPEN = "open", _("Open")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


class Decision(models.TextChoices):
    """The answers; `GONE` is given by the review itself when it is finished."""

    KEEP = "keep", _("Kept")
    CHANGE = "change", _("Role changed")
    REMOVE = "remove", _("Removed")
    GONE = "gone", _("Ended since")


class AccessReview(Path):
    """One campaign on an organization or a workspace, over everything beneath it."""

    fate = Fate(
        moves=STAYS_BEHIND,
        suspended=STAYS,
        deleted=STAYS,
        restored=STAYS,
        purged=ENDS_WITH_ORGANIZATION,
        person_leaves=STAYS,
        account_closed=STAYS,
    )

    state = models.CharField(
        _("state"), max_length=9, choices=ReviewState.choices, default=ReviewState.OPEN
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("started by"),
    )
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("due"))
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    former_workspace = models.CharField(
        _("former workspace"),
        max_length=LONGEST_NAME,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("The workspace that was reviewed, once it has left the organization."),
    )
    size = models.PositiveIntegerField(_("memberships"), editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(_("escalated"), null=True, editable=False)
    evidence_version = models.PositiveSmallIntegerField(
        default=1,
        db_default=1,
        editable=False,
        help_text=_("The version of the files: see `review_files`."),
    )
    csv_sha256 = models.CharField(_("SHA-256 of the CSV file"), max_length=64, blank=True)
    jsonl_sha256 = models.CharField(_("SHA-256 of the JSON Lines file"), max_length=64, blank=True)

    objects = PathQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("access review")
        verbose_name_plural = _("access reviews")
        ordering = ("-created_at", "-id")
        constraints = (
            # What the rows refer to; see the migration.
            models.UniqueConstraint(
                fields=("id", "organization"), name="hierarchy_accessreview_in_organization"
            ),
            models.UniqueConstraint(
                fields=("organization", "workspace"),
                name="hierarchy_accessreview_one_open",
                condition=Q(state=ReviewState.OPEN),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(application=None), name="hierarchy_accessreview_not_of_application"
            ),
            models.CheckConstraint(
                condition=Q(state=ReviewState.OPEN, ended_at=None)
                | (
                    Q(state__in=(ReviewState.FINISHED, ReviewState.CANCELLED))
                    & Q(ended_at__isnull=False)
                ),
                name="hierarchy_accessreview_ended",
            ),
        )
        indexes = (
            *newest_first("review")[:2],
            models.Index(
                fields=("due_at",), name="hierarchy_review_due", condition=Q(state=ReviewState.OPEN)
            ),
            models.Index(
                fields=("workspace",),
                name="hierarchy_review_open_ws",
                condition=Q(state=ReviewState.OPEN, workspace__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.node}, {self.created_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.state == ReviewState.OPEN

    @property
    def is_finished(self) -> bool:
        return self.state == ReviewState.FINISHED

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at <= timezone.now()

    def unanswered(self) -> AccessReviewRowQuerySet:
        """Return the rows that wait for an answer; once it is closed, those that have got none.

        What has ended since waits no more; what is in the trash, only once it is restored.
        """
        if not self.is_open:
            return self.rows.filter(decision="")
        return self.rows.waiting(Q(organization=self.organization_id))

    def count_unanswered(self) -> int:
        """Return how many rows `unanswered` has: quickly, also when they are thousands."""
        if not self.is_open:
            return self.unanswered().count()
        rows = _alive_in([self.organization_id]).filter(LASTING)
        if self.workspace_id is not None:
            rows = rows.filter(workspace=self.workspace_id)
        return self.rows.filter(membership_id__in=rows.values("pk"), decision="").count()

    def answered(self) -> AccessReviewRowQuerySet:
        """Return all other rows."""
        if not self.is_open:
            return self.rows.exclude(decision="")
        return self.rows.exclude(_waits(Q(organization=self.organization_id)))


class AccessReviewRowQuerySet(PathSnapshotQuerySet["AccessReviewRow"]):
    def waiting(
        self, among: Q | None = None, organizations: Collection[int] | None = None
    ) -> AccessReviewRowQuerySet:
        """Return the rows that wait for an answer, those of memberships that are `among`.

        To name the `organizations` is quicker where all rows are asked about, not a page of them.
        """
        return self.filter(_waits(among or Q(), organizations))

    def named(self, words: Iterable[str]) -> AccessReviewRowQuerySet:
        """Return the rows of people whose name or address has all of `words` in it."""
        rows = self
        for word in words:
            rows = rows.filter(person__icontains=word)
        return rows


def _alive_in(organizations: Collection[int]) -> MembershipQuerySet:
    """Return the memberships in `organizations` whose node is alive, by what is in the trash there.

    To ask of thousands whether the node of each is alive, PostgreSQL reads all nodes there are.
    """
    trash = Q(organization__in=organizations, deleted_at__isnull=False)
    rows = Membership.objects.filter(organization__in=organizations, organization__deleted_at=None)
    rows = rows.exclude(workspace__in=Workspace.objects.filter(trash))
    return rows.exclude(application__in=Application.objects.filter(trash))


def _waits(among: Q, organizations: Collection[int] | None = None) -> Q:
    """Return that a row has no answer, and its membership is there beneath the review's node."""
    of_all = IsNull(OuterRef("review__workspace"), True)
    inside = Q(of_all) | Q(workspace=OuterRef("review__workspace"))
    own = {"pk": OuterRef("membership_id"), "organization": OuterRef("review__organization")}
    alive = Membership.objects.alive() if organizations is None else _alive_in(organizations)
    return Q(Exists(alive.filter(LASTING, among, inside, **own)), decision="")


class AccessReviewRow(PathSnapshot):
    """A membership as it was when the review started, and what was answered about it.

    `role` and `role_after` are words as the audit log has them: the value of a built-in role, the
    name of a composed one.
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

    review = models.ForeignKey(AccessReview, models.CASCADE, related_name="rows")
    membership_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    person = models.CharField(_("person"), max_length=LONGEST_LABEL)
    place = models.CharField(_("where"), max_length=200)
    role = models.CharField(_("role"), max_length=100)
    source = models.CharField(
        _("source"),
        max_length=LONGEST_LABEL,
        blank=True,
        help_text=_("The person who let them in. Empty if nobody did, as for founders."),
    )
    way_in = models.CharField(
        _("how they joined"),
        max_length=10,
        choices=WayIn.choices,
        blank=True,
        default="",
        db_default="",
    )
    way_in_detail = models.CharField(
        max_length=LONGEST_DETAIL, blank=True, default="", db_default=""
    )
    since = models.DateTimeField(_("since"))
    last_active_at = models.DateTimeField(_("last activity"), null=True)
    decision = models.CharField(_("answer"), max_length=6, choices=Decision.choices, blank=True)
    role_after = models.CharField(_("role afterwards"), max_length=100, blank=True)
    decided_by = models.CharField(_("answered by"), max_length=LONGEST_LABEL, blank=True)
    decided_at = models.DateTimeField(_("answered"), null=True)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)

    objects = AccessReviewRowQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("row of an access review")
        verbose_name_plural = _("rows of access reviews")
        ordering = ("person", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("review", "membership_id"), name="hierarchy_accessreviewrow_once"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | (Q(decision__in=Decision.values) & Q(decided_at__isnull=False)),
                name="hierarchy_accessreviewrow_decided",
            ),
            has_way_in("hierarchy_accessreviewrow_way_in"),
        )
        indexes = (
            models.Index(fields=("review", "person", "id"), name="hierarchy_review_row_person"),
            models.Index(fields=("review", "user_id"), name="hierarchy_review_row_user"),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.role}, {self.place}"

    @property
    def role_label(self) -> str:
        return label_of_role(self.role)

    @property
    def role_after_label(self) -> str:
        return label_of_role(self.role_after)

    @property
    def way_in_words(self) -> str:
        """Words for how the person joined, as `Membership.way_in_words`."""
        who = "" if self.way_in in BY_STAFF else name_of(self.source)
        return say_way_in(self.way_in, who, self.way_in_detail)

    @property
    def decided_by_name(self) -> str:
        return name_of(self.decided_by)


def name_of(label: str) -> str:
    """Return the name of a person named as "name <address>", or the address without one."""
    return label.partition(" <")[0]


def label_of_role(word: str) -> str:
    """Return the label of a role whose word is kept in a row."""
    return str(Role(word).label) if word in Role.values else word
