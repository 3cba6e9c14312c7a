"""Every decision about a membership: who, about whom, from which role to which, by which way.

Each is compared with the reference in miniature, which knows nothing of the code: it says whether
the step must be allowed. What is allowed is done for real, and undone.
"""

from itertools import product
from random import Random

import pytest
from django.utils import timezone

from accounts.models import User
from hierarchy.members.actions.membership_batches import Verb
from hierarchy.models import Membership, Status
from tests.factories import UserFactory
from tests.properties.decisions.world import ABOVE, ACTORS, DAY, MEMBERS, PLACES, ROLES
from tests.properties.reference import Reference
from tests.support.acting import membership_batches, memberships
from tests.support.sampling import IS_THOROUGH


def _judge_each_way(world, title, row):
    reference = world.reference
    by = world.name
    pk = row.pk
    for role in ROLES:
        world.judge(
            f"{title} becomes {role}",
            reference.may_change_role(by, pk, role),
            lambda user, role=role: memberships.change_role(row, world.real(role), by=user),
        )
    for verb in ("suspend", "reactivate"):
        world.judge(
            f"{verb} {title}",
            getattr(reference, f"may_{verb}_member")(by, pk),
            lambda user, verb=verb: getattr(memberships, verb)(row, by=user),
        )
    world.judge(
        f"remove {title}",
        reference.may_remove(by, pk),
        lambda user: memberships.remove(row, by=user),
    )
    world.judge(
        f"leave as {title}",
        reference.may_leave(by, pk),
        lambda user: memberships.leave(row, by=user),
    )
    for starts_in, ends_in in ((None, None), (None, 9 * DAY), (9 * DAY, None)):
        now = timezone.now()
        dates = {
            "starts_at": starts_in and now + starts_in,
            "ends_at": ends_in and now + ends_in,
        }
        world.judge(
            f"{title} begins in {starts_in} and ends in {ends_in}",
            reference.may_change_dates(by, pk, bool(starts_in or ends_in)),
            lambda user, dates=dates: memberships.change_dates(row, **dates, by=user),
        )


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_a_member_as_the_reference(world, status):
    for place, role in world.some(product(PLACES, ROLES)):
        with world.aside():
            row = world.join("other", place, role, status)
            _judge_each_way(world, f"the {role} of {place}", row)


@pytest.mark.parametrize("actor", MEMBERS)
def test_decide_about_oneself_as_the_reference(world):
    row = Membership.objects.get(user=world.actor)

    _judge_each_way(world, "oneself", row)


@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_an_end_as_the_reference(world):
    """Putting off what ends, or has ended, and what doesn't."""
    for place, role, days in world.some(
        product(PLACES, ["owner", "manager", "helper"], (None, 3, -3))
    ):
        with world.aside():
            row = world.join("other", place, role, ends_in=days and days * DAY)
            world.judge(
                f"put off the end of the {role} of {place}, in {days} days",
                world.reference.may_extend_member(world.name, row.pk),
                lambda user, row=row: memberships.extend(row, by=user),
            )


@pytest.mark.parametrize("actor", ABOVE)
def test_decide_about_adding_as_the_reference(world):
    """Only staff add people without asking them."""

    def judge(title, place, role):
        world.judge(
            f"add {title} as {role} to {place}",
            world.reference.may_add(world.name, place, "other", role),
            lambda user: memberships.add(
                world.nodes[place], world.other, world.real(role), by=user
            ),
        )

    for place, role in product([*PLACES, "labs"], ROLES):
        judge("a stranger", place, role)
    for place in world.some(PLACES):
        with world.aside():
            world.join("other", place, "viewer")
            judge("a member", place, "viewer")
        with world.aside():
            world.close_account("other")
            judge("a closed account", place, "viewer")


BATCHES = {
    Verb.SUSPEND: Reference.may_suspend_member,
    Verb.REACTIVATE: Reference.may_reactivate_member,
    Verb.REMOVE: Reference.may_remove,
}


@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_many_members_as_the_reference(world):
    everyone = list(product(PLACES, ROLES))
    a_few = everyone if IS_THOROUGH else Random(world.title).sample(everyone, 2)
    for number, (place, role) in enumerate(a_few):
        world.users[f"person {number}"] = UserFactory()
        world.join(f"person {number}", place, role)
    people = [user.pk for name, user in world.users.items() if name.startswith("person")]
    rows = list(Membership.objects.filter(user__in=people))
    user = User.objects.get(pk=world.actor.pk)

    def compare(verb, may, *more, **given):
        for outcome in membership_batches.judge(rows, verb, by=user, **given):
            expected = may(world.reference, world.name, outcome.membership.pk, *more)
            world.note(f"{verb} {outcome}", expected, not outcome.problem)

    for verb, may in BATCHES.items():
        compare(verb, may)
    for role in ROLES:
        compare(Verb.CHANGE_ROLE, Reference.may_change_role, role, role=world.real(role))
