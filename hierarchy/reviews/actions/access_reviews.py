"""Reviewing who has access: by a date, every membership is kept, changed or removed.

A change or a removal is done at once, by the rules of memberships. The person who keeps a row could
have removed it as well, or keeping would say nothing: nobody answers for themselves, or for more
than they hold. One row would never be answered that way, that of an only owner: they may keep it,
and the evidence says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from config.versions import Shown
from hierarchy import access, audit, explanations, fates, mail_rules, outbox, review_files, visible
from hierarchy.fates import Happening, Move
from hierarchy.locking import lock
from hierarchy.members.actions import memberships, owners, rules
from hierarchy.models import (
    AccessReview,
    AccessReviewRow,
    AnyRole,
    AuditEvent,
    CustomRole,
    Decision,
    Ending,
    Membership,
    OutgoingMail,
    ReviewState,
    path_of,
    word_for,
)
from hierarchy.models.audit_event import Changes
from hierarchy.models.way_in import BY_STAFF
from hierarchy.refusals import NotAllowed, Refused, Stale, refuse_stale, sentence_of
from hierarchy.roles import BUILT_IN, CHANGE_MEMBER, Level, Permission, Role

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version
    from hierarchy.models import Organization, Workspace
    from hierarchy.models.node import AnyNode

LONGEST = timedelta(days=366)
BATCH = 1_000
COUNT_NO_FURTHER = 1_000
_ANSWER = ("decision", "role_after", "decided_by", "decided_at", "note")


@dataclass(frozen=True)
class Outcome:
    """Outcome for a row that is kept; `problem` is the sentence of the refusal, or ""."""

    row: AccessReviewRow
    problem: str
    is_stale: bool = False


@transaction.atomic
def start(node: Organization | Workspace, *, due_at: datetime, by: User) -> AccessReview:
    """Note every membership in force on `node` and beneath it, to be answered until `due_at`."""
    node = lock(node)
    access.require(by, CHANGE_MEMBER[node.level], node)
    for level in Level:
        if node.level.reaches(level) and not access.can(by, CHANGE_MEMBER[level], node):
            raise NotAllowed(CHANGE_MEMBER[level], node)
    _refuse_due(due_at)
    if AccessReview.objects.at(node).filter(state=ReviewState.OPEN).exists():
        raise Refused("open", _("A review is already open here. Finish or cancel it first."))
    review = AccessReview(**path_of(node), started_by=by, due_at=due_at)
    rows = list(_rows(review, node))
    if not rows:
        raise Refused("nobody", _("Nobody has a role here or below, so there's nothing to review."))
    review.size = len(rows)
    review.save()
    AccessReviewRow.objects.bulk_create(rows, batch_size=BATCH)
    changes: Changes = {
        "size": [None, review.size],
        "due_at": [None, due_at.isoformat()],
    }
    audit.record(
        "access_review.start",
        by=by,
        node=node,
        target=review,
        target_label=node.name,
        changes=changes,
    )
    others = [user for user in reviewers(node) if user.pk != by.pk]
    mail("access_review", review, others, waiting=review.size)
    return review


def judge(
    review: AccessReview,
    rows: Collection[AccessReviewRow],
    *,
    by: User,
    versions: Mapping[int, Version],
) -> list[Outcome]:
    """Return what would become of each row, were all of them kept; see `keep`."""
    waiting = _waiting_among(review, rows)
    outcomes = []
    for row in rows:
        try:
            _require_to_keep(by, waiting.get(row.pk), versions.get(row.pk, ""))
        except Refused as refused:
            outcomes.append(Outcome(row, sentence_of(refused), isinstance(refused, Stale)))
        else:
            outcomes.append(Outcome(row, ""))
    return outcomes


@transaction.atomic
def keep(
    review: AccessReview,
    rows: Collection[AccessReviewRow],
    *,
    by: User,
    versions: Mapping[int, Version],
    note: str = "",
) -> None:
    """Say of rows that all stays as it is: of all of them, or of none if one is refused.

    `versions` has, by the id of a row, that of what `by` has read of its membership, its `shown`.
    """
    review = _lock(review, by)
    waiting = _waiting_among(review, rows)
    kept = [
        (row, _require_to_keep(by, waiting.get(row.pk), versions.get(row.pk, ""))) for row in rows
    ]
    for row, membership in kept:
        reason = note
        if membership.user_id == by.pk:
            reason = note or _("The only owner, so nobody else can answer.")
        _answer(row, Decision.KEEP, by, reason, membership.given_role)
    AccessReviewRow.objects.bulk_update(rows, _ANSWER)
    events = (
        (row, audit.label_of(membership.user), {"decision": ["", row.decision]})
        for row, membership in kept
    )
    audit.record_all("access_review.keep", events, by=by, node=review.node)


@transaction.atomic
def change(
    row: AccessReviewRow,
    role: AnyRole,
    *,
    by: User,
    version: Version,
    note: str = "",
) -> Membership:
    """Give the member another role, at once; `version` is that of `memberships.change_role`."""
    review = _lock(row.review, by)
    row, membership = _waiting(review, row)
    if membership.given_role == role:
        raise Refused("same_role", _("They already have that role. Keep it instead."), field="role")
    changed = memberships.change_role(
        membership, role, by=by, action="access_review.change", version=version
    )
    _answer(row, Decision.CHANGE, by, note, role)
    row.save(update_fields=_ANSWER)
    return changed


@transaction.atomic
def remove(row: AccessReviewRow, *, by: User, version: Version, note: str = "") -> None:
    """End the membership at once, and those beneath it: that answers the rows of these, too.

    `version` is that of `memberships.remove`.
    """
    review = _lock(row.review, by)
    row, membership = _waiting(review, row)
    of_person = review.unanswered().filter(user_id=row.user_id)
    before = list(of_person)
    memberships.remove(membership, by=by, version=version, action="access_review.remove")
    staying = set(of_person.values_list("pk", flat=True))
    ended = [each for each in before if each.pk not in staying]
    for each in ended:
        _answer(each, Decision.REMOVE, by, note)
    AccessReviewRow.objects.bulk_update(ended, _ANSWER)


@transaction.atomic
def finish(review: AccessReview, *, by: User, version: Version) -> AccessReview:
    """Close the review for good: its evidence can be downloaded, and no longer changes.

    `version` is that of what is `shown_to_end` of it.
    """
    review = _lock(review, by)
    refuse_stale(shown_to_end(review), version)
    waiting = review.unanswered()
    ended = review.rows.filter(decision="").exclude(pk__in=waiting.values("pk"))
    ended.update(decision=Decision.GONE, decided_at=timezone.now())
    review.evidence_version = review_files.NEWEST_VERSION
    review.csv_sha256 = review_files.checksum(review, "csv")
    review.jsonl_sha256 = review_files.checksum(review, "jsonl")
    changes: Changes = {
        "unanswered": [None, review.count_unanswered()],
        "csv_sha256": [None, review.csv_sha256],
        "jsonl_sha256": [None, review.jsonl_sha256],
    }
    return _end(review, ReviewState.FINISHED, "finish", by, changes)


@transaction.atomic
def cancel(review: AccessReview, *, by: User, version: Version) -> AccessReview:
    """Give the review up. What was changed and removed stays so."""
    review = _lock(review, by)
    refuse_stale(shown_to_end(review), version)
    return _end(review, ReviewState.CANCELLED, "cancel", by, {})


def shown_to_end(review: AccessReview) -> Shown:
    """Return what is shown before ending it: how many rows have no answer."""
    return Shown(review, "due_at", unanswered=review.count_unanswered())


def _foretell_move(node: AnyNode) -> str:
    if node.level is not Level.WORKSPACE:
        return ""
    return _("Its access reviews stay here; one that is open is cancelled.")


@fates.when_moved(AccessReview, foretell=_foretell_move)
def _stay_behind(move: Move) -> Changes:
    return {"access_reviews": [_outlive(move.node), []]}


@fates.when(Happening.PURGED, AccessReview)
def _outlive_workspace(node: AnyNode) -> Changes:
    _outlive(node)
    return {}


def _outlive(node: AnyNode) -> list[str]:
    """Leave the reviews of a node that goes with its organization; return when what ends began.

    They name its people and are its evidence. Their rows say where each membership was, and they
    themselves what they were of.
    """
    if node.level is not Level.WORKSPACE:
        return []
    reviews = AccessReview.objects.at(node)
    is_open = reviews.filter(state=ReviewState.OPEN)
    ended = [str(moment.date()) for moment in is_open.values_list("created_at", flat=True)]
    outbox.withhold_about(is_open)
    is_open.update(state=ReviewState.CANCELLED, ended_at=timezone.now())
    reviews.update(workspace=None, former_workspace=node.name)
    return ended


def open_for(user: User) -> QuerySet[AccessReview]:
    """Return the open reviews with rows that `user` may answer, those due first.

    How many such rows each has is its `waiting`; beyond `COUNT_NO_FURTHER` it is that and one.
    """
    reviews = AccessReview.objects.filter(visible.paths_for(user, CHANGE_MEMBER))
    active = {"organization__suspended_at": None, "workspace__suspended_at": None}
    reviews = reviews.alive().filter(**active, state=ReviewState.OPEN)
    places = set(reviews.order_by().values_list("organization", flat=True))
    if not places:  # most have none: one query
        return AccessReview.objects.none()
    own_rows = AccessReviewRow.objects.filter(review=OuterRef("pk"))
    rows = own_rows.waiting(_answerable(user, places), places).order_by()
    counted = ArraySubquery(rows.values("pk")[: COUNT_NO_FURTHER + 1])
    number = Func(counted, function="cardinality", output_field=IntegerField())
    found = reviews.filter(Exists(rows)).annotate(waiting=number)
    return found.with_nodes().order_by("due_at", "id")


def open_near(user: User) -> QuerySet[AccessReview]:
    """Return the open reviews of nodes where `user` may change members, deleted or suspended too.

    Those that wait for the person are among them.
    """
    near = visible.near(user, CHANGE_MEMBER)
    return AccessReview.objects.filter(near, state=ReviewState.OPEN)


def may_keep_own(user: User, membership: Membership) -> bool:
    """Return whether it is an only owner's own membership: nobody else can answer for it."""
    is_own_ownership = membership.user_id == user.pk and membership.role == Role.OWNER
    return is_own_ownership and owners.is_only_owner(user, membership.organization)


def lock_open(review: AccessReview) -> AccessReview:
    """Return the review as it is now, its organization locked; refuse one that is closed."""
    node = lock(review.node)
    fresh = AccessReview.objects.filter(pk=review.pk, state=ReviewState.OPEN).first()
    if fresh is None:
        raise Refused("closed", _("The review is closed."))
    fresh.hang_on(node)
    return fresh


def reviewers(node: AnyNode) -> list[User]:
    """Return some people who can answer, the nearest first."""
    return explanations.grantors(CHANGE_MEMBER[node.level], node)


def mail(template: str, review: AccessReview, people: list[User], *, waiting: int) -> None:
    """Tell people of the review, and how many rows wait for an answer."""
    node = review.node
    link = outbox.link_to("access-review-detail", **node.slugs, pk=review.pk)
    for user in people:
        outbox.enqueue(
            template,
            recipient=user.email,
            context={
                "node": node.name,
                "organization": review.organization.name,
                "waiting": waiting,
                "due_at": review.due_at.isoformat(),
                "link": link,
            },
            language=user.known_language,
            organization=review.organization,
            about=review,
        )


def _reason_not_to_mail(review: AccessReview, mail: OutgoingMail) -> Ending | None:
    """Return what has ended a mail that asks for answers, if anything."""
    if review.state != ReviewState.OPEN:
        return Ending.DECIDED
    needed = CHANGE_MEMBER[review.level]
    can_answer = mail_rules.can_its_reader(mail, needed, review.node)
    return None if can_answer else Ending.NOT_THEIRS


mail_rules.declare(
    "access_review",
    "access_review_reminder",
    "access_review_overdue",
    about=AccessReview,
    ended=_reason_not_to_mail,
)


# --- What is reviewed ----------------------------------------------------------------------------


def _rows(review: AccessReview, node: AnyNode) -> Iterator[AccessReviewRow]:
    newest = AuditEvent.objects.filter(
        organization_id=OuterRef("organization_id"), actor_id=OuterRef("user_id")
    ).order_by("-id")
    members = Membership.objects.within(node).alive().in_force().with_nodes()
    found: QuerySet[Membership] = members.select_related("user", "invited_by")
    found = found.annotate(acted_at=Subquery(newest.values("created_at")[:1]))
    for membership in found.order_by("user__email", "pk"):
        times = (membership.acted_at, membership.user.last_login)
        yield AccessReviewRow(
            review=review,
            organization_id=membership.organization_id,
            workspace_id=membership.workspace_id,
            application_id=membership.application_id,
            membership_id=membership.pk,
            user_id=membership.user_id,
            person=audit.label_of(membership.user),
            place=membership.node.path_in_words,
            role=word_for(membership.given_role),
            source=_source(membership),
            way_in=membership.way_in,
            way_in_detail=membership.way_in_detail,
            since=membership.created_at,
            last_active_at=max((at for at in times if at), default=None),
        )


def _source(membership: Membership) -> str:
    """Return who let the person in, as the activity tells it: staff without their names."""
    if membership.invited_by is None:
        return ""
    by_staff = membership.way_in in BY_STAFF
    return str(audit.STAFF) if by_staff else audit.label_of(membership.invited_by)


def _refuse_due(due_at: datetime) -> None:
    now = timezone.now()
    if due_at <= now:
        raise Refused("past", _("Choose a time in the future."), field="due_at")
    if due_at > now + LONGEST:
        raise Refused("too_late", _("Choose a time within a year."), field="due_at")


# --- Answers -------------------------------------------------------------------------------------


def _lock(review: AccessReview, by: User) -> AccessReview:
    review = lock_open(review)
    access.require(by, CHANGE_MEMBER[review.level], review.node)
    return review


def _waiting(review: AccessReview, row: AccessReviewRow) -> tuple[AccessReviewRow, Membership]:
    """Return the row as it is now, with its membership, if it still waits for an answer."""
    membership = _waiting_among(review, [row]).get(row.pk)
    if membership is None:
        raise _refusal_of_answered()
    return review.rows.get(pk=row.pk), membership


def _waiting_among(
    review: AccessReview, rows: Collection[AccessReviewRow]
) -> dict[int, Membership]:
    """Return, by its id, the membership of each of the rows that waits for an answer."""
    chosen = review.unanswered().filter(pk__in=[row.pk for row in rows])
    waiting = dict(chosen.values_list("membership_id", "pk"))
    found = Membership.objects.filter(organization=review.organization_id, pk__in=waiting)
    return {waiting[each.pk]: each for each in found.select_related("user").with_nodes()}


def _refusal_of_answered() -> Refused:
    return Refused("answered", _("This row no longer needs an answer. Check it again."))


def _require_to_keep(by: User, membership: Membership | None, version: Version) -> Membership:
    """Refuse unless the membership still waits for an answer, and `by` may keep it as read."""
    if membership is None:
        raise _refusal_of_answered()
    refuse_stale(membership.shown, version)
    if not may_keep_own(by, membership):
        _require_to_answer(by, membership)
    return membership


def _require_to_answer(by: User, membership: Membership) -> None:
    """Refuse unless `by` could have changed the membership."""
    permission = CHANGE_MEMBER[membership.level]
    if membership.user_id == by.pk:
        raise Refused("own", _("You can't answer for your own membership."))
    if not access.can(by, permission, membership.node):
        raise NotAllowed(permission, membership.node)
    rules.require_to_hold(by, membership.node, membership.permissions)


def _answerable(user: User, places: Collection[int]) -> Q:
    """Return what is true of memberships in the organizations `places` that `user` may keep.

    The same as `_require_to_keep`, asked about many.
    """
    roles = [*BUILT_IN, *CustomRole.objects.in_use().filter(organization__in=places)]
    within = Q(pk__in=[])
    for level in Level:
        held = {each: visible.paths_at(level, user, each) for each in Permission}
        by_condition: dict[Q, list[AnyRole]] = defaultdict(list)
        for role in roles:
            needed = role.permissions_on(level) | {CHANGE_MEMBER[level]}
            conditions = dict.fromkeys(held[each] for each in Permission if each in needed)
            by_condition[reduce(and_, conditions)].append(role)
        for condition, fitting in by_condition.items():
            within |= condition & _has_one_of(fitting)
    own = Q(user=user, role=Role.OWNER, organization__in=owners.owned_alone(user, places))
    return ((within & ~Q(user=user)) | own) & Q(organization__in=places)


def _has_one_of(roles: Iterable[AnyRole]) -> Q:
    composed = [role for role in roles if isinstance(role, CustomRole)]
    built_in = [role for role in roles if not isinstance(role, CustomRole)]
    return Q(role__in=built_in) | Q(custom_role__in=composed)


def _answer(
    row: AccessReviewRow, decision: Decision, by: User, note: str, role: AnyRole | None = None
) -> None:
    row.decision = decision
    row.note = rules.clean_note(note, field="note")
    row.decided_by = audit.label_of(by)
    row.decided_at = timezone.now()
    row.role_after = word_for(role) if role else ""


def _end(
    review: AccessReview, state: ReviewState, verb: str, by: User, changes: Changes
) -> AccessReview:
    review.state = state
    review.ended_at = timezone.now()
    made = ("evidence_version", "csv_sha256", "jsonl_sha256")
    review.save(update_fields=["state", "ended_at", *made])
    outbox.withhold_about([review])
    audit.record(
        f"access_review.{verb}",
        by=by,
        node=review.node,
        target=review,
        target_label=review.node.name,
        changes={"state": [ReviewState.OPEN.value, state.value]} | changes,
    )
    return review
