from django.contrib.auth.models import Permission as DjangoPermission

from hierarchy import access, grants
from hierarchy.models import ApplicationGrant, OrganizationGrant
from hierarchy.roles import Level


def test_resync_reports_and_repairs_what_no_membership_implies(tree, guest, outsider):
    permission = OrganizationGrant.objects.first().permission
    OrganizationGrant.objects.create(user=outsider, content_object=tree.acme, permission=permission)
    ApplicationGrant.objects.create(
        user=outsider,
        content_object=tree.production,
        permission=DjangoPermission.objects.get(codename="view_application"),
    )
    access.GRANTS[Level.WORKSPACE].objects.filter(user=guest).delete()

    drifts = grants.resync(check=True)

    assert sorted((drift.kind, drift.user_id, drift.codename) for drift in drifts) == [
        ("missing", guest.pk, "maintainer_workspace"),
        ("stray", outsider.pk, "owner_organization"),
        ("stray", outsider.pk, "view_application"),
    ]
    assert grants.resync(check=True) == drifts
    grants.resync()
    assert grants.resync(check=True) == []
