"""Every decision about who owns an organization next: offering, answering, naming a successor."""

from itertools import product

import pytest

from hierarchy.models import Status
from hierarchy.roles import Role
from tests.factories import OwnershipOfferFactory
from tests.properties.decisions.world import ABOVE, DAY, ROLES
from tests.properties.reference.ownership import Handover
from tests.support.acting import ownership

STANDINGS = {  # of the one who is asked
    "a stranger": lambda _world: None,
    **{
        f"{role} of acme": lambda world, role=role: world.join("other", "acme", role)
        for role in ROLES
    },
    "owner of shop": lambda world: world.join("other", "shop", "owner"),
    "suspended": lambda world: world.join("other", "acme", "manager", Status.SUSPENDED),
    "a manager for a while": lambda world: world.join("other", "acme", "manager", ends_in=DAY),
    "one whose time is over": lambda world: world.join("other", "acme", "manager", ends_in=-DAY),
    "a closed account": lambda world: (
        world.join("other", "acme", "manager"),
        world.close_account("other"),
    ),
}
OWNERS = {  # of the one who has offered it
    "an owner": lambda world: world.join("third", "acme", "owner"),
    "an owner for a while": lambda world: world.join("third", "acme", "owner", ends_in=DAY),
    "a suspended owner": lambda world: world.join("third", "acme", "owner", Status.SUSPENDED),
    "a manager": lambda world: world.join("third", "acme", "manager"),
    "a closed account": lambda world: (
        world.join("third", "acme", "owner"),
        world.close_account("third"),
    ),
}


@pytest.mark.parametrize("actor", ABOVE)
def test_decide_about_offering_it_as_the_reference(world):
    organization = world.nodes["acme"]
    for standing, join in world.some(STANDINGS.items()):
        with world.aside():
            join(world)
            world.judge(
                f"offer it to {standing}",
                world.reference.may_offer_ownership(world.name, "acme", "other"),
                lambda user: ownership.offer(organization, world.other, by=user),
            )
            world.judge(
                f"name as successor {standing}",
                world.reference.may_name_successor(world.name, "acme", "other"),
                lambda user: ownership.name_successor(organization, world.other, by=user),
            )
    world.judge(
        "offer it to oneself",
        world.reference.may_offer_ownership(world.name, "acme", world.name),
        lambda user: ownership.offer(organization, world.actor, by=user),
    )
    for name, user in ((world.name, world.actor), (None, None)):
        world.judge(
            f"name as successor {name}",
            world.reference.may_name_successor(world.name, "acme", name),
            lambda by, user=user: ownership.name_successor(organization, user, by=by),
        )


def _offer(world, to, by, becomes):
    row = OwnershipOfferFactory(
        organization=world.nodes["acme"],
        user=world.users[to],
        offered_by=world.users[by],
        becomes=becomes,
    )
    world.reference.handovers[row.pk] = Handover("acme", to, by, becomes, row.expires_at)
    return row


def _judge_answers(world, title, row, names):
    for name, verb in product(names, ("accept", "decline", "withdraw")):
        world.judge(
            f"{name} would {verb} {title}",
            getattr(world.reference, f"may_{verb}_ownership")(name, row.pk),
            lambda user, verb=verb: getattr(ownership, verb)(row, by=user),
            by=name,
        )


@pytest.mark.parametrize("actor", ABOVE)
def test_decide_about_an_offer_to_oneself_as_the_reference(world):
    for owner, becomes in world.some(product(OWNERS, (Role.OWNER, Role.VIEWER))):
        with world.aside():
            OWNERS[owner](world)
            row = _offer(world, world.name, "third", becomes)
            title = f"what {owner} has offered to become {becomes}"
            _judge_answers(world, title, row, [world.name])


@pytest.mark.parametrize("actor", ABOVE)
def test_decide_about_ones_own_offer_as_the_reference(world):
    """Whatever has become meanwhile of who is asked."""
    for standing, join in world.some(STANDINGS.items()):
        with world.aside():
            join(world)
            row = _offer(world, "other", world.name, Role.MANAGER)
            title = f"what one has offered to {standing}"
            _judge_answers(world, title, row, ["other"])
    row = _offer(world, "other", world.name, Role.MANAGER)
    _judge_answers(world, "what one has offered", row, [world.name, "third"])
