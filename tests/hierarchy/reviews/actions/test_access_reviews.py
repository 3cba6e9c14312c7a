"""Reviewing who has access: what is noted, who may answer what, and what becomes of it."""

import csv
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hierarchy import access, audit, grants, review_files
from hierarchy.models import (
    AccessReview,
    AccessReviewRow,
    AuditEvent,
    MailState,
    Membership,
    OutgoingMail,
    ReviewState,
    Status,
    WayIn,
)
from hierarchy.roles import Role
from tests.factories import (
    CustomRoleFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    membership_of,
)
from tests.support.acting import access_reviews, memberships, nodes, transfers
from tests.support.refusals import refused

DAY = timedelta(days=1)
MORE = "You can't give or change more than you hold yourself, and you don't have permission to %s."
CHANGING_THE_ORGANIZATION = [
    "view_organization",
    "view_organization_member",
    "change_organization_member",
]


def _start(node, by, due=DAY * 14):
    return access_reviews.start(node, due_at=timezone.now() + due, by=by)


def _row(review, member):
    """Return the row as a request of its own loads it."""
    rows = AccessReviewRow.objects.select_related("review")
    return rows.get(review=review, membership_id=member.pk)


def _mails(template):
    rows = OutgoingMail.objects.filter(template=template)
    return sorted(rows.values_list("recipient", flat=True))


# --- Starting ------------------------------------------------------------------------------------


def test_start_notes_who_has_what_since_when_and_by_whom(tree, owner, manager):
    role = CustomRoleFactory(organization=tree.acme, name="Auditor")
    member = MembershipFactory(
        node=tree.production, role=Role.CUSTOM, custom_role=role, invited_by=manager
    )

    row = _row(_start(tree.acme, owner), member)

    assert row.person == f"{member.user.first_name} <{member.user.email}>"
    assert row.place == "Acme / Shop / Web (production)"
    assert (row.role, row.role_label) == ("Auditor", "Auditor")
    assert row.source == "Manager <manager@example.com>"
    assert (row.way_in, row.way_in_words) == (WayIn.INVITATION, "Invited by Manager")
    assert row.since == member.created_at
    assert (row.workspace_id, row.application_id) == (tree.shop.pk, tree.production.pk)


def test_start_notes_by_which_domain_somebody_has_joined(tree, owner):
    joined = {"way_in": WayIn.DOMAIN, "way_in_detail": "example.com"}
    member = MembershipFactory(node=tree.acme, **joined)

    row = _row(_start(tree.acme, owner), member)

    assert (row.source, row.way_in_words) == ("", "Joined with an address at example.com")


def test_start_names_nobody_of_the_staff(tree, owner, staff):
    member = MembershipFactory(node=tree.acme, invited_by=staff, way_in=WayIn.STAFF)

    row = _row(_start(tree.acme, owner), member)

    assert (row.source, row.way_in_words) == ("Platform staff", "Added by staff")


def test_start_notes_the_newest_activity_there_or_else_the_last_sign_in(tree, owner, viewer):
    foreign = OrganizationFactory()
    event = audit.record("workspace.edit", by=viewer, node=tree.shop)
    audit.record("organization.edit", by=viewer, node=foreign)
    signed_in = timezone.now() - DAY
    member = MembershipFactory(node=tree.shop, user__last_login=signed_in)
    never = MembershipFactory(node=tree.shop)

    review = _start(tree.acme, owner)

    assert _row(review, membership_of(viewer, tree.acme)).last_active_at == event.created_at
    assert _row(review, member).last_active_at == signed_in
    assert _row(review, never).last_active_at is None


def test_start_takes_only_what_is_in_force_and_alive(tree, owner, staff):
    taken = {MembershipFactory(node=node).pk for node in (tree.shop, tree.development)}
    for fields in ({"status": Status.SUSPENDED}, {"ends_at": timezone.now()}):
        MembershipFactory(node=tree.shop, **fields)
    MembershipFactory(node=tree.shop, user__is_active=False)
    MembershipFactory(node=tree.press)
    MembershipFactory(node=tree.production)
    nodes.delete(tree.production, by=owner)

    review = _start(tree.shop, owner)

    assert set(review.rows.values_list("membership_id", flat=True)) == taken
    assert review.size == 2


def test_start_tells_the_others_who_can_answer(tree, owner, manager, viewer, recorded):
    _start(tree.acme, owner)

    assert _mails("access_review") == ["first@example.com", "manager@example.com"]
    assert recorded() == ["access_review.start"]


def test_start_takes_the_right_to_change_members(tree, maintainer, guest):
    for user in (maintainer, guest):
        with refused("not_allowed"):
            _start(tree.shop, user)


def test_start_takes_that_right_on_all_that_is_beneath(tree, owner):
    role = CustomRoleFactory(
        organization=tree.acme, permissions=["view_organization", "change_organization_member"]
    )
    member = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role)

    with refused("not_allowed"):
        _start(tree.acme, member.user)


def test_start_only_one_at_a_time_on_a_node(tree, owner, manager):
    MembershipFactory(node=tree.shop)
    review = _start(tree.acme, owner)
    _start(tree.shop, owner)

    with refused("open"):
        _start(tree.acme, manager)
    access_reviews.cancel(review, by=owner)
    assert _start(tree.acme, manager).is_open


@pytest.mark.parametrize(("due", "code"), [(-DAY, "past"), (DAY * 367, "too_late")])
def test_start_refuses_a_time_that_makes_no_sense(tree, owner, due, code):
    with refused(code, "due_at"):
        _start(tree.acme, owner, due)


def test_start_refuses_where_nobody_is(tree, owner):
    with refused("nobody"):
        _start(tree.press, owner)


def test_start_asks_as_often_for_many_as_for_few(tree, owner):
    MembershipFactory(node=tree.shop)
    MembershipFactory(node=tree.press)
    audit.record("organization.edit", by=owner, node=tree.acme)  # the activity knows them by now

    def queries(node):
        access.forget(owner)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            _start(node, owner)
        return len(captured)

    few = queries(tree.press)
    MembershipFactory.create_batch(40, node=tree.shop)

    assert queries(tree.shop) == few


# --- Answering -----------------------------------------------------------------------------------


def test_keep_many_with_an_event_for_each(tree, owner, viewer, maintainer, recorded):
    review = _start(tree.acme, owner)
    rows = [_row(review, membership_of(user, tree.acme)) for user in (viewer, maintainer)]

    access_reviews.keep(review, rows, by=owner, note="Both still work here")

    row = _row(review, membership_of(viewer, tree.acme))
    assert (row.decision, row.role_after, row.note) == ("keep", "viewer", "Both still work here")
    assert row.decided_by == "Owner <owner@example.com>"
    assert recorded() == ["access_review.start", "access_review.keep", "access_review.keep"]
    assert membership_of(viewer, tree.acme).role == Role.VIEWER


def test_keep_refuses_all_when_one_was_answered_meanwhile(tree, owner, manager, viewer, maintainer):
    review = _start(tree.acme, owner)
    rows = [_row(review, membership_of(user, tree.acme)) for user in (viewer, maintainer)]
    access_reviews.keep(review, rows[:1], by=manager)

    with refused("answered"):
        access_reviews.keep(review, rows, by=owner)
    access_reviews.keep(review, rows[1:], by=owner)
    assert (
        _row(review, membership_of(viewer, tree.acme)).decided_by == "Manager <manager@example.com>"
    )


def test_keep_asks_as_often_for_many_as_for_few(tree, owner):
    members = MembershipFactory.create_batch(20, node=tree.shop)
    members += MembershipFactory.create_batch(2, node=tree.development)
    review = _start(tree.acme, owner)

    def queries(some):
        rows = [_row(review, member) for member in some]
        with CaptureQueriesContext(connection) as captured:
            access_reviews.keep(review, rows, by=owner)
        return len(captured)

    assert queries(members[:1]) == queries(members[1:])


def test_keep_refuses_all_when_one_is_not_to_be_answered(tree, manager, owner, viewer):
    review = _start(tree.acme, manager)
    good = _row(review, membership_of(viewer, tree.acme))

    with refused("own"):
        access_reviews.keep(
            review, [good, _row(review, membership_of(manager, tree.acme))], by=manager
        )
    with refused("more_than_you_hold", "role"):
        access_reviews.keep(
            review, [good, _row(review, membership_of(owner, tree.acme))], by=manager
        )


def test_judge_says_of_each_what_keeping_would_say(tree, owner, manager, viewer, maintainer):
    role = CustomRoleFactory(organization=tree.acme, permissions=CHANGING_THE_ORGANIZATION)
    steward = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user
    inside = MembershipFactory(node=tree.shop)
    review = _start(tree.acme, owner)
    memberships.leave(membership_of(maintainer, tree.acme), by=maintainer)
    rows = list(review.rows.order_by("id"))

    outcomes = access_reviews.judge(review, rows, by=steward)

    assert [outcome.row for outcome in outcomes] == rows
    assert {outcome.row.membership_id: outcome.problem for outcome in outcomes} == {
        membership_of(steward, tree.acme).pk: "You can't answer for your own membership.",
        membership_of(viewer, tree.acme).pk: MORE % "see the workspace",
        membership_of(manager, tree.acme).pk: MORE % "see the organization's settings",
        membership_of(owner, tree.acme).pk: MORE % "see the organization's settings",
        Membership.objects.get(user__email="first@example.com").pk: (
            MORE % "see the organization's settings"
        ),
        inside.pk: "You don't have permission to change members of the workspace.",
    } | {
        row.membership_id: "This row no longer needs an answer. Check it again."
        for row in rows
        if row.user_id == maintainer.pk
    }


def test_keep_lets_only_an_only_owner_answer_for_themselves(tree, owner, manager):
    own = membership_of(owner, tree.acme)
    review = _start(tree.acme, owner)

    with refused("own"):
        access_reviews.keep(review, [_row(review, own)], by=owner)

    Membership.objects.filter(user__email="first@example.com").delete()
    with refused("own"):
        access_reviews.keep(review, [_row(review, membership_of(manager, tree.acme))], by=manager)
    access_reviews.keep(review, [_row(review, own)], by=owner)
    row = _row(review, own)
    assert (row.decision, row.note) == ("keep", "The only owner, so nobody else can answer.")


def test_change_gives_another_role_at_once(tree, owner, viewer, recorded):
    review = _start(tree.acme, owner)

    access_reviews.change(
        _row(review, membership_of(viewer, tree.acme)), Role.MAINTAINER, by=owner, note="Promoted"
    )

    row = _row(review, membership_of(viewer, tree.acme))
    assert (row.decision, row.role, row.role_after) == ("change", "viewer", "maintainer")
    assert row.note == "Promoted"
    assert membership_of(viewer, tree.acme).role == Role.MAINTAINER
    assert recorded() == ["access_review.start", "access_review.change"]
    assert grants.resync(check=True) == []


def test_change_refuses_what_changes_nothing(tree, owner, viewer):
    review = _start(tree.acme, owner)

    with refused("same_role", "role"):
        access_reviews.change(_row(review, membership_of(viewer, tree.acme)), Role.VIEWER, by=owner)


def test_change_and_remove_keep_the_rules_of_memberships(tree, owner, manager):
    review = _start(tree.acme, manager)
    own, above = (_row(review, membership_of(user, tree.acme)) for user in (manager, owner))

    with refused("own"):
        access_reviews.change(own, Role.VIEWER, by=manager)
    with refused("own"):
        access_reviews.remove(own, by=manager)
    with refused("more_than_you_hold", "role"):
        access_reviews.change(above, Role.VIEWER, by=manager)
    with refused("more_than_you_hold", "role"):
        access_reviews.remove(above, by=manager)


def test_the_last_owner_stays(tree, staff):
    last = Membership.objects.get(user__email="first@example.com")
    review = _start(tree.acme, staff)

    for answer in (
        lambda: access_reviews.remove(_row(review, last), by=staff),
        lambda: access_reviews.change(_row(review, last), Role.VIEWER, by=staff),
    ):
        with refused("last_owner"):
            answer()


def test_remove_answers_for_what_is_beneath_as_well(tree, owner, viewer, recorded):
    beneath = MembershipFactory(node=tree.shop, user=viewer)
    other = MembershipFactory(node=tree.shop)
    review = _start(tree.acme, owner)
    member = membership_of(viewer, tree.acme)

    access_reviews.remove(_row(review, member), by=owner, note="Left")

    decisions = dict(review.rows.values_list("membership_id", "decision"))
    assert (decisions[member.pk], decisions[beneath.pk], decisions[other.pk]) == (
        "remove",
        "remove",
        "",
    )
    assert not Membership.objects.filter(user=viewer).exists()
    assert recorded() == ["access_review.start", "access_review.remove"]
    assert grants.resync(check=True) == []


def test_answer_a_row_once(tree, owner, manager, viewer):
    review = _start(tree.acme, owner)
    row = _row(review, membership_of(viewer, tree.acme))
    access_reviews.keep(review, [row], by=owner)

    with refused("answered"):
        access_reviews.change(row, Role.MAINTAINER, by=manager)
    with refused("answered"):
        access_reviews.remove(row, by=manager)


def test_what_ended_or_moved_meanwhile_waits_no_more(tree, owner, viewer):
    review = _start(tree.acme, owner)
    shop = MembershipFactory(node=tree.shop)
    of_shop = _start(tree.shop, owner)
    row = _row(review, membership_of(viewer, tree.acme))
    memberships.leave(membership_of(viewer, tree.acme), by=viewer)
    Membership.objects.filter(pk=shop.pk).update(ends_at=timezone.now())

    assert not review.unanswered().filter(pk=row.pk).exists()
    assert review.answered().filter(pk=row.pk).exists()
    assert not of_shop.unanswered().exists()
    assert of_shop.count_unanswered() == 0
    assert review.count_unanswered() == review.unanswered().count()
    with refused("answered"):
        access_reviews.remove(row, by=owner)


def test_what_is_in_the_trash_waits_only_once_it_is_restored(tree, owner, viewer):
    member = MembershipFactory(node=tree.production)
    review = _start(tree.acme, owner)
    row = _row(review, member)
    other = _row(review, membership_of(viewer, tree.acme))
    nodes.delete(tree.shop, by=owner)

    assert not review.unanswered().filter(pk=row.pk).exists()
    assert review.answered().filter(pk=row.pk).exists()
    assert review.count_unanswered() == review.unanswered().count()
    with refused("answered"):
        access_reviews.keep(review, [row, other], by=owner)
    for answer in (
        lambda: access_reviews.change(row, Role.MANAGER, by=owner),
        lambda: access_reviews.remove(row, by=owner),
    ):
        with refused("answered"):
            answer()

    nodes.restore(type(tree.shop).objects.get(pk=tree.shop.pk), by=owner)
    access_reviews.keep(review, [row, other], by=owner)
    assert _row(review, member).decision == "keep"


def test_finish_says_of_what_is_in_the_trash_that_it_has_ended(tree, owner):
    member = MembershipFactory(node=tree.production)
    review = _start(tree.shop, owner)
    nodes.delete(tree.production, by=owner)

    access_reviews.finish(review, by=owner)

    assert _row(review, member).decision == "gone"
    event = AuditEvent.objects.get(action="access_review.finish")
    assert event.changes["unanswered"] == [None, 0]


def test_a_review_stays_when_its_workspace_leaves(tree, owner):
    globex = OrganizationFactory(name="Globex")
    MembershipFactory(node=globex, user=owner, role=Role.OWNER)
    stays, goes = MembershipFactory.create_batch(2, node=tree.shop)
    review = _start(tree.shop, owner)
    above = _start(tree.acme, owner)

    transfers.accept(transfers.offer(tree.shop, globex, by=owner), by=owner, keep=[stays.pk])

    review = AccessReview.objects.get(pk=review.pk)
    assert (review.node, review.state) == (tree.acme, ReviewState.CANCELLED)
    assert review.former_workspace == "Shop"
    assert set(review.rows.values_list("organization_id", flat=True)) == {tree.acme.pk}
    assert not review.rows.waiting().exists()
    waiting = above.unanswered().values_list("membership_id", flat=True)
    assert not {stays.pk, goes.pk} & set(waiting)


@pytest.mark.parametrize("end", [access_reviews.finish, access_reviews.cancel])
def test_nothing_is_answered_any_more_once_it_is_closed(tree, owner, viewer, end):
    review = _start(tree.acme, owner)
    row = _row(review, membership_of(viewer, tree.acme))
    end(review, by=owner)

    for answer in (
        lambda: access_reviews.keep(review, [row], by=owner),
        lambda: access_reviews.change(row, Role.MANAGER, by=owner),
        lambda: access_reviews.remove(row, by=owner),
        lambda: end(review, by=owner),
    ):
        with refused("closed"):
            answer()


def test_answers_take_the_right_at_that_moment(tree, owner, manager, viewer):
    review = _start(tree.acme, owner)
    memberships.change_role(membership_of(manager, tree.acme), Role.MAINTAINER, by=owner)
    row = _row(review, membership_of(viewer, tree.acme))

    for answer in (
        lambda: access_reviews.keep(review, [row], by=manager),
        lambda: access_reviews.change(row, Role.MAINTAINER, by=manager),
        lambda: access_reviews.remove(row, by=manager),
        lambda: access_reviews.finish(review, by=manager),
        lambda: access_reviews.cancel(review, by=manager),
    ):
        with refused("not_allowed"):
            answer()


# --- Who is waited for ---------------------------------------------------------------------------


def _waiting_for(user):
    """Return {review: how many rows wait for `user`}."""
    access.forget(user)
    return {review.pk: review.waiting for review in access_reviews.open_for(user)}


def test_a_review_waits_for_whom_it_has_rows_that_they_may_keep(
    tree, owner, manager, maintainer, viewer, guest
):
    """As many as they could keep one by one."""
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    MembershipFactory(node=tree.press, role=Role.OWNER)
    MembershipFactory(node=tree.production, role=Role.MANAGER)
    gone = MembershipFactory(node=tree.shop)
    of_press = MembershipFactory(node=tree.press, role=Role.MANAGER).user
    MembershipFactory(node=tree.shop, user=manager, role=Role.OWNER)  # more than on Acme
    review = _start(tree.acme, owner)
    of_shop = _start(tree.shop, owner)
    memberships.remove(gone, by=owner)

    def keepable(user, review):
        outcomes = access_reviews.judge(review, list(review.rows.all()), by=user)
        return sum(not outcome.problem for outcome in outcomes)

    for user in (owner, manager):
        expected = {each.pk: keepable(user, each) for each in (review, of_shop)}
        assert _waiting_for(user) == expected
        assert all(expected.values())
    assert keepable(owner, review) > keepable(manager, review)
    for user in (maintainer, viewer, guest, of_press):
        assert _waiting_for(user) == {}


def test_a_review_waits_for_an_only_owner_with_their_own_row(tree, owner):
    first = Membership.objects.get(user__email="first@example.com")
    assert _waiting_for(owner) == {}
    review = _start(tree.acme, owner)
    assert _waiting_for(owner) == {review.pk: 1}

    memberships.remove(first, by=owner)

    assert _waiting_for(owner) == {review.pk: 1}
    access_reviews.keep(review, [_row(review, membership_of(owner, tree.acme))], by=owner)
    assert _waiting_for(owner) == {}


def test_a_review_waits_only_while_it_is_open_and_can_be_answered(tree, owner, viewer):
    MembershipFactory(node=tree.shop)
    review = _start(tree.acme, owner)
    of_shop = _start(tree.shop, owner)
    assert list(_waiting_for(owner)) == [review.pk, of_shop.pk]

    shop = nodes.suspend(tree.shop, by=owner)
    assert list(_waiting_for(owner)) == [review.pk]
    nodes.delete(nodes.resume(shop, by=owner), by=owner)
    assert list(_waiting_for(owner)) == [review.pk]
    access_reviews.cancel(review, by=owner)
    assert _waiting_for(owner) == {}


# --- Evidence ------------------------------------------------------------------------------------


def test_finish_freezes_the_evidence(tree, owner, viewer, maintainer, recorded):
    review = _start(tree.acme, owner)
    access_reviews.keep(review, [_row(review, membership_of(maintainer, tree.acme))], by=owner)
    memberships.leave(membership_of(viewer, tree.acme), by=viewer)

    finished = access_reviews.finish(review, by=owner)
    before = {form: "".join(review_files.lines(finished, form)) for form in ("csv", "jsonl")}
    type(maintainer).objects.filter(pk=maintainer.pk).update(first_name="Another")
    memberships.remove(membership_of(maintainer, tree.acme), by=owner)

    fresh = AccessReview.objects.get(pk=review.pk)
    assert fresh.state == ReviewState.FINISHED
    assert {form: "".join(review_files.lines(fresh, form)) for form in before} == before
    assert review_files.checksum(fresh, "csv") == fresh.csv_sha256
    assert review_files.checksum(fresh, "jsonl") == fresh.jsonl_sha256
    answers = {
        line["person"]: line["answer"] for line in map(json.loads, before["jsonl"].splitlines())
    }
    assert answers["Viewer <viewer@example.com>"] == "gone"
    assert answers["Maintainer <maintainer@example.com>"] == "keep"
    assert answers["Owner <owner@example.com>"] == ""
    changes = AuditEvent.objects.get(action="access_review.finish").changes
    assert changes["csv_sha256"] == [None, fresh.csv_sha256]
    assert changes["unanswered"] == [None, 2]


def test_what_had_no_answer_at_the_end_has_none_for_ever(tree, owner, viewer, maintainer):
    """Who leaves afterwards has not been answered for by that."""
    review = _start(tree.acme, owner)
    access_reviews.keep(review, [_row(review, membership_of(maintainer, tree.acme))], by=owner)
    finished = access_reviews.finish(review, by=owner)
    memberships.leave(membership_of(viewer, tree.acme), by=viewer)

    assert finished.unanswered().filter(user_id=viewer.pk).exists()
    assert [row.user_id for row in finished.answered()] == [maintainer.pk]


def test_evidence_says_how_somebody_came_in(tree, owner):
    joined = {"way_in": WayIn.DOMAIN, "way_in_detail": "example.com"}
    member = MembershipFactory(node=tree.acme, **joined)
    finished = access_reviews.finish(_start(tree.acme, owner), by=owner)

    lines = map(json.loads, review_files.lines(finished, "jsonl"))
    told = {line["person_id"]: (line["way_in"], line["way_in_detail"]) for line in lines}
    assert told[member.user_id] == ("domain", "example.com")
    assert told[owner.pk] == ("invitation", "")
    header = next(iter(review_files.lines(finished, "csv")))
    assert header.endswith(",note,way_in,way_in_detail\r\n")


@pytest.mark.parametrize(("version", "more"), [(1, ""), (2, ",way_in,way_in_detail")])
def test_evidence_of_before_keeps_its_bytes(tree, owner, viewer, version, more):
    """What was finished before the columns grew, or cells became more harmless, is as it was."""
    review = _start(tree.acme, owner)
    access_reviews.keep(
        review, [_row(review, membership_of(viewer, tree.acme))], by=owner, note="é;=1"
    )
    AccessReviewRow.objects.filter(review=review).update(person="=1")
    finished = access_reviews.finish(review, by=owner)
    finished.evidence_version = version

    header, first, *_rest = review_files.lines(finished, "csv")
    line = json.loads(next(iter(review_files.lines(finished, "jsonl"))))

    assert header == (
        "number,person_id,person,where,role,source,since,last_active_at,answer,role_after,"
        f"answered_by,answered_at,note{more}\r\n"
    )
    assert list(line) == header.strip().split(",")
    cells = next(csv.reader([first]))
    assert cells[2] == "'=1"
    assert "é;=1" in "".join(review_files.lines(finished, "csv"))


def test_evidence_of_now_is_harmless_to_spreadsheets(tree, owner, viewer):
    review = _start(tree.acme, owner)
    access_reviews.keep(
        review, [_row(review, membership_of(viewer, tree.acme))], by=owner, note="é;=1"
    )
    finished = access_reviews.finish(review, by=owner)

    text = "".join(review_files.lines(finished, "csv"))

    assert (finished.evidence_version, text[0]) == (review_files.NEWEST_VERSION, "\ufeff")
    assert "é;'=1" in text


def test_evidence_says_the_same_in_every_language_and_zone(tree, owner):
    finished = access_reviews.finish(_start(tree.acme, owner), by=owner)

    with timezone.override("Asia/Tokyo"):
        assert review_files.checksum(finished, "csv") == finished.csv_sha256


@pytest.mark.parametrize("end", [access_reviews.cancel, access_reviews.finish])
def test_nobody_is_asked_for_answers_once_it_has_ended(tree, owner, end):
    review = _start(tree.acme, owner)
    asking = set(OutgoingMail.objects.values_list("state", flat=True))

    end(review, by=owner)

    assert asking == {MailState.QUEUED}
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {MailState.WITHHELD}


def test_cancel_changes_nobody(tree, owner, viewer, recorded):
    access_reviews.cancel(_start(tree.acme, owner), by=owner)

    assert membership_of(viewer, tree.acme).role == Role.VIEWER
    assert recorded() == ["access_review.start", "access_review.cancel"]


def test_who_closed_their_account_stays_in_the_evidence(tree, owner):
    member = MembershipFactory(node=tree.shop, user=UserFactory(email="gone@example.com"))
    review = _start(tree.shop, owner)
    type(member.user).objects.filter(pk=member.user_id).update(email="x@closed.invalid")

    assert "gone@example.com" in _row(review, member).person
