"""Every decision about an invitation: making the offer, changing it, and taking it up."""

from itertools import product

import pytest
from django.utils import timezone

from hierarchy.models import State, Status
from tests.factories import InvitationFactory
from tests.properties.decisions.world import ACTORS, DAY, EVERYBODY, PLACES, ROLES
from tests.properties.reference import Offer
from tests.support.acting import invitations


def _offer(world, place, role, inviter, state=State.PENDING, days=7):
    """Let an address of the other person be invited."""
    now = timezone.now()
    row = InvitationFactory(
        node=world.nodes[place],
        email=world.other.email,
        invited_by=world.users[inviter],
        state=state,
        expires_at=now + days * DAY,
        decided_at=None if state == State.PENDING else now,
        **world.columns(role),
    )
    offer = Offer(place, "other", world.known(role), inviter, row.expires_at, state.value)
    world.reference.offers[row.pk] = offer
    return row


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_inviting_as_the_reference(world):
    for place, role in product([*PLACES, "labs"], ROLES):
        world.judge(
            f"invite as {role} to {place}",
            world.reference.may_send(world.name, place, "other", role),
            lambda user, place=place, role=role: invitations.send(
                world.nodes[place], world.other.email, world.real(role), by=user
            ),
        )


def _judge_answers(world, title, row, names=("other",)):
    for name in names:
        world.judge(
            f"{name} accepts {title}",
            world.reference.may_accept(name, row.pk),
            lambda user: invitations.accept(row, by=user),
            by=name,
        )


def _judge_all_answers(world, title, row):
    _judge_answers(world, title, row, ["other", "third"])
    world.judge(
        f"decline {title}",
        world.reference.is_acceptable("other", row.pk),
        lambda user: invitations.decline(row, by=user),
        by="other",
    )


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_taking_it_up_as_the_reference(world):
    """Whether what the actor has offered still holds at that moment."""
    for place, role in world.some(product(PLACES, ROLES)):
        with world.aside():
            row = _offer(world, place, role, world.name)
            _judge_answers(world, f"{role} of {place}", row)


STANDINGS = {  # of the invited person, or of the invitation
    "a member": lambda world, place: world.join("other", place, "viewer"),
    "suspended above": lambda world, _place: world.join(
        "other", "acme", "viewer", Status.SUSPENDED
    ),
    "a closed account": lambda world, _place: world.close_account("other"),
    "an inviter who is closed": lambda world, _place: world.close_account(world.name),
}


@pytest.mark.parametrize("actor", ["staff", "clerk", "owner of acme", "manager of shop"])
def test_decide_about_taking_it_up_by_standing_as_the_reference(world):
    for place, standing in world.some(product(PLACES, STANDINGS)):
        with world.aside():
            row = _offer(world, place, "viewer", world.name)
            STANDINGS[standing](world, place)
            _judge_all_answers(world, f"viewer of {place}, for {standing}", row)
    for state, days in world.some(product(State, (7, -1))):
        with world.aside():
            row = _offer(world, "shop", "viewer", world.name, state, days)
            _judge_all_answers(world, f"what is {state}, {days} days left", row)


def _judge_changes(world, title, row, roles):
    reference = world.reference
    by = world.name
    pk = row.pk
    for role in roles:
        world.judge(
            f"offer {role} instead of {title}",
            reference.may_offer_as(by, pk, role),
            lambda user, role=role: invitations.change_role(row, world.real(role), by=user),
        )
    for verb, expected in (
        ("extend", reference.may_extend(by, pk)),
        ("resend", reference.may_renew(by, pk)),
        ("copy_link", reference.may_renew(by, pk)),
        ("revoke", reference.may_change_offer(by, pk)),
    ):
        world.judge(
            f"{verb} {title}",
            expected,
            lambda user, verb=verb: getattr(invitations, verb)(row, by=user),
        )


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_an_open_invitation_as_the_reference(world):
    """Whoever changes it answers for it, so it takes what making the offer takes."""
    for place, role in world.some(product(PLACES, ["owner", "viewer", "helper"])):
        with world.aside():
            row = _offer(world, place, role, "third")
            _judge_changes(world, f"{role} of {place}", row, ["owner", "maintainer", "helper"])


@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_an_invitation_that_is_over_as_the_reference(world):
    for state in world.some((State.PENDING, State.EXPIRED, State.DECLINED)):
        with world.aside():
            row = _offer(world, "shop", "viewer", "third", state, days=-1)
            _judge_changes(world, f"what is {state}", row, ["maintainer"])
