"""The demo data: all of it, but for most of the members of the large group."""

from hierarchy import demo
from hierarchy.models import Membership, Organization, Workspace
from hierarchy.roles import Role


def test_load_the_demo_data_once(db, monkeypatch):
    places = 1 + len(demo.REGIONS) * len(demo.DIVISIONS)
    monkeypatch.setattr(demo, "MEMBERS_OF_THE_GROUP", places)

    assert demo.load()

    owners = Membership.objects.filter(role=Role.OWNER)
    assert {own.organization.slug: own.user.email for own in owners} == {
        "lantern-notes": "solo@example.com",
        "harbor": "owner@example.com",
        "meridian": "group@example.com",
    }
    group = Organization.objects.get(slug="meridian")
    assert Workspace.objects.filter(organization=group).count() == places - 1
    assert not demo.load()
    assert Organization.objects.count() == len(owners)
