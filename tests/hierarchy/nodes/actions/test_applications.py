import pytest

from hierarchy.models import Application, AuditEvent
from hierarchy.roles import Role
from tests.factories import MembershipFactory
from tests.support.acting import applications, nodes
from tests.support.refusals import refused

FIELDS = {"name": "Kiosk", "slug": "kiosk", "platform": "desktop", "environment": "staging"}


def test_create_hangs_on_the_workspace(tree, manager):
    application = applications.create(
        tree.shop, by=manager, **FIELDS, bundle_id="com.example.kiosk"
    )

    assert application.path == [tree.acme, tree.shop, application]
    assert (application.environment, application.bundle_id) == ("staging", "com.example.kiosk")
    event = AuditEvent.objects.get()
    assert (event.action, event.application_id) == ("application.create", application.pk)


def test_create_as_manager_of_the_workspace(tree):
    manager = MembershipFactory(node=tree.shop, role=Role.MANAGER).user

    assert applications.create(tree.shop, by=manager, **FIELDS).workspace == tree.shop
    with refused("not_allowed"):
        applications.create(tree.press, by=manager, **FIELDS)


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_create_is_not_allowed_without_the_permission(tree, actor, request):
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        applications.create(tree.shop, by=by, **FIELDS)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": "\u202eevil"}, "name", "invalid"),
        ({"slug": "a--b"}, "slug", "invalid"),
        ({"slug": "web", "environment": "production"}, "slug", "slug"),
        ({"name": "WEB", "environment": "production"}, "name", "duplicate"),
        ({"platform": "watch"}, "platform", "invalid"),
        ({"environment": "test"}, "environment", "invalid"),
        ({"website": "data:text/html,x"}, "website", "invalid"),
        ({"bundle_id": "x" * 156}, "bundle_id", "invalid"),
    ],
)
def test_create_refuses_what_is_invalid(tree, owner, changes, field, code):
    with refused(code, field):
        applications.create(tree.shop, by=owner, **FIELDS | changes)


def test_create_allows_the_same_name_in_another_environment(tree, owner):
    fields = {"name": "Web", "slug": "web", "platform": "web"}

    assert applications.create(tree.shop, by=owner, **fields, environment="staging").name == "Web"


def test_create_keeps_a_deleted_slug_but_not_its_name(tree, owner):
    nodes.delete(tree.production, by=owner)
    fields = {"name": "Web", "platform": "web", "environment": "production"}

    with refused("slug", "slug"):
        applications.create(tree.shop, by=owner, **fields, slug="web")
    assert applications.create(tree.shop, by=owner, **fields, slug="web-2").name == "Web"


def test_create_channel_in_every_environment(tree, owner, recorded):
    made = applications.create_channel(
        tree.shop,
        by=owner,
        environments=["development", "staging", "production"],
        name="Kiosk",
        slug="kiosk",
        platform="web",
    )

    assert [application.environment for application in made] == [
        "development",
        "staging",
        "production",
    ]
    assert recorded() == ["application.create"] * 3


def test_create_channel_makes_all_or_none(tree, owner):
    with refused("slug", "slug"):
        applications.create_channel(
            tree.shop,
            by=owner,
            environments=["staging", "production"],
            name="Other",
            slug="web",
            platform="web",
        )
    assert not Application.objects.filter(environment="staging").exists()


def test_change_in_production_takes_one_permission_more(tree):
    """Whoever may change an application may change it in production: the table says so today."""
    manager = MembershipFactory(node=tree.production, role=Role.MANAGER).user

    assert nodes.edit(tree.production, by=manager, name="Shop").name == "Shop"
