"""What a form says of what its page has shown, and what fits it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django import forms
from django.http import QueryDict

from config.versions import AS_IT_IS, Shown, VersionField, digest, sent
from hierarchy.models import CustomRole, Membership, Organization, Status
from hierarchy.roles import Role

SHOP = Organization(pk=1, name="Shop", kind="business")


def _member(**fields):
    return Membership(pk=5, **({"role": Role.VIEWER, "status": Status.ACTIVE} | fields))


def test_a_version_fits_what_it_was_made_from():
    version = str(Shown(SHOP, "name"))

    assert Shown(Organization(pk=1, name="Shop"), "name").fits(version)
    assert Shown(Organization(pk=1, name="Press"), "name").fits(AS_IT_IS)


@pytest.mark.parametrize(
    "other",
    [
        Shown(Organization(pk=1, name="Press"), "name"),
        Shown(Organization(pk=2, name="Shop"), "name"),
        Shown(CustomRole(pk=1, name="Shop"), "name"),
        Shown(SHOP, "name", "kind"),
        Shown(SHOP, "kind"),
        Shown(SHOP, "name", about="something else"),
    ],
)
def test_a_version_fits_no_other_value_row_model_field_or_form(other):
    assert not other.fits(str(Shown(SHOP, "name")))


@pytest.mark.parametrize("version", ["", "1", "x" * 9000, "a:b", "\0", ":", ".:", "\udc80:"])
def test_what_is_no_version_fits_nothing(version):
    shown = Shown(SHOP, "name")

    assert not shown.fits(version)
    assert shown.since(version) == {"name": ("Name", "", "Shop")}


def test_a_version_outlives_the_key_it_was_signed_with(settings):
    version = str(Shown(SHOP, "name"))

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 9
    assert Shown(SHOP, "name").fits(version)
    settings.SECRET_KEY_FALLBACKS = []
    assert not Shown(SHOP, "name").fits(version)


def test_an_instant_is_the_same_in_every_zone():
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    elsewhere = at.astimezone(timezone(timedelta(hours=5)))

    assert _member(ends_at=elsewhere).shown_dates.fits(str(_member(ends_at=at).shown_dates))


def test_say_both_versions_in_words():
    read = str(_member().shown)
    now = _member(
        role=Role.OWNER, status=Status.SUSPENDED, ends_at=datetime(2026, 5, 1, 12, tzinfo=UTC)
    )

    assert now.shown.since(read) == {
        "status": ("Status", "Active", "Suspended"),
        "ends_at": ("Until", "", "1 May 2026, 12:00"),
        "role": ("Role", "Viewer", "Owner"),
    }


def test_say_that_a_role_of_the_same_name_grants_something_else():
    role = CustomRole(pk=3, name="Helper", permissions=["view_workspace"])
    member = _member(role=Role.CUSTOM, custom_role=role)
    read = str(member.shown_role)

    role.permissions = ["view_workspace", "change_workspace"]

    assert member.shown_role.since(read) == {"role": ("Role", "Helper", "Helper (changed)")}


def test_say_what_somebody_would_have_otherwise():
    shown = _member(role=Role.OWNER).shown

    assert shown.beside({"role": Role.VIEWER, "status": "active", "note": "x"}) == {
        "role": ("Role", "Viewer", "Owner")
    }


def test_a_version_that_is_sent_twice_is_none():
    class Form(forms.Form):
        version = VersionField()

    once = QueryDict("version=a:b")
    twice = QueryDict("version=a:b&version=a:b")

    assert (sent(once), sent(twice), sent(QueryDict())) == ("a:b", "", "")
    filled = [Form(data) for data in (once, twice, QueryDict("x=1"))]
    assert all(form.is_valid() for form in filled)
    assert [form.cleaned_data["version"] for form in filled] == ["a:b", "", ""]


def test_a_digest_tells_values_apart_and_nothing_of_them():
    assert digest([1, 2]) == digest([1, 2]) != digest([2, 1])
    assert len(digest(["secret"] * 100)) == 16


def test_a_digest_can_not_be_made_without_the_key(settings):
    here = digest(["view_workspace"])

    settings.SECRET_KEY = "of another installation"
    assert digest(["view_workspace"]) != here
