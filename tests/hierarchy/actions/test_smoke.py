from hierarchy import access
from hierarchy.actions import applications, invitations, memberships, nodes, organizations, settings, workspaces
from hierarchy.models import AuditEvent, Membership
from hierarchy.roles import Permission, Role
from hierarchy.setting_definitions import Group
from hierarchy.effective_settings import effective_settings
from tests.factories import UserFactory


def test_everything(db):
    ann, bob = UserFactory(), UserFactory(email="bob@example.com")
    org = organizations.create(by=ann, name="Acme", slug="acme")
    ws = workspaces.create(org, by=ann, name="Shop", slug="shop", time_zone="Europe/Rome", default_locale="pt-BR")
    app, prod = applications.create_channel(ws, by=ann, environments=["development", "production"], name="Web", slug="web", platform="web")
    inv = invitations.send(ws, "BOB@example.com", Role.MAINTAINER, by=ann)
    m = invitations.accept(inv, by=bob)
    assert bob.has_perm("hierarchy.view_application", app)
    assert not bob.has_perm("hierarchy.view_organization", org)
    memberships.change_role(m, Role.MANAGER, by=ann)
    access.forget(bob)
    settings.change(app, Group.LOCALIZATION, {"time_zone": "Europe/Paris"}, by=bob)
    e = effective_settings(app)
    assert e["time_zone"].value == "Europe/Paris" and e["time_zone"].inherited == "Europe/Rome"
    assert e["locales"].value == ["pt-BR"]
    org = nodes.edit(org, by=ann, slug="acme-2", version=1)
    assert access.resync(check=True) == []
    memberships.remove(m, by=ann)
    assert access.resync(check=True) == []
    print(list(AuditEvent.objects.values_list("number", "action")))
    nodes.delete(org, by=ann)
    assert list(access.restorable_for(ann, org.level)) == [org]
    access.forget(ann)
    org = nodes.restore(org, by=ann)
