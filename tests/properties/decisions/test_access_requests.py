"""Every decision about what somebody asks for: who answers whom, and with which role."""

from itertools import product

import pytest

from hierarchy.models import Status
from tests.factories import AccessRequestFactory
from tests.properties.decisions.world import DAY, EVERYBODY
from tests.properties.reference.joining import Asking
from tests.support.acting import access_requests

STANDINGS = {  # of whoever asks
    "a stranger": lambda _world, _place: None,
    "a viewer": lambda world, place: world.join("other", place, "viewer"),
    "an owner": lambda world, place: world.join("other", place, "owner"),
    "suspended": lambda world, place: world.join("other", place, "viewer", Status.SUSPENDED),
    "suspended above": lambda world, _place: world.join(
        "other", "acme", "viewer", Status.SUSPENDED
    ),
    "one whose time is over": lambda world, place: world.join(
        "other", place, "viewer", ends_in=-DAY
    ),
    "a closed account": lambda world, _place: world.close_account("other"),
}
ASKED = [  # (where, what, by whom): each with every answer
    *product(["acme"], [None], ["a stranger", "a closed account"]),
    *product(["acme"], ["change_organization"], ["a viewer", "an owner", "one whose time is over"]),
    *product(
        ["shop"], ["change_workspace"], ["a stranger", "a viewer", "suspended", "suspended above"]
    ),
    *product(["web"], ["delete_application"], ["a stranger", "an owner", "suspended above"]),
    *product(["web"], ["view_application_settings"], ["a stranger", "a viewer"]),
]


def _ask(world, place, permission, name):
    row = AccessRequestFactory(
        node=world.nodes[place], user=world.users[name], permission=permission or ""
    )
    world.reference.requests[row.pk] = Asking(place, name, permission, row.created_at)
    return row


def _judge_answers(world, title, row):
    for role in ("owner", "viewer", "helper"):
        world.judge(
            f"approve as {role} {title}",
            world.reference.may_approve(world.name, row.pk, role),
            lambda user, role=role: access_requests.approve(row, world.real(role), by=user),
        )
    world.judge(
        f"decline {title}",
        world.reference.may_answer(world.name, row.pk),
        lambda user: access_requests.decline(row, by=user),
    )


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_a_request_as_the_reference(world):
    for place, permission, standing in world.some(ASKED):
        with world.aside():
            STANDINGS[standing](world, place)
            row = _ask(world, place, permission, "other")
            _judge_answers(world, f"{permission} on {place} for {standing}", row)


@pytest.mark.parametrize("actor", EVERYBODY)
def test_decide_about_what_one_asks_for_oneself_as_the_reference(world):
    for place in world.some(("acme", "shop", "web")):
        with world.aside():
            row = _ask(world, place, f"view_{world.nodes[place].level}", world.name)
            _judge_answers(world, f"what one asks for on {place}", row)
            world.judge(
                f"withdraw what one asks for on {place}",
                world.reference.may_withdraw_request(world.name, row.pk),
                lambda user, row=row: access_requests.withdraw(row, by=user),
            )
