"""Every decision about a membership: who, about whom, from which role to which, by which way.

Each is compared with the reference in miniature, which knows nothing of the code: it says whether
the step must be allowed. What is allowed is done for real, and undone.
"""

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from hierarchy.actions import invitations, memberships
from hierarchy.actions.membership_batches import Verb, judge
from hierarchy.models import Membership, Status
from hierarchy.refusals import Refused
from hierarchy.roles import BUILT_IN, Role
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.properties.reference import STAFF, Custom, Member, Node, Offer, Reference

HELPER = "helper"  # a custom role that may change members everywhere, and nothing else
HELPS = {
    f"{verb}_{level}{noun}"
    for level in ("organization", "workspace", "application")
    for verb, noun in (("view", ""), ("change", "_member"))
}
ROLES = [*BUILT_IN, HELPER]
PLACES = ["acme", "shop", "web"]  # where the other person is a member, and on the path of each
ACTORS = [
    STAFF,
    "nobody",
    "owner of globex",
    *(f"{role} of {place}" for place, role in product([*PLACES, "press"], ROLES)),
]


class World:
    """A tree, the person who acts, and the same tree in miniature."""

    def __init__(self, actor):
        self.reference = Reference(timezone.now())
        acme, globex = OrganizationFactory(), OrganizationFactory()
        shop, press = WorkspaceFactory.create_batch(2, organization=acme)
        web = ApplicationFactory(workspace=shop)
        self.nodes = {"acme": acme, "shop": shop, "press": press, "web": web, "globex": globex}
        parents = {"shop": "acme", "press": "acme", "web": "shop"}
        for name, node in self.nodes.items():
            self.reference.nodes[name] = Node(node.level.value, parents.get(name))
        self.helper = CustomRoleFactory(organization=acme, permissions=sorted(HELPS))
        self.reference.roles[HELPER] = Custom("acme", set(HELPS))
        self.actor = UserFactory(is_staff=actor == STAFF, is_superuser=actor == STAFF)
        self.name = STAFF if actor == STAFF else "actor"
        self.other = UserFactory()
        if " of " in actor:
            role, place = actor.split(" of ")
            self.join("actor", self.actor, place, role)

    def real(self, role):
        return self.helper if role == HELPER else Role(role)

    def join(self, name, user, place, role, status=Status.ACTIVE):
        node, given = self.nodes[place], self.real(role)
        fields = {"custom_role": given, "role": Role.CUSTOM} if role == HELPER else {"role": given}
        row = MembershipFactory(node=node, user=user, status=status, **fields)
        known = role if role == HELPER else Role(role)
        self.reference.members[row.pk] = Member(name, place, known, status == Status.ACTIVE)
        return row

    def is_allowed(self, action):
        """Do it as a request of its own would, undo it, and say whether it was allowed."""
        try:
            with transaction.atomic():
                action(User.objects.get(pk=self.actor.pk))
                transaction.set_rollback(True)
        except Refused:
            return False
        return True


def _ways(world, row):
    """Yield (what is tried, whether it must be allowed, the action) for one membership."""
    reference, by, pk = world.reference, world.name, row.pk
    for role in ROLES:
        yield (
            f"becomes {role}",
            reference.may_change_role(by, pk, role),
            lambda user, role=role: memberships.change_role(row, world.real(role), by=user),
        )
    for verb in ("suspend", "reactivate"):
        yield (
            verb,
            getattr(reference, f"may_{verb}_member")(by, pk),
            lambda user, verb=verb: getattr(memberships, verb)(row, by=user),
        )
    yield (
        "remove",
        reference.may_remove(by, pk),
        lambda user: memberships.remove(row, by=user),
    )
    yield "leave", reference.may_leave(by, pk), lambda user: memberships.leave(row, by=user)
    for days in (None, 9):
        ends_at = days and timezone.now() + timedelta(days=days)
        yield (
            f"ends in {days} days",
            reference.may_change_dates(by, pk, ends_at is not None),
            lambda user, ends_at=ends_at: memberships.change_dates(
                row, starts_at=None, ends_at=ends_at, by=user
            ),
        )


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_a_member_as_the_reference(db, actor, status):
    world, wrong = World(actor), []

    for place, role in product(PLACES, ROLES):
        with transaction.atomic():
            before = dict(world.reference.members)
            row = world.join("other", world.other, place, role, status)
            row = Membership.objects.select_related("user").get(pk=row.pk)
            for way, expected, action in _ways(world, row):
                if world.is_allowed(action) is not expected:
                    wrong.append(f"{actor}: {role} of {place} {way}: must be {expected}")
            world.reference.members = before
            transaction.set_rollback(True)

    assert wrong == []


@pytest.mark.parametrize("actor", [name for name in ACTORS if " of " in name])
def test_decide_about_oneself_as_the_reference(db, actor):
    world = World(actor)
    row = Membership.objects.get(user=world.actor)

    wrong = [
        f"{actor} {way}: must be {expected}"
        for way, expected, action in _ways(world, row)
        if world.is_allowed(action) is not expected
    ]

    assert wrong == []


BATCHES = {
    Verb.SUSPEND: Reference.may_suspend_member,
    Verb.REACTIVATE: Reference.may_reactivate_member,
    Verb.REMOVE: Reference.may_remove,
}


@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_many_members_as_the_reference(db, actor):
    world = World(actor)
    pairs = list(product(PLACES, ROLES))
    people = UserFactory.create_batch(len(pairs))
    rows = [
        world.join(f"person {number}", people[number], place, role)
        for number, (place, role) in enumerate(pairs)
    ]
    rows = list(Membership.objects.filter(pk__in=[row.pk for row in rows]))
    user = User.objects.get(pk=world.actor.pk)

    for verb, may in BATCHES.items():
        for outcome in judge(rows, verb, by=user):
            expected = may(world.reference, world.name, outcome.membership.pk)
            assert (not outcome.problem) is expected, (actor, verb, outcome)
    for role in ROLES:
        for outcome in judge(rows, Verb.CHANGE_ROLE, by=user, role=world.real(role)):
            pk = outcome.membership.pk
            expected = world.reference.may_change_role(world.name, pk, role)
            assert (not outcome.problem) is expected, (actor, role, outcome)


@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_invitations_as_the_reference(db, actor):
    """Whether the offer can be made, and whether one that was made still holds at acceptance."""
    world, wrong = World(actor), []
    reference, email = world.reference, world.other.email

    for place, role in product(PLACES, ROLES):
        node, given = world.nodes[place], world.real(role)
        may_send = reference.may_send(world.name, place, "other", role)
        sent = world.is_allowed(
            lambda user, node=node, given=given: invitations.send(node, email, given, by=user)
        )
        if sent is not may_send:
            wrong.append(f"{actor} invites {role} to {place}: must be {may_send}")
        with transaction.atomic():
            fields = {"role": Role.CUSTOM, "custom_role": given} if role == HELPER else {}
            offer = InvitationFactory(
                node=node, email=email, invited_by=world.actor, **({"role": role} | fields)
            )
            reference.offers[offer.pk] = Offer(place, "other", role, world.name, offer.expires_at)
            may_accept = reference.may_accept("other", offer.pk)
            accepted = world.is_allowed(
                lambda _user, offer=offer: invitations.accept(offer, by=world.other)
            )
            if accepted is not may_accept:
                wrong.append(f"{actor} has invited {role} to {place}: must be {may_accept}")
            reference.offers.clear()
            transaction.set_rollback(True)

    assert wrong == []
