"""The rules that two people could break together, tried by two people at the same instant."""

import os
from itertools import combinations_with_replacement
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from hierarchy import access, grants
from hierarchy.actions import (
    access_reviews,
    accounts,
    invitations,
    memberships,
    nodes,
    organizations,
    ownership,
    ownership_recoveries,
    transfers,
    workspaces,
)
from hierarchy.actions.membership_batches import Verb, perform
from hierarchy.models import (
    AccessReviewRow,
    AuditEvent,
    FormerSlug,
    Invitation,
    Membership,
    Organization,
    OwnershipRecovery,
    State,
    Workspace,
)
from hierarchy.models.node import oldest_restorable
from hierarchy.refusals import Refused
from hierarchy.roles import Role
from tests.factories import (
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.faults.simultaneous import at_once

ROUNDS = int(os.environ.get("CONCURRENCY_ROUNDS", "15"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def permissions(transactional_db):
    """Each test has emptied the tables before: give the permissions of the roles new ids."""
    access.forget_permission_ids()


def owners(organization):
    return Membership.objects.effective_owners().filter(organization=organization)


# Each takes an owner away from the organization; `other` is the owner that remains, for now.
WAYS_TO_GO = {
    "leave": lambda own, other, staff: memberships.leave(own, by=own.user),
    "remove": lambda own, other, staff: memberships.remove(own, by=other),
    "demote": lambda own, other, staff: memberships.change_role(own, Role.MANAGER, by=other),
    "suspend": lambda own, other, staff: memberships.suspend(own, by=other),
    "end later": lambda own, other, staff: memberships.change_dates(
        own, starts_at=None, ends_at=timezone.now() + timezone.timedelta(days=9), by=other
    ),
    "deactivate": lambda own, other, staff: accounts.deactivate(own.user, by=staff),
    "close": lambda own, other, staff: accounts.close(own.user),
}


@pytest.mark.parametrize(("one", "two"), list(combinations_with_replacement(WAYS_TO_GO, 2)))
def test_an_owner_stays_whatever_two_do_at_once(one, two):
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        first, second = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)

        outcomes = at_once(
            lambda first=first, second=second: WAYS_TO_GO[one](_fresh(first), second.user, staff),
            lambda first=first, second=second: WAYS_TO_GO[two](_fresh(second), first.user, staff),
        )

        assert owners(organization).count() == 1
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert grants.resync(check=True) == []


def _fresh(membership):
    """Return the membership and its person as a request of its own loads them."""
    return Membership.objects.select_related("user", "organization").get(pk=membership.pk)


@pytest.mark.parametrize("way", WAYS_TO_GO)
def test_an_owner_stays_when_ownership_is_accepted_meanwhile(way):
    """The last owner steps down for somebody who goes, or is sent away, at the same instant."""
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        owner, spare = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)
        member = MembershipFactory(node=organization)
        offer = ownership.offer(organization, member.user, by=owner.user, becomes=Role.VIEWER)
        memberships.change_role(spare, Role.MANAGER, by=owner.user)

        mine, theirs = _fresh(member), _fresh(member)

        at_once(
            lambda offer=offer, mine=mine: ownership.accept(offer, by=mine.user),
            lambda own=theirs, owner=owner: WAYS_TO_GO[way](own, owner.user, staff),
        )

        assert owners(organization).count() == 1
    assert grants.resync(check=True) == []


@pytest.mark.parametrize("way", ["deactivate", "close"])
def test_an_owner_stays_when_one_who_joins_is_locked_out(way):
    """The new owner is locked out while the old one, who counts on them, goes."""
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        old = MembershipFactory(node=organization, role=Role.OWNER)
        new = UserFactory()

        def replace(organization=organization, old=old, new=new):
            memberships.add(organization, new, Role.OWNER, by=User.objects.get(pk=staff.pk))
            memberships.leave(_fresh(old), by=old.user)

        def lock_out(new=new):
            person = User.objects.get(pk=new.pk)
            accounts.close(person) if way == "close" else accounts.deactivate(person, by=staff)

        at_once(replace, lock_out)

        assert owners(organization).exists()


@pytest.mark.parametrize("way", ["deactivate", "close"])
def test_who_is_locked_out_founds_no_organization_without_an_owner(way):
    staff = UserFactory(is_staff=True, is_superuser=True)
    for number in range(ROUNDS):
        founder = UserFactory()

        def found(founder=founder, number=number):
            organizations.create(by=founder, name="New", slug=f"new-{number}")

        def lock_out(founder=founder):
            person = User.objects.get(pk=founder.pk)
            accounts.close(person) if way == "close" else accounts.deactivate(person, by=staff)

        at_once(found, lock_out)

    for organization in Organization.objects.all():
        assert owners(organization).exists()


@pytest.mark.parametrize("count", [1, 2])
def test_accept_once_however_often_at_once(count):
    """One person clicks fifty times; or another one, whom the link was forwarded to, as well."""
    inviter = MembershipFactory(role=Role.OWNER)
    people = UserFactory.create_batch(count)
    invitation = InvitationFactory(
        node=inviter.organization, email=people[0].email, invited_by=inviter.user
    )

    def accept(person):
        found = Invitation.objects.select_related("organization").get(pk=invitation.pk)
        return invitations.accept(found, by=User.objects.get(pk=person.pk))

    outcomes = at_once(
        *(lambda person=people[place % count]: accept(person) for place in range(50))
    )

    assert sum(isinstance(outcome, Membership) for outcome in outcomes) == 1
    assert Membership.objects.exclude(pk=inviter.pk).count() == 1
    assert AuditEvent.objects.get().action == "invitation.accept"


def test_accept_or_revoke_but_not_both():
    for _ in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)
        invited = UserFactory()
        invitation = InvitationFactory(
            node=owner.organization, email=invited.email, invited_by=owner.user
        )

        def fresh(pk=invitation.pk):
            return Invitation.objects.select_related("organization").get(pk=pk)

        accepted, revoked = at_once(
            lambda fresh=fresh, invited=invited: invitations.accept(fresh(), by=invited),
            lambda fresh=fresh, owner=owner: invitations.revoke(fresh(), by=owner.user),
        )

        assert isinstance(accepted, Refused) is not isinstance(revoked, Refused)
        is_member = Membership.objects.filter(user=invited).exists()
        assert is_member is (fresh().state == State.ACCEPTED)


def test_invite_an_address_once_at_a_time():
    owner = MembershipFactory(role=Role.OWNER)

    def send():
        by = User.objects.get(pk=owner.user_id)
        return invitations.send(owner.organization, "a@example.com", Role.VIEWER, by=by)

    outcomes = at_once(*[send] * 10)

    assert sum(isinstance(outcome, Invitation) for outcome in outcomes) == 1
    assert Invitation.objects.count() == 1


def test_claim_a_slug_once():
    owner = MembershipFactory(role=Role.OWNER)

    def create(slug):
        by = User.objects.get(pk=owner.user_id)
        return workspaces.create(owner.organization, by=by, name="New", slug=slug)

    for number in range(ROUNDS):
        slug = f"same-{number}"

        outcomes = at_once(
            lambda slug=slug: organizations.create(by=UserFactory(), name="One", slug=slug),
            lambda slug=slug: organizations.create(by=UserFactory(), name="Two", slug=slug),
        )
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
        outcomes = at_once(*[lambda slug=slug: create(slug)] * 2)
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1


def test_a_slug_given_up_goes_to_nobody_else():
    """One organization renames itself while another wants the name."""
    for number in range(ROUNDS):
        one, two = MembershipFactory.create_batch(2, role=Role.OWNER)
        wanted = one.organization.slug

        _given_up, taken = at_once(
            lambda one=one, n=number: nodes.edit(one.organization, by=one.user, slug=f"other-{n}"),
            lambda two=two, slug=wanted: nodes.edit(two.organization, by=two.user, slug=slug),
        )

        assert isinstance(taken, Refused)
        assert FormerSlug.objects.get(slug=wanted).organization_id == one.organization_id


def test_restore_or_purge_but_not_half():
    """The clock of the worker that purges is a little ahead."""
    for _ in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)
        workspace = WorkspaceFactory(organization=owner.organization)
        MembershipFactory(node=workspace)
        almost = oldest_restorable() + timezone.timedelta(seconds=0.05)
        Workspace.objects.filter(pk=workspace.pk).update(deleted_at=almost)
        workspace.refresh_from_db()

        restored, purged = at_once(
            lambda w=workspace, owner=owner: nodes.restore(w, by=owner.user),
            lambda w=workspace: _purge_until_gone_or_alive(w),
        )

        if isinstance(restored, Refused):
            assert purged
            assert not Workspace.objects.filter(pk=workspace.pk).exists()
            assert not Membership.objects.filter(workspace=workspace.pk).exists()
        else:
            assert not purged
            assert Membership.objects.at(workspace).exists()
    assert grants.resync(check=True) == []


def _purge_until_gone_or_alive(workspace):
    while Workspace.objects.filter(pk=workspace.pk, deleted_at__isnull=False).exists():
        if nodes.purge(workspace):
            return True
    return False


def test_events_are_numbered_without_a_gap():
    """Among actions that succeed and others that are refused after they have begun."""
    owner = MembershipFactory(role=Role.OWNER)

    def create(slug):
        return workspaces.create(
            owner.organization, by=User.objects.get(pk=owner.user_id), name="A b", slug=slug
        )

    outcomes = at_once(*(lambda n=n: create(f"slug-{n // 2}") for n in range(40)))

    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 20
    numbers = AuditEvent.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 21))


def test_the_second_to_rename_the_same_node_is_told():
    for _ in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)

        outcomes = at_once(
            *(
                lambda owner=owner, name=name: nodes.edit(
                    owner.organization, by=owner.user, version=1, name=name
                )
                for name in ("One", "Two")
            )
        )

        assert sorted(getattr(outcome, "code", "") for outcome in outcomes) == ["", "stale"]


def test_the_connection_of_the_tests_is_left_alone():
    """What runs in threads has closed its own connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend'"
        )
        assert cursor.fetchone()[0] == 1


# Each changes something in what is being handed over; `owner` owns both organizations.
MEANWHILE = {
    "accept": lambda w: transfers.accept(w.offer, by=w.owner, keep=[w.member.pk]),
    "withdraw": lambda w: transfers.withdraw(w.offer, by=w.owner),
    "decline": lambda w: transfers.decline(w.offer, by=w.owner),
    "delete": lambda w: nodes.delete(w.shop, by=w.owner),
    "suspend-member": lambda w: memberships.suspend(w.member, by=w.owner),
    "remove-member": lambda w: memberships.remove(w.member, by=w.owner),
    "invite": lambda w: invitations.send(w.shop, "new@example.com", Role.VIEWER, by=w.owner),
    "move-the-other-way": lambda w: transfers.accept(w.opposite, by=w.owner, keep=[]),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_transfer_is_whole_whatever_happens_meanwhile(meanwhile):
    owner = UserFactory()
    for _ in range(ROUNDS):
        here, there = OrganizationFactory.create_batch(2)
        for organization in (here, there):
            MembershipFactory(node=organization, user=owner, role=Role.OWNER)
        shop, labs = (WorkspaceFactory(organization=place) for place in (here, there))
        world = SimpleNamespace(
            owner=owner,
            shop=shop,
            member=MembershipFactory(node=shop),
            offer=transfers.offer(shop, there, by=owner),
            opposite=transfers.offer(labs, here, by=owner),
        )

        at_once(
            lambda w=world: transfers.accept(w.offer, by=User.objects.get(pk=owner.pk), keep=[]),
            lambda w=world: MEANWHILE[meanwhile](w),
        )

        moved = Workspace.objects.get(pk=shop.pk)
        events = AuditEvent.objects.within(moved).filter(action="transfer.accept")
        assert (moved.organization == there) == (events.count() == 1)
        assert not Invitation.objects.filter(workspace=moved, organization=there).exists()
    assert grants.resync(check=True) == []


def test_two_who_remove_the_same_people_at_once():
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        first, second = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)
        members = MembershipFactory.create_batch(3, node=organization)
        mine, theirs = ([_fresh(member) for member in members] for _ in range(2))

        outcomes = at_once(
            lambda rows=mine, by=first.user: perform(rows, Verb.REMOVE, by=by),
            lambda rows=theirs[::-1], by=second.user: perform(rows, Verb.REMOVE, by=by),
        )

        refused = [sum(bool(each.problem) for each in outcome) for outcome in outcomes]
        assert sorted(refused) == [0, 3]
    assert grants.resync(check=True) == []


# What two reviewers may answer about the same row at the same instant.
ANSWERS = {
    "keep": lambda row, by: access_reviews.keep(row.review, [row], by=by),
    "change": lambda row, by: access_reviews.change(row, Role.MANAGER, by=by),
    "remove": lambda row, by: access_reviews.remove(row, by=by),
    "finish": lambda row, by: access_reviews.finish(row.review, by=by),
}


@pytest.mark.parametrize(("one", "two"), list(combinations_with_replacement(ANSWERS, 2)))
def test_a_row_is_answered_once_whatever_two_say_at_once(one, two):
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        reviewers = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)
        member = MembershipFactory(node=organization)
        due_at = timezone.now() + timezone.timedelta(days=1)
        review = access_reviews.start(organization, due_at=due_at, by=reviewers[0].user)

        def answer(verb, reviewer, review=review, member=member):
            rows = AccessReviewRow.objects.select_related("review__organization")
            row = rows.get(review=review, membership_id=member.pk)
            return ANSWERS[verb](row, User.objects.get(pk=reviewer.user_id))

        outcomes = at_once(
            lambda answer=answer, by=reviewers[0]: answer(one, by),
            lambda answer=answer, by=reviewers[1]: answer(two, by),
        )

        answers = AuditEvent.objects.within(organization).filter(
            action__in=["access_review.keep", "access_review.change", "access_review.remove"]
        )
        refused = sum(isinstance(outcome, Refused) for outcome in outcomes)
        assert answers.count() <= 1
        assert refused == (0 if "finish" in (one, two) and one != two and answers.count() else 1)
        row = AccessReviewRow.objects.get(review=review, membership_id=member.pk)
        assert bool(row.decision) is answers.exists()
        has_gone = not Membership.objects.filter(pk=member.pk).exists()
        assert has_gone is (row.decision == "remove")
    assert grants.resync(check=True) == []


def test_a_recovery_makes_no_owner_beside_one_who_is_back():
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        gone = MembershipFactory(node=organization, role=Role.OWNER, status="suspended")
        recovery = OwnershipRecovery.objects.create(
            organization=organization, user=UserFactory(), due_at=timezone.now()
        )

        outcomes = at_once(
            lambda recovery=recovery: ownership_recoveries.complete(recovery, by=staff),
            lambda own=gone: memberships.reactivate(
                _fresh(own), by=UserFactory(is_staff=True, is_superuser=True)
            ),
        )

        assert not isinstance(outcomes[1], Refused)
        expected = 1 if isinstance(outcomes[0], Refused) else 2
        assert owners(organization).count() == expected
    assert grants.resync(check=True) == []
