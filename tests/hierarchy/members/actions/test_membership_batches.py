import pytest

from hierarchy import grants
from hierarchy.members.actions.membership_batches import Verb
from hierarchy.models import Membership, Status
from hierarchy.roles import Role
from tests.factories import MembershipFactory
from tests.support.acting import membership_batches
from tests.support.refusals import snapshot


@pytest.fixture
def members(tree):
    return MembershipFactory.create_batch(3, node=tree.acme, role=Role.VIEWER)


def _problems(outcomes):
    return [bool(outcome.problem) for outcome in outcomes]


def test_judge_changes_nothing(tree, owner, manager, members):
    chief = Membership.objects.get(user=owner)
    before = snapshot()

    outcomes = membership_batches.judge([*members, chief], Verb.REMOVE, by=manager)

    assert _problems(outcomes) == [False, False, False, True]
    assert snapshot() == before


def test_perform_for_all(tree, owner, members, recorded):
    outcomes = membership_batches.perform(members, Verb.SUSPEND, by=owner)

    assert _problems(outcomes) == [False] * 3
    assert {row.status for row in Membership.objects.filter(pk__in=[m.pk for m in members])} == {
        Status.SUSPENDED
    }
    assert recorded() == ["membership.suspend"] * 3
    assert grants.resync(check=True) == []


def test_perform_for_nobody_when_one_is_refused(tree, owner, members):
    own = Membership.objects.get(user=owner)
    before = snapshot()

    outcomes = membership_batches.perform([members[0], own, members[1]], Verb.REMOVE, by=owner)

    assert _problems(outcomes) == [False, True, False]
    assert snapshot() == before


def test_every_verb(tree, owner, members, recorded):
    membership_batches.perform(members, Verb.CHANGE_ROLE, by=owner, role=Role.MAINTAINER)
    membership_batches.perform(members, Verb.SUSPEND, by=owner)
    membership_batches.perform(members, Verb.REACTIVATE, by=owner)
    assert {m.role for m in Membership.objects.filter(pk__in=[m.pk for m in members])} == {
        Role.MAINTAINER
    }
    membership_batches.perform(members, Verb.REMOVE, by=owner)

    assert not Membership.objects.filter(pk__in=[m.pk for m in members]).exists()
    assert len(recorded()) == 12


def test_leave_an_owner(tree, owner, staff):
    owners = list(Membership.objects.at(tree.acme).filter(role=Role.OWNER))

    outcomes = membership_batches.perform(owners, Verb.REMOVE, by=staff)

    assert sorted(_problems(outcomes)) == [False, True]
    assert Membership.objects.effective_owners().count() == 2


def test_say_it_to_who_may_not_change_members_at_all(tree, viewer, maintainer):
    member = Membership.objects.get(user=maintainer)

    for verb in Verb:
        for ask in (membership_batches.judge, membership_batches.perform):
            (outcome,) = ask([member], verb, by=viewer)
            assert outcome.problem.startswith("You don't have permission to "), verb
