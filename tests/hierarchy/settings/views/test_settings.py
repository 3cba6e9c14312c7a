"""The settings of a node in three groups."""

from html import unescape

import pytest

from hierarchy.console.navigation import node_url
from hierarchy.effective_settings import ShownSettings, effective_settings, own_values
from hierarchy.models import SettingValue
from hierarchy.roles import Role
from hierarchy.setting_definitions import Group, settings_of
from tests.factories import CustomRoleFactory, MembershipFactory, SettingValueFactory
from tests.support.acting import nodes, settings
from tests.support.refusals import snapshot

GROUPS = [group.value for group in Group]


def _url(node, group="localization"):
    return node_url(node, "settings", group=group)


def _posted(response, **changes):
    """Return what a browser would send of the page's form, with `changes`."""
    form = response.context["form"]
    data = {field.html_name: field.value() for field in form if field.value() is not None}
    return data | changes


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", ["acme", "shop", "production"])
def test_show_every_setting_of_a_group(sign_in, owner, tree, name, group):
    response = sign_in(owner).get(_url(getattr(tree, name), group))

    shown = [row.effective.setting for row in response.context["form"].rows()]
    assert response.status_code == 200
    assert shown == settings_of(group)


def test_tell_where_a_value_comes_from(sign_in, owner, tree):
    SettingValueFactory(node=tree.acme, key="time_zone", value="Europe/Rome", updated_by=owner)
    SettingValueFactory(node=tree.shop, key="hour_cycle", value="24", updated_by=owner)

    content = sign_in(owner).get(_url(tree.shop)).content.decode()

    assert "Inherited from Acme" in content
    assert "Inherit: UTC" not in content
    assert "Set here</span> <small" in content
    assert "by Owner" in content


def test_change_sets_a_value_and_says_so(sign_in, manager, tree):
    client = sign_in(manager)
    page = client.get(_url(tree.development))

    response = client.post(
        _url(tree.development),
        _posted(page, time_zone_source="own", time_zone="Europe/Rome"),
        follow=True,
    )

    assert effective_settings(tree.development)["time_zone"].value == "Europe/Rome"
    assert "Time zone changed to Europe/Rome" in response.content.decode()
    assert SettingValue.objects.count() == 1


def test_change_lets_a_value_be_inherited_again(sign_in, manager, tree):
    SettingValueFactory(node=tree.acme, key="time_zone", value="Asia/Tokyo")
    SettingValueFactory(node=tree.shop, key="time_zone", value="Europe/Rome")
    client = sign_in(manager)
    page = client.get(_url(tree.shop))

    response = client.post(_url(tree.shop), _posted(page, time_zone_source="inherit"), follow=True)

    assert effective_settings(tree.shop)["time_zone"].value == "Asia/Tokyo"
    assert "Time zone is inherited again: Asia/Tokyo" in response.content.decode()


def _values(node, group):
    return {key: own.value for key, own in own_values(node, group).items()}


def test_change_takes_every_kind_of_value(sign_in, owner, tree):
    client = sign_in(owner)
    given = {
        "security": {
            "require_signed_token": "false",
            "max_token_age": "600",
            "allowed_key_networks": "10.0.0.0/8\r\n\r\n192.168.1.7",
        },
        "localization": {"locales": "PT-br\nen", "weekend": ["friday", "saturday"]},
    }
    for group, values in given.items():
        sources = {f"{key}_source": "own" for key in values}
        page = client.get(_url(tree.development, group))
        client.post(_url(tree.development, group), _posted(page, **values, **sources))

    assert _values(tree.development, Group.SECURITY) == {
        "require_signed_token": False,
        "max_token_age": 600,
        "allowed_key_networks": ["10.0.0.0/8", "192.168.1.7/32"],
    }
    assert _values(tree.development, Group.LOCALIZATION) == {
        "locales": ["pt-BR", "en"],
        "weekend": ["friday", "saturday"],
    }


@pytest.mark.parametrize(
    ("group", "fields", "field"),
    [
        ("security", {"max_token_age_source": "own", "max_token_age": "5"}, "max_token_age"),
        ("security", {"max_token_age_source": "own", "max_token_age": ""}, "max_token_age"),
        ("security", {"max_token_age": "600"}, "max_token_age"),
        ("security", {"max_token_age_source": "maybe"}, "max_token_age_source"),
        (
            "security",
            {"allowed_key_networks_source": "own", "allowed_key_networks": "home"},
            "allowed_key_networks",
        ),
        ("localization", {"time_zone_source": "own", "time_zone": "Mars"}, "time_zone"),
        ("localization", {"locales_source": "own", "locales": "en\nklingon"}, "locales"),
        ("localization", {"weekend_source": "own", "weekend": ["someday"]}, "weekend"),
    ],
)
def test_change_keeps_bad_input_and_changes_nothing(sign_in, owner, tree, group, fields, field):
    client = sign_in(owner)
    page = client.get(_url(tree.development, group))
    before = snapshot()

    response = client.post(_url(tree.development, group), _posted(page, **fields))

    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (200, [field])
    assert form[field].value() == list(fields.values())[-1]
    assert form.errors[field][0] in unescape(response.content.decode())
    assert snapshot() == before


def test_change_leaves_the_token_requirement_to_owners(sign_in, manager, tree):
    client = sign_in(manager)
    page = client.get(_url(tree.development, "security"))

    client.post(
        _url(tree.development, "security"),
        _posted(page, require_signed_token_source="own", require_signed_token="false"),
    )

    assert "Your role doesn't let you change this." in page.content.decode()
    assert not SettingValue.objects.exists()


def test_show_a_maintainer_the_values_without_a_form(sign_in, maintainer, tree):
    client = sign_in(maintainer)

    page = client.get(_url(tree.development))
    refused = client.post(_url(tree.development))

    assert page.status_code == 200
    assert "Save settings" not in page.content.decode()
    assert refused.status_code == 403
    assert "change_application" in refused.content.decode()


def test_name_the_permission_that_is_missing(sign_in, viewer, tree):
    response = sign_in(viewer).get(_url(tree.development))

    assert response.status_code == 403
    assert "view_application_settings" in response.content.decode()


@pytest.mark.parametrize("group", [*GROUPS, "weather"])
def test_hide_what_one_cannot_see_and_what_does_not_exist(sign_in, guest, tree, group):
    assert sign_in(guest).get(_url(tree.press, group)).status_code == 404
    assert sign_in(guest).get(_url(tree.shop, "weather")).status_code == 404


def test_change_shows_both_versions_and_lets_one_choose(sign_in, manager, owner, tree):
    client = sign_in(manager)
    page = client.get(_url(tree.development))
    settings.change(tree.development, Group.LOCALIZATION, {"time_zone": "Asia/Tokyo"}, by=owner)
    mine = _posted(page, time_zone_source="own", time_zone="Europe/Rome")

    refused = client.post(_url(tree.development), mine)

    ((label, own, stored),) = list(refused.context["form"].versions.values())
    assert refused.status_code == 409
    assert str(label) == "Time zone"
    assert own.startswith("Europe/Rome")
    assert stored.startswith("Asia/Tokyo")
    assert effective_settings(tree.development)["time_zone"].value == "Asia/Tokyo"

    version = str(ShownSettings(tree.development, Group.LOCALIZATION))
    assert refused.context["form"].data["version"] == version
    client.post(_url(tree.development), mine | {"version": version})

    assert effective_settings(tree.development)["time_zone"].value == "Europe/Rome"


def test_change_refuses_where_it_is_suspended(sign_in, owner, tree):
    client = sign_in(owner)
    page = client.get(_url(tree.development))
    nodes.suspend(tree.shop, by=owner)

    response = client.post(
        _url(tree.development), _posted(page, time_zone_source="own", time_zone="Europe/Rome")
    )

    assert not SettingValue.objects.exists()
    assert "Nothing can be changed until it is resumed" in response.content.decode()
    assert response.context["form"]["time_zone"].value() == "Europe/Rome"
    assert "Save settings" not in client.get(_url(tree.development)).content.decode()


def test_cost_the_same_with_and_without_values(sign_in, owner, tree, django_assert_max_num_queries):
    client = sign_in(owner)
    client.get(_url(tree.development))
    with django_assert_max_num_queries(30) as few:
        client.get(_url(tree.development))
    for node in (tree.acme, tree.shop, tree.development):
        SettingValueFactory(node=node, key="time_zone", value="Europe/Rome", updated_by=owner)
        SettingValueFactory(node=node, key="hour_cycle", value="24", updated_by=owner)

    with django_assert_max_num_queries(len(few)):
        client.get(_url(tree.development))


# --- Why one can read and not change -------------------------------------------------------------


def _with(tree, *permissions):
    names = ["view_application", "view_application_settings", *permissions]
    role = CustomRoleFactory(organization=tree.acme, permissions=names)
    return MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user


PAGES = [("edit", {}), ("settings", {"group": "privacy"}), ("trusted-origin-index", {})]


@pytest.mark.parametrize(("name", "more"), PAGES)
def test_say_what_changing_production_takes_besides(sign_in, owner, tree, name, more):
    client = sign_in(_with(tree, "change_application", "manage_trusted_origins"))

    production = client.get(node_url(tree.production, name, **more)).content.decode()
    development = client.get(node_url(tree.development, name, **more)).content.decode()

    assert "Web is in production. Changing anything in production takes" in production
    assert f"<li>{owner}</li>" in production
    assert owner.email not in production
    assert f'action="{node_url(tree.production, "access-request-ask")}"' in production
    assert 'name="permission" value="change_production_application"' in production
    assert "reach your users right away" not in production
    assert "You can view this, but not change it" not in development


@pytest.mark.parametrize(("name", "more"), PAGES)
def test_say_which_permission_is_missing_where_one_can_only_read(sign_in, tree, name, more):
    content = sign_in(_with(tree)).get(node_url(tree.development, name, **more)).content.decode()

    what = "manage_trusted_origins" if name == "trusted-origin-index" else "change_application"
    assert "You can view this, but not change it" in content
    assert f'name="permission" value="{what}"' in content
    assert "Trust an origin" not in content


def test_banner_of_production_speaks_to_who_may_change_it(sign_in, owner, tree):
    content = sign_in(owner).get(node_url(tree.production)).content.decode()

    assert "Changes here reach your users right away." in content


def test_change_locks_and_unlocks_what_is_set_here(sign_in, owner, tree):
    client = sign_in(owner)
    values = {"consent": "opt_in", "consent_source": "own", "consent_locked": "on"}

    page = client.get(_url(tree.acme, "privacy"))
    locked = client.post(_url(tree.acme, "privacy"), _posted(page, **values), follow=True)

    assert [str(message) for message in locked.context["messages"]] == [
        "Consent changed to Only after opting in. Consent is now locked for everything below."
    ]
    assert own_values(tree.acme, Group.PRIVACY)["consent"].locked
    beneath = client.get(_url(tree.production, "privacy")).text
    assert "Locked by Acme" in beneath
    assert "Acme has locked this setting. Only there can it be changed or unlocked." in beneath

    page = client.get(_url(tree.acme, "privacy"))
    data = _posted(page)
    data.pop("consent_locked")
    client.post(_url(tree.acme, "privacy"), data)

    assert not own_values(tree.acme, Group.PRIVACY)["consent"].locked


def test_change_says_what_would_hold_without_the_lock(sign_in, owner, tree):
    SettingValueFactory(node=tree.production, key="retention_days", value=90)
    SettingValueFactory(node=tree.acme, key="retention_days", value=30, locked=True)

    page = sign_in(owner).get(_url(tree.production, "privacy"))

    assert "Without the lock: 90 days" in page.text


def test_change_ignores_a_forged_value_beneath_a_lock(sign_in, owner, tree):
    SettingValueFactory(node=tree.acme, key="retention_days", value=30, locked=True)
    client = sign_in(owner)
    page = client.get(_url(tree.production, "privacy"))
    data = _posted(page, retention_days="90", retention_days_source="own")
    before = snapshot()

    client.post(_url(tree.production, "privacy"), data)

    assert snapshot() == before


def test_tell_of_no_staff_member_by_name(sign_in, owner, tree, staff):
    SettingValueFactory(node=tree.acme, key="retention_days", value=30, updated_by=staff)

    page = sign_in(owner).get(_url(tree.acme, "privacy")).text

    assert "by Platform staff" in page
    assert str(staff) not in page
