import pytest

from hierarchy import access
from hierarchy.models import AuditEvent, Membership, WayIn
from hierarchy.roles import Permission, Role
from tests.factories import OrganizationFactory
from tests.support.acting import organizations
from tests.support.refusals import refused


def test_create_makes_the_creator_its_owner(outsider):
    organization = organizations.create(
        by=outsider, name=" Acme  Ltd ", slug="ACME", kind="personal"
    )

    assert (organization.name, organization.slug, organization.kind) == (
        "Acme Ltd",
        "acme",
        "personal",
    )
    membership = Membership.objects.get()
    assert (membership.user, membership.role, membership.node) == (
        outsider,
        Role.OWNER,
        organization,
    )
    assert access.can(outsider, Permission.DELETE_ORGANIZATION, organization)
    assert (membership.way_in, membership.invited_by) == (WayIn.FOUNDER, None)
    event = AuditEvent.objects.get()
    assert (event.action, event.number, event.actor_id) == ("organization.create", 1, outsider.pk)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "invalid"),
        ("name", "\u200b\u200b", "invalid"),
        ("slug", "admin", "invalid"),
        ("slug", "taken", "slug"),
        ("kind", "charity", "invalid"),
        ("email", "nobody", "invalid"),
        ("website", "example.com", "invalid"),
    ],
)
def test_create_refuses_what_is_invalid(outsider, field, value, code):
    OrganizationFactory(slug="taken")
    fields = {"name": "Acme", "slug": "acme", field: value}

    with refused(code, field):
        organizations.create(by=outsider, **fields)
