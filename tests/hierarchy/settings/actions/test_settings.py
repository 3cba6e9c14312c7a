import pytest

from hierarchy.effective_settings import ShownSettings, effective_settings
from hierarchy.models import AuditEvent, SettingValue
from hierarchy.refusals import Stale
from hierarchy.roles import Role
from hierarchy.setting_definitions import Group
from tests.factories import MembershipFactory
from tests.support.acting import settings
from tests.support.refusals import refused

EVERY_NODE = pytest.mark.parametrize("name", ["acme", "shop", "production"])


@EVERY_NODE
def test_change_stores_what_differs(tree, manager, name):
    node = getattr(tree, name)

    changes = settings.change(
        node, Group.PRIVACY, {"retention_days": 30, "ip_address": None}, by=manager
    )

    assert changes == {"retention_days": [None, 30]}
    assert effective_settings(tree.production)["retention_days"].value == 30
    event = AuditEvent.objects.get()
    assert (event.action, event.changes, event.target_label) == (
        "settings.change",
        changes,
        "privacy",
    )


def test_change_to_none_inherits_again(tree, owner):
    settings.change(tree.acme, Group.PRIVACY, {"retention_days": 30}, by=owner)
    settings.change(tree.shop, Group.PRIVACY, {"retention_days": 60}, by=owner)

    changes = settings.change(tree.shop, Group.PRIVACY, {"retention_days": None}, by=owner)

    assert changes == {"retention_days": [60, None]}
    assert effective_settings(tree.shop)["retention_days"].value == 30


def test_change_of_nothing_is_no_event(tree, owner, recorded):
    settings.change(tree.shop, Group.PRIVACY, {"retention_days": 60}, by=owner)

    assert settings.change(tree.shop, Group.PRIVACY, {"retention_days": 60}, by=owner) == {}
    assert recorded() == ["settings.change"]


def test_change_of_a_stale_form_saves_nothing(tree, owner):
    version = str(ShownSettings(tree.shop, Group.PRIVACY))
    settings.change(tree.shop, Group.PRIVACY, {"retention_days": 60}, by=owner, version=version)

    with pytest.raises(Stale) as stale:
        settings.change(tree.shop, Group.PRIVACY, {"retention_days": 9}, by=owner, version=version)

    assert [row[1:] for row in stale.value.versions.values()] == [("Inherited", "60 days")]
    assert SettingValue.objects.get().value == 60


@pytest.mark.parametrize("actor", ["maintainer", "viewer", "guest", "outsider"])
def test_change_is_not_allowed_without_the_permission(tree, actor, request):
    by = request.getfixturevalue(actor)

    with refused("not_allowed"):
        settings.change(tree.production, Group.PRIVACY, {"retention_days": 60}, by=by)


def test_change_of_the_token_requirement_is_for_owners(tree, owner, manager):
    with refused("not_allowed"):
        settings.change(tree.shop, Group.SECURITY, {"require_signed_token": False}, by=manager)
    owner_of_shop = MembershipFactory(node=tree.shop, role=Role.OWNER).user

    settings.change(tree.shop, Group.SECURITY, {"require_signed_token": False}, by=owner_of_shop)

    assert effective_settings(tree.production)["require_signed_token"].value is False


def test_change_with_the_token_requirement_as_it_is_needs_no_owner(tree, owner, manager):
    settings.change(tree.shop, Group.SECURITY, {"require_signed_token": False}, by=owner)

    values = {"require_signed_token": False, "session_timeout": 5}
    assert settings.change(tree.shop, Group.SECURITY, values, by=manager) == {
        "session_timeout": [None, 5]
    }


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        (Group.SECURITY, "max_token_age", 59),
        (Group.SECURITY, "max_token_age", 2_592_001),
        (Group.SECURITY, "max_token_age", "60"),
        (Group.SECURITY, "max_token_age", True),
        (Group.SECURITY, "require_signed_token", "yes"),
        (Group.SECURITY, "allowed_key_networks", ["10.0.0.0/33"]),
        (Group.SECURITY, "allowed_key_networks", "10.0.0.0/8"),
        (Group.SECURITY, "session_time_zone", "Mars/Base"),
        (Group.PRIVACY, "ip_address", ["keep"]),
        (Group.PRIVACY, "consent", {}),
        (Group.LOCALIZATION, "default_locale", "en_US@evil"),
        (Group.LOCALIZATION, "locales", ["en", "xx"]),
        (Group.LOCALIZATION, "locales", [["en"]]),
        (Group.LOCALIZATION, "weekend", ["saturday", 6]),
        (Group.LOCALIZATION, "time_zone", "../../etc/passwd"),
    ],
)
def test_change_refuses_what_is_invalid(tree, owner, group, key, value):
    with refused("invalid", key):
        settings.change(tree.shop, group, {key: value}, by=owner)


def test_change_refuses_a_setting_of_another_group(tree, owner):
    with pytest.raises(ValueError, match="time_zone"):
        settings.change(tree.shop, Group.PRIVACY, {"time_zone": "UTC"}, by=owner)
