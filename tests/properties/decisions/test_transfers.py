"""Every decision about handing over: who offers what to whom, who takes it over, and with whom."""

from itertools import product

import pytest

from hierarchy.models import Status
from tests.factories import BlockedPersonFactory, TransferFactory
from tests.properties.decisions.world import EVERYBODY, TREE
from tests.properties.reference.transfers import Transfer
from tests.support.acting import transfers

OFFERS = [
    *product(["shop"], ["globex", "acme", "press"]),
    *product(["web"], ["press", "shop", "globex", "labs"]),
    *product(["labs", "site"], ["acme"]),
]


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_offering_it_as_the_reference(world):
    for name, place in OFFERS:
        world.judge(
            f"offer {name} to {place}",
            world.reference.may_offer_transfer(world.name, name, place),
            lambda user, name=name, place=place: transfers.offer(
                world.nodes[name], world.nodes[place], by=user
            ),
        )


def _offer(world, name, place, by):
    node = world.nodes[place]
    target = {"to_organization": node.organization}
    target |= {"to_workspace": node} if TREE[place][0] == "workspace" else {}
    row = TransferFactory(node=world.nodes[name], offered_by=world.users[by], **target)
    world.reference.transfers[row.pk] = Transfer(name, place, by, row.expires_at)
    return row


def _judge_accepting(world, title, row, place, keep, chosen=None):
    world.judge(
        title,
        world.reference.may_accept_transfer(world.name, row.pk, place, keep),
        lambda user: transfers.accept(
            row, by=user, keep=keep, workspace=chosen and world.nodes[chosen]
        ),
    )


def _block(world):
    row = BlockedPersonFactory(organization=world.nodes["acme"], user=world.other)
    world.reference.blocked[row.pk] = ("acme", "other")


def _compose(world, place):
    world.compose("foreign", {f"view_{TREE[place][0]}"}, organization="globex")
    return world.join("other", place, "foreign")


KEPT = {  # whose memberships come along, all or none of them
    "nobody": lambda _world, _place: None,
    "a viewer": lambda world, place: world.join("other", place, "viewer"),
    "an owner": lambda world, place: world.join("other", place, "owner"),
    "somebody suspended": lambda world, place: world.join(
        "other", place, "viewer", Status.SUSPENDED
    ),
    "somebody suspended above": lambda world, place: (
        world.join("other", "globex", "viewer", Status.SUSPENDED),
        world.join("other", place, "owner"),
    )[1],
    "somebody blocked": lambda world, place: (
        _block(world),
        world.join("other", place, "viewer"),
    )[1],
    "a role of the other organization": _compose,
}
WAYS = [  # what is offered, to what, where it goes, and with whom
    *product(["labs"], ["acme"], ["acme"], KEPT),
    *product(["site"], ["shop"], ["shop"], KEPT),
    *product(["site"], ["acme"], ["shop", "press"], ["nobody", "a viewer"]),
]


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_taking_it_over_as_the_reference(world):
    world.join("third", "globex", "owner")
    for name, target, place, kept in world.some(WAYS):
        with world.aside():
            member = KEPT[kept](world, name)
            keep = {member.pk} if member else set()
            row = _offer(world, name, target, "third")
            chosen = None if place == target else place
            title = f"take {name}, offered to {target}, to {place} with {kept}"
            _judge_accepting(world, title, row, place, keep, chosen)


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_taking_it_over_with_who_is_beneath_as_the_reference(world):
    world.join("third", "globex", "owner")
    member = world.join("other", "site", "manager")
    row = _offer(world, "labs", "acme", "third")

    _judge_accepting(world, "take labs with who is in site", row, "acme", {member.pk})


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_moving_it_within_as_the_reference(world):
    """In one organization composed roles come along, and blocking takes nothing away."""
    for offered_by, role in world.some(product(["third", world.name], ["viewer", "helper"])):
        with world.aside():
            world.join("third", "shop", "owner")
            member = world.join("other", "web", role)
            _block(world)
            row = _offer(world, "web", "press", offered_by)
            for keep in (set(), {member.pk}):
                title = f"take web, which {offered_by} has offered, with {len(keep)} {role}"
                _judge_accepting(world, title, row, "press", keep)


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_another_answer_as_the_reference(world):
    """Taking it back, declining it, and accepting what the offering person can't offer any more."""
    for name, target in world.some((("labs", "acme"), ("site", "shop"), ("shop", "globex"))):
        with world.aside():
            row = _offer(world, name, target, "third")
            for verb in ("withdraw", "decline"):
                world.judge(
                    f"{verb} {name}, offered to {target}",
                    getattr(world.reference, f"may_{verb}_transfer")(world.name, row.pk),
                    lambda user, verb=verb, row=row: getattr(transfers, verb)(row, by=user),
                )
            _judge_accepting(world, f"take {name} from a stranger", row, target, set())
    row = _offer(world, "labs", "acme", world.name)
    _judge_accepting(world, "take labs, which one has offered", row, "acme", set())
