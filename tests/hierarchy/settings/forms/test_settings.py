"""The form of one group of settings."""

import pytest

from hierarchy.effective_settings import effective_settings
from hierarchy.setting_definitions import Group, settings_of
from hierarchy.settings.forms.settings import INHERIT, OWN, LinesField, SettingsForm
from tests.factories import SettingValueFactory


def _form(node, group, data=None, locked=frozenset()):
    return SettingsForm(
        data, group=group, effective=effective_settings(node), locked=locked, initial={"version": 1}
    )


def _unchanged(form):
    """Return what a browser sends of a form that nobody touched."""
    data = {"version": "1"}
    for field in form:
        value = field.value()
        data[field.html_name] = value if isinstance(value, list) else str(value)
    return data


@pytest.mark.parametrize("group", list(Group))
def test_change_nothing_when_nobody_touched_it(tree, group):
    stored = {"time_zone": "Europe/Rome", "locales": ["it-IT", "en"]}
    for key, value in stored.items():
        SettingValueFactory(node=tree.shop, key=key, value=value)

    form = _form(tree.shop, group, _unchanged(_form(tree.shop, group)))

    assert form.is_valid(), form.errors
    own = {key: value for key, value in form.values().items() if value is not None}
    assert own == (stored if group is Group.LOCALIZATION else {})


@pytest.mark.parametrize("group", list(Group))
def test_offer_a_choice_and_a_control_for_every_setting(tree, group):
    form = _form(tree.development, group)

    expected = [
        name for setting in settings_of(group) for name in (f"{setting.key}_source", setting.key)
    ]
    assert list(form.fields) == ["version", *expected]


def test_begin_with_what_holds(tree):
    SettingValueFactory(node=tree.acme, key="retention_days", value=90)
    SettingValueFactory(node=tree.shop, key="exclude_bots", value=False)

    form = _form(tree.shop, Group.PRIVACY)

    assert (form["retention_days_source"].value(), form["retention_days"].value()) == (INHERIT, 90)
    assert (form["exclude_bots_source"].value(), form["exclude_bots"].value()) == (OWN, "false")


def test_ask_what_is_meant_when_a_value_is_changed_and_still_inherited(tree):
    data = _unchanged(_form(tree.shop, Group.PRIVACY)) | {"retention_days": "30"}

    form = _form(tree.shop, Group.PRIVACY, data)

    assert list(form.errors) == ["retention_days"]


def test_leave_alone_what_is_locked(tree):
    data = _unchanged(_form(tree.shop, Group.SECURITY))
    data |= {"require_signed_token_source": OWN, "require_signed_token": "false"}

    form = _form(tree.shop, Group.SECURITY, data, locked=frozenset({"require_signed_token"}))

    assert form.is_valid()
    assert "require_signed_token" not in form.values()


@pytest.mark.parametrize(
    ("typed", "read"),
    [("", []), ("a\r\n\r\n b ", ["a", "b"]), ("PT-br\nxx", ["pt-BR", "xx"])],
)
def test_lines_are_read_one_by_one(typed, read):
    assert LinesField(options={"pt-BR": "Portuguese"}, required=False).clean(typed) == read
