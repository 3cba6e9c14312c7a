import pytest

from hierarchy import visible
from hierarchy.effective_settings import effective_settings
from hierarchy.models import AuditEvent
from hierarchy.setting_definitions import Group
from tests.support.acting import settings, workspaces
from tests.support.refusals import refused


def test_create_keeps_time_zone_and_locale_as_settings(tree, manager):
    workspace = workspaces.create(
        tree.acme,
        by=manager,
        name="Store",
        slug="store",
        time_zone="Europe/Rome",
        default_locale="pt-BR",
    )

    settings = effective_settings(workspace)
    assert (settings["time_zone"].value, settings["time_zone"].set_by) == ("Europe/Rome", manager)
    assert settings["default_locale"].value == "pt-BR"
    assert workspace in visible.workspaces_for(manager)
    event = AuditEvent.objects.get()
    assert (event.action, event.node_label) == ("workspace.create", "Acme / Store")


def test_create_inherits_what_is_left_empty(tree, owner):
    workspace = workspaces.create(tree.acme, by=owner, name="Store", slug="store")

    assert not effective_settings(workspace)["time_zone"].is_own


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_create_is_not_allowed_without_the_permission(tree, actor, request):
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        workspaces.create(tree.acme, by=by, name="Store", slug="store")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "x", "invalid"),
        ("slug", "new", "invalid"),
        ("slug", "shop", "slug"),
        ("website", "x", "invalid"),
        ("time_zone", "Mars/Base", "invalid"),
        ("default_locale", "xx-YY", "invalid"),
    ],
)
def test_create_refuses_what_is_invalid(tree, owner, field, value, code):
    fields = {"name": "Store", "slug": "store", field: value}

    with refused(code, field):
        workspaces.create(tree.acme, by=owner, **fields)


def test_create_inherits_what_the_organization_has_locked(tree, owner):
    settings.change(
        tree.acme,
        Group.LOCALIZATION,
        {"time_zone": "Europe/Rome"},
        by=owner,
        locks={"time_zone": True},
    )

    created = workspaces.create(tree.acme, by=owner, name="Labs", slug="labs")

    assert effective_settings(created)["time_zone"].value == "Europe/Rome"
    with refused("locked", "time_zone"):
        workspaces.create(tree.acme, by=owner, name="More", slug="more", time_zone="Asia/Tokyo")
