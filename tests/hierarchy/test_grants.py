import pytest
from django.contrib.auth.models import Permission as DjangoPermission

from hierarchy import access, grants
from hierarchy.models import ApplicationGrant, Membership, OrganizationGrant, Status
from hierarchy.roles import Level, Permission, Role
from tests.factories import ApplicationFactory, MembershipFactory
from tests.support.postgres import without_triggers


def test_resync_reports_and_repairs_what_no_membership_implies(tree, guest, outsider):
    wronged, other = (MembershipFactory(node=tree.acme) for _ in range(2))
    permission = OrganizationGrant.objects.get(user__email="first@example.com").permission
    with without_triggers():
        OrganizationGrant.objects.filter(membership=wronged).update(
            user=outsider, permission=permission
        )
        ApplicationGrant.objects.create(
            membership=other,
            user=outsider,
            content_object=tree.production,
            permission=DjangoPermission.objects.get(codename="view_application"),
        )
    access.GRANTS[Level.WORKSPACE].objects.filter(user=guest).delete()

    drifts = grants.resync(check=True)

    assert sorted((drift.kind, drift.user_id, drift.codename) for drift in drifts) == [
        ("missing", guest.pk, "maintainer_workspace"),
        ("missing", wronged.user_id, "viewer_organization"),
        ("stray", outsider.pk, "owner_organization"),
        ("stray", outsider.pk, "view_application"),
    ]
    assert grants.resync(check=True) == drifts
    grants.resync()
    assert grants.resync(check=True) == []


@pytest.mark.parametrize("order", [1, -1])
def test_a_suspension_silences_what_is_beneath_and_nothing_beside(tree, outsider, order):
    """Whichever of two neighbours is older."""
    suspended, other = [tree.shop, tree.press][::order]
    web, kiosk = (ApplicationFactory(workspace=place) for place in (suspended, other))
    MembershipFactory(user=outsider, node=suspended, status=Status.SUSPENDED)
    for node in (tree.acme, other, web, kiosk):
        MembershipFactory(user=outsider, node=node)

    grants.derive(outsider, tree.acme)

    held = {
        row.content_object
        for table in access.GRANTS.values()
        for row in table.objects.filter(user=outsider)
    }
    assert held == {tree.acme, other, kiosk}
    assert grants.resync(check=True) == []


def test_derive_changes_nothing_of_others(tree, guest, outsider):
    elsewhere = MembershipFactory(user=outsider)
    MembershipFactory(user=outsider, node=tree.acme)

    Membership.objects.at(tree.acme).filter(user=outsider).delete()
    grants.derive(outsider, tree.acme)

    (left,) = OrganizationGrant.objects.filter(user=outsider)
    assert left.content_object == elsewhere.organization
    assert grants.resync(check=True) == []


def test_derive_makes_the_person_forget_what_they_held(tree, outsider):
    membership = MembershipFactory(user=outsider, node=tree.acme, role=Role.OWNER)
    assert access.can(outsider, Permission.DELETE_ORGANIZATION, tree.acme)

    Membership.objects.filter(pk=membership.pk).update(role=Role.VIEWER)
    grants.derive(outsider, tree.acme)

    assert not access.can(outsider, Permission.DELETE_ORGANIZATION, tree.acme)
