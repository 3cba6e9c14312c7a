from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from hierarchy import access, audit, grants
from hierarchy.models import AuditEvent, Membership
from hierarchy.refusals import Stale
from hierarchy.roles import Permission, Role
from tests.factories import MembershipFactory, membership_of
from tests.support.acting import memberships, owners
from tests.support.postgres import without_triggers
from tests.support.refusals import refused

DAY = timedelta(days=1)


def _change(membership, by, starts=None, ends=None):
    now = timezone.now()
    return memberships.change_dates(
        membership,
        starts_at=now + starts if starts else None,
        ends_at=now + ends if ends else None,
        by=by,
    )


def _sees(user, node):
    access.forget(user)
    return access.can(user, Permission.VIEW_ORGANIZATION, node)


def test_change_dates_takes_effect_at_once(tree, owner, viewer, recorded):
    membership = _change(membership_of(viewer, tree.acme), owner, starts=DAY, ends=DAY * 2)

    assert not _sees(viewer, tree.acme)
    _change(membership, owner, ends=DAY)
    assert _sees(viewer, tree.acme)
    assert recorded() == ["membership.change_dates"] * 2
    assert grants.resync(check=True) == []


def test_change_dates_records_what_they_were(tree, owner, viewer):
    membership = _change(membership_of(viewer, tree.acme), owner, ends=DAY)

    changes = AuditEvent.objects.get(action="membership.change_dates").changes
    assert changes == {"ends_at": [None, str(membership.ends_at)]}


def test_change_dates_to_the_same_changes_nothing(tree, owner, viewer, recorded):
    _change(membership_of(viewer, tree.acme), owner)

    assert recorded() == []


def test_change_dates_lets_reminders_go_out_anew(tree, owner, viewer):
    Membership.objects.filter(user=viewer).update(reminded_days=1, ends_at=timezone.now() + DAY / 2)

    membership = _change(membership_of(viewer, tree.acme), owner, ends=DAY * 30)

    membership.refresh_from_db()
    assert membership.reminded_days is None


@pytest.mark.parametrize(
    ("starts", "ends", "code"), [(None, -DAY, "past"), (DAY * 2, DAY, "order")]
)
def test_change_dates_refuses_an_impossible_end(tree, owner, viewer, starts, ends, code):
    with refused(code, "ends_at"):
        _change(membership_of(viewer, tree.acme), owner, starts, ends)


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
@pytest.mark.parametrize(
    "far", [datetime(9999, 12, 31, 23, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)]
)
def test_change_dates_refuses_what_no_time_zone_can_show(tree, owner, viewer, field, far):
    dates = {"starts_at": None, "ends_at": None} | {field: far}

    with refused("far", field):
        memberships.change_dates(membership_of(viewer, tree.acme), by=owner, **dates)


def test_extend_refuses_what_is_too_far_away(tree, owner, viewer):
    end = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    Membership.objects.filter(user=viewer).update(ends_at=end)

    with refused("far", "ends_at"):
        memberships.extend(membership_of(viewer, tree.acme), by=owner)


@pytest.mark.parametrize("dates", [{"ends": DAY}, {"starts": DAY}])
def test_change_dates_keeps_the_last_owner(tree, staff, dates):
    with refused("last_owner"):
        _change(Membership.objects.at(tree.acme).get(), staff, **dates)


def test_an_owner_for_a_time_does_not_count_as_the_one_who_stays(tree, staff, owner):
    _change(membership_of(owner, tree.acme), staff, ends=DAY)
    last = Membership.objects.at(tree.acme).get(user__email="first@example.com")

    for take_away in (memberships.remove, memberships.suspend):
        with refused("last_owner"):
            take_away(last, by=staff)
    assert owners.sole_owned(last.user) == [tree.acme]


def test_change_dates_of_somebody_who_holds_more_is_refused(tree, owner, manager):
    with refused("more_than_you_hold", "role"):
        _change(membership_of(owner, tree.acme), manager, ends=DAY)


def test_change_dates_of_oneself_is_refused(tree, owner):
    with refused("own"):
        _change(membership_of(owner, tree.acme), owner, ends=DAY)


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_change_dates_is_not_allowed_without_the_permission(tree, actor, request):
    other = MembershipFactory(node=tree.acme)
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        _change(other, by, ends=DAY)


def test_resync_notices_other_dates(tree, viewer):
    with without_triggers():
        Membership.objects.filter(user=viewer).update(ends_at=timezone.now() + DAY)

    drifts = grants.resync(check=True)
    grants.resync()

    assert sorted(drift.kind for drift in drifts) == ["missing", "stray"]
    assert grants.resync(check=True) == []


@pytest.mark.parametrize(
    ("left", "expected"), [(DAY * 2, DAY * 32), (-DAY * 2, DAY * 30)], ids=["runs", "ended"]
)
def test_extend_puts_the_end_off_by_thirty_days(tree, owner, viewer, left, expected):
    now = timezone.now()
    Membership.objects.filter(user=viewer).update(
        starts_at=now - DAY * 9, ends_at=now + left, reminded_days=1
    )

    membership = memberships.extend(membership_of(viewer, tree.acme), by=owner)

    assert abs(membership.ends_at - now - expected) < timedelta(minutes=1)
    assert membership.starts_at == now - DAY * 9
    assert _sees(viewer, tree.acme)


def test_extend_refuses_what_has_no_end(tree, owner, viewer):
    with refused("no_end"):
        memberships.extend(membership_of(viewer, tree.acme), by=owner)


def test_extend_takes_the_permission(tree, maintainer, viewer):
    Membership.objects.filter(user=viewer).update(ends_at=timezone.now() + DAY)

    with refused("not_allowed"):
        memberships.extend(membership_of(viewer, tree.acme), by=maintainer)


def test_a_beginning_in_the_past_takes_nothing_from_an_owner(tree, staff):
    last = Membership.objects.at(tree.acme).get()

    _change(last, staff, starts=-DAY)

    assert grants.resync(check=True) == []


@time_machine.travel("2026-05-01T12:00:00Z", tick=False)
def test_an_end_at_this_instant_is_in_the_past(tree, owner, viewer):
    with refused("past", "ends_at"):
        memberships.change_dates(
            membership_of(viewer, tree.acme), starts_at=None, ends_at=timezone.now(), by=owner
        )


def test_a_membership_lasts_for_longer_than_an_instant(tree, owner, viewer):
    at = timezone.now() + DAY

    with refused("order", "ends_at"):
        memberships.change_dates(
            membership_of(viewer, tree.acme), starts_at=at, ends_at=at, by=owner
        )


@pytest.mark.parametrize("days", [-1, 1])
def test_change_dates_from_a_stale_form(tree, owner, viewer, recorded, days):
    """What it was made from may have been an earlier end, or a later one."""
    membership = membership_of(viewer, tree.acme)
    membership.ends_at = timezone.now() + DAY * (5 + days)
    stale = str(membership.shown_dates)
    membership.ends_at = timezone.now() + DAY * 5
    membership.save()

    with pytest.raises(Stale):
        memberships.change_dates(membership, starts_at=None, ends_at=None, by=owner, version=stale)

    assert recorded() == []


@pytest.fixture
def ended(tree):
    """A membership that was over yesterday."""
    return MembershipFactory(node=tree.acme, ends_at=timezone.now() - DAY, reminded_days=1)


def _renew(membership, role, by):
    return memberships.renew(membership, role, by=by, action="access_request.approve")


def test_renew_lets_access_begin_anew_for_good(tree, owner, ended, recorded):
    ended_at = ended.ends_at
    assert not _sees(ended.user, tree.acme)

    _renew(ended, Role.MAINTAINER, owner)

    ended.refresh_from_db()
    assert (ended.role, ended.ends_at, ended.reminded_days) == (Role.MAINTAINER, None, None)
    assert _sees(ended.user, tree.acme)
    assert recorded() == ["access_request.approve"]
    changes = {"role": ["viewer", "maintainer"], "ends_at": [str(ended_at), None]}
    assert AuditEvent.objects.get(action="access_request.approve").changes == changes


def test_renew_refuses_what_has_not_ended(tree, owner, viewer):
    with refused("not_ended"):
        _renew(membership_of(viewer, tree.acme), Role.VIEWER, owner)


@pytest.mark.parametrize(("had", "given"), [("owner", "viewer"), ("viewer", "owner")])
def test_renew_what_or_with_what_one_does_not_hold_is_refused(tree, manager, ended, had, given):
    Membership.objects.filter(pk=ended.pk).update(role=had)

    with refused("more_than_you_hold", "role"):
        _renew(ended, Role(given), manager)


def test_renew_takes_the_permission(maintainer, ended):
    with refused("not_allowed"):
        _renew(ended, Role.VIEWER, maintainer)


def test_the_activity_says_dates_in_words_by_the_reader_s_clock(tree, owner, viewer):
    noon = datetime(2090, 5, 4, 12, tzinfo=UTC)
    membership = membership_of(viewer, tree.acme)
    memberships.change_dates(membership, starts_at=None, ends_at=noon, by=owner)

    with timezone.override("Asia/Tokyo"):
        (change,) = audit.changes_of(AuditEvent.objects.latest("id"))

    assert (change.label, change.before, change.after) == ("Until", "none", "4 May 2090, 21:00")
