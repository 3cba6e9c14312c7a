"""Every decision about whose people come in by their address: only owners make it."""

from itertools import product

import pytest

from hierarchy.models import EmailDomain, JoinMode
from hierarchy.roles import Role
from tests.factories import EmailDomainFactory
from tests.properties.decisions.world import ABOVE, GREETER, REGENT, ROLES
from tests.properties.reference.domains import Domain
from tests.support.acting import email_domains


@pytest.mark.parametrize("actor", ABOVE)
def test_decide_about_a_domain_as_the_reference(world):
    organization = world.nodes["acme"]
    row = EmailDomainFactory(node=organization, mode=JoinMode.OFF)
    world.compose("blind", {"view_workspace"})
    world.reference.listed[row.pk] = Domain("acme", row.domain, is_verified=True)
    may_decide = world.reference.is_as_owner(world.name, "acme")

    world.judge(
        "add a domain",
        may_decide,
        lambda user: email_domains.add(organization, "acme.example", by=user),
    )
    world.judge("remove a domain", may_decide, lambda user: email_domains.remove(row, by=user))
    for role, mode in product(
        [*ROLES, GREETER, REGENT, "blind"], [JoinMode.OFF, JoinMode.AUTOMATIC]
    ):
        world.judge(
            f"let people in as {role}: {mode}",
            world.reference.may_edit_domain(world.name, row.pk, role),
            lambda user, role=role, mode=mode: email_domains.edit(
                row, mode=mode, role=world.real(role), by=user
            ),
        )


@pytest.mark.parametrize("actor", ["owner of acme"])
def test_a_new_domain_lets_nobody_in_and_nobody_be_more_than_a_viewer(world):
    world.judge(
        "add a domain",
        True,
        lambda user: email_domains.add(world.nodes["acme"], "acme.example", by=user),
    )
    row = email_domains.add(world.nodes["acme"], "acme.example", by=world.actor)

    row = EmailDomain.objects.get(pk=row.pk)
    assert (row.mode, row.given_role, row.verified_at) == (JoinMode.OFF, Role.VIEWER, None)
