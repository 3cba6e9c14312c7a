"""Every decision about a role of the organization's own: who composes it of what, held by whom."""

from functools import partial
from itertools import product

import pytest

from hierarchy.models import CustomRole, JoinMode, Status
from hierarchy.roles import Permission
from tests.factories import EmailDomainFactory, InvitationFactory
from tests.hierarchy.test_roles import TABLE, granted
from tests.properties.decisions.world import ABOVE, COMPOSER, REGENT
from tests.properties.reference import Offer
from tests.properties.reference.domains import Domain
from tests.support.acting import custom_roles

COMPOSITIONS = {
    "light": {"view_organization", "view_workspace", "view_application"},
    "medium": {"view_organization", "view_workspace", "view_application", "change_application"},
    "heavy": {"view_organization", "view_workspace", "view_application", "delete_workspace"},
    "of the organization": {"view_organization"},
}


def _named(permissions):
    return [Permission(name) for name in permissions]


@pytest.mark.parametrize("actor", ABOVE)
def test_decide_about_composing_as_the_reference(world):
    one_by_one = {name: {name} for name in TABLE}
    of_roles = {role: granted(role, "organization") for role in ("viewer", "manager", "owner")}
    for title, permissions in (one_by_one | of_roles).items():
        world.judge(
            f"compose {title}",
            world.reference.may_compose(world.name, "acme", permissions),
            lambda user, permissions=permissions: custom_roles.create(
                world.nodes["acme"], name="New", permissions=_named(permissions), by=user
            ),
        )


def _offer(world, place):
    row = InvitationFactory(node=world.nodes[place], **world.columns("own"))
    world.reference.offers[row.pk] = Offer(place, "other", "own", "third", row.expires_at)


def _give_by_domain(world):
    columns = {"mode": JoinMode.AUTOMATIC, **world.columns("own")}
    row = EmailDomainFactory(node=world.nodes["acme"], **columns)
    world.reference.listed[row.pk] = Domain("acme", row.domain, "own", "automatic", True)


HELD = {
    "by nobody": lambda _world: None,
    "on the organization": lambda world: world.join("other", "acme", "own"),
    "on a workspace": lambda world: world.join("other", "shop", "own"),
    "on an application": lambda world: world.join("other", "web", "own"),
    "by somebody suspended": lambda world: world.join("other", "shop", "own", Status.SUSPENDED),
    "by oneself": lambda world: world.join(world.name, "press", "own"),
    "by whom it is offered to": lambda world: _offer(world, "shop"),
    "by an e-mail domain": _give_by_domain,
}


@pytest.mark.parametrize("actor", ABOVE)
def test_decide_about_a_role_as_the_reference(world):
    """Editing and deleting: by what it was, by what it becomes, and by who has it."""
    for before, held in world.some(product(["light", "heavy"], HELD)):
        with world.aside():
            role = world.compose("own", COMPOSITIONS[before])
            HELD[held](world)
            for after, permissions in list(COMPOSITIONS.items())[1:]:
                _judge_editing(
                    world, f"what is {before} and held {held} {after}", role, permissions
                )
            for replacement in (None, "owner", "viewer"):
                world.judge(
                    f"replace by {replacement} what is {before} and held {held}",
                    world.reference.may_delete_role(world.name, "own", replacement),
                    partial(_delete, role, replacement=replacement and world.real(replacement)),
                )


def _delete(role, by, replacement):
    custom_roles.delete(role, replacement=replacement, by=by)


def _judge_editing(world, title, role, permissions, name="own"):
    world.judge(
        f"make {title}",
        world.reference.may_edit_role(world.name, name, permissions),
        lambda user: custom_roles.edit(role, name="Own", permissions=_named(permissions), by=user),
    )


@pytest.mark.parametrize("actor", [f"{COMPOSER} of acme"])
def test_decide_about_a_role_by_what_is_held_where_it_is_held(world):
    """Who composes roles, and may change members of one workspace alone."""
    world.join(world.name, "shop", "owner")
    for place in world.some(("acme", "shop", "press", "web")):
        with world.aside():
            role = world.compose("own", COMPOSITIONS["light"])
            world.reference.roles[COMPOSER].permissions -= {"change_workspace_member"}
            CustomRole.objects.filter(pk=world.custom[COMPOSER].pk).update(
                permissions=sorted(world.reference.roles[COMPOSER].permissions)
            )
            world.join("other", place, "own")
            _judge_editing(world, f"more of what is held on {place}", role, COMPOSITIONS["medium"])


@pytest.mark.parametrize("actor", [f"{COMPOSER} of acme", f"{REGENT} of acme"])
def test_decide_about_the_role_that_one_has_as_the_reference(world, actor):
    """Nobody edits it, whatever is put into it."""
    name = actor.split(" of ")[0]
    for permissions in (COMPOSITIONS["light"], world.reference.roles[name].permissions):
        title = f"{sorted(permissions)} of one's own role"
        _judge_editing(world, title, world.custom[name], permissions, name)
