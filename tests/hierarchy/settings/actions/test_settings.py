import pytest
from django.db import IntegrityError, transaction

from hierarchy.effective_settings import ShownSettings, effective_settings
from hierarchy.models import AuditEvent, SettingValue
from hierarchy.refusals import Stale
from hierarchy.roles import Role
from hierarchy.setting_definitions import Group
from tests.factories import MembershipFactory, SettingValueFactory
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


# --- Locks ---------------------------------------------------------------------------------------


def _lock(node, by, value=30):
    settings.change(
        node, Group.PRIVACY, {"retention_days": value}, by=by, locks={"retention_days": True}
    )


def _retention(node):
    return effective_settings(node)["retention_days"]


def test_a_lock_decides_for_everything_beneath(tree, owner):
    settings.change(tree.production, Group.PRIVACY, {"retention_days": 90}, by=owner)

    _lock(tree.acme, owner)

    holds = _retention(tree.production)
    assert (holds.value, holds.source, holds.lock, holds.set_by) == (
        30,
        tree.acme,
        tree.acme,
        owner,
    )
    assert (holds.unlocked, holds.is_locked_above, holds.is_own) == (90, True, False)
    at_the_top = _retention(tree.acme)
    assert (at_the_top.is_own, at_the_top.lock, at_the_top.is_locked_above) == (
        True,
        tree.acme,
        False,
    )


def test_the_topmost_of_two_locks_decides(tree, owner):
    _lock(tree.shop, owner, value=60)

    _lock(tree.acme, owner, value=30)

    assert _retention(tree.shop).lock == tree.acme
    assert _retention(tree.production).value == 30
    settings.change(tree.acme, Group.PRIVACY, {"retention_days": None}, by=owner)
    assert (_retention(tree.production).value, _retention(tree.production).lock) == (60, tree.shop)


@pytest.mark.parametrize("name", ["shop", "production"])
def test_change_beneath_a_lock_is_refused_for_everyone(tree, owner, name):
    _lock(tree.acme, owner)

    with refused("locked", "retention_days"):
        values = {"retention_days": 60}
        settings.change(getattr(tree, name), Group.PRIVACY, values, by=owner)


def test_change_beneath_a_lock_can_still_inherit(tree, owner):
    settings.change(tree.shop, Group.PRIVACY, {"retention_days": 90}, by=owner)
    _lock(tree.acme, owner)

    settings.change(tree.shop, Group.PRIVACY, {"retention_days": None}, by=owner)

    assert not SettingValue.objects.at(tree.shop).exists()


def test_what_was_set_before_holds_again_when_the_lock_is_lifted(tree, owner):
    settings.change(tree.shop, Group.PRIVACY, {"retention_days": 90}, by=owner)
    _lock(tree.acme, owner)

    changes = settings.change(
        tree.acme, Group.PRIVACY, {}, by=owner, locks={"retention_days": False}
    )

    assert changes == {"retention_days_locked": [True, False]}
    assert _retention(tree.shop).value == 90


def test_lock_needs_a_value_to_lock(tree, owner):
    with refused("invalid", "retention_days_locked"):
        settings.change(tree.acme, Group.PRIVACY, {}, by=owner, locks={"retention_days": True})


def test_lock_is_told_in_the_event(tree, owner):
    _lock(tree.acme, owner)

    assert AuditEvent.objects.get().changes == {
        "retention_days": [None, 30],
        "retention_days_locked": [False, True],
    }


def test_lock_of_a_guarded_setting_needs_its_permission(tree, manager):
    with refused("not_allowed"):
        settings.change(
            tree.acme,
            Group.SECURITY,
            {"require_signed_token": True},
            by=manager,
            locks={"require_signed_token": True},
        )


@pytest.mark.parametrize("name", ["shop", "development"])
def test_the_database_refuses_what_is_set_beneath_a_lock(tree, owner, name):
    """By whichever door: an import, the plain ORM."""
    node = getattr(tree, name)
    settings.change(tree.production, Group.PRIVACY, {"consent": "opt_out"}, by=owner)
    settings.change(
        tree.acme, Group.PRIVACY, {"consent": "opt_in"}, by=owner, locks={"consent": True}
    )

    with pytest.raises(IntegrityError, match="locked above"), transaction.atomic():
        SettingValueFactory(node=node, key="consent", value="not_asked")
    with pytest.raises(IntegrityError, match="locked above"), transaction.atomic():
        SettingValue.objects.at(tree.production).update(value="not_asked")
    assert SettingValueFactory(node=tree.press, key="retention_days", value=1)


def test_an_application_locks_nothing(tree):
    with pytest.raises(IntegrityError, match="locked_above"), transaction.atomic():
        SettingValueFactory(node=tree.production, key="consent", value="opt_in", locked=True)


@pytest.mark.parametrize("name", ["shop", "production"])
def test_no_default_locale_joins_locales_that_are_locked(tree, owner, name):
    node = getattr(tree, name)
    settings.change(
        tree.acme,
        Group.LOCALIZATION,
        {"locales": ["en", "fr"]},
        by=owner,
        locks={"locales": True},
    )

    settings.change(node, Group.LOCALIZATION, {"default_locale": "fr"}, by=owner)
    with refused("locked", "default_locale"):
        settings.change(node, Group.LOCALIZATION, {"default_locale": "it-IT"}, by=owner)

    assert effective_settings(node)["default_locale"].value == "fr"


def test_a_default_locale_from_before_the_lock_decides_nothing(tree, owner):
    SettingValueFactory(node=tree.shop, key="default_locale", value="it-IT")

    SettingValueFactory(node=tree.acme, key="locales", value=["en"], locked=True)

    effective = effective_settings(tree.production)
    assert (effective["default_locale"].value, effective["locales"].value) == ("en", ["en"])
