"""What the forms of all nodes have in common."""

import pytest
from django.core.exceptions import ValidationError

from hierarchy.console.forms.nodes import ConfirmationForm, NameField, NewNodeForm, SlugField
from hierarchy.nodes.forms.applications import NewApplicationForm

APPLICATION = {"name": "Shop", "platform": "web", "environments": ["staging"]}


@pytest.mark.parametrize(
    ("typed", "name"),
    [("  Café  Noir ", "Café Noir"), ("Cafe\u0301", "Café"), ("Ω" * 60, "Ω" * 60)],
)
def test_name_comes_in_one_form(typed, name):
    assert NameField().clean(typed) == name


@pytest.mark.parametrize("typed", ["", "a", "a" * 61, "a\u202eb", "a\x00b"])
def test_name_refuses(typed):
    with pytest.raises(ValidationError):
        NameField().clean(typed)


def test_slug_is_checked_only_when_it_is_given():
    assert SlugField(required=False).clean("") == ""
    assert SlugField().clean(" Shop-2 ") == "shop-2"
    with pytest.raises(ValidationError):
        SlugField().clean("shop 2")


@pytest.mark.parametrize(("name", "valid"), [("Shop", True), ("株式会社", False)])
def test_new_node_needs_a_slug_or_a_name_that_suggests_one(name, valid):
    assert NewNodeForm({"name": name}, place={}).is_valid() is valid
    assert NewNodeForm({"name": name, "slug": "shop"}, place={}).is_valid()


def test_new_node_asks_the_server_about_the_slug():
    field = NewNodeForm(place={"new": "workspace", "organization": "acme"})["slug"]

    html = str(field.as_field_group())
    assert 'hx-get="/slugs/check/"' in html
    assert "&#34;organization&#34;: &#34;acme&#34;" in html
    assert 'id="slug-verdict"' in html


@pytest.mark.parametrize(
    ("platform", "kept"),
    [("web", "website"), ("server", "website"), ("mobile", "bundle_id"), ("desktop", "bundle_id")],
)
def test_application_keeps_what_fits_its_platform(platform, kept):
    given = {"website": "https://example.com", "bundle_id": "com.example.shop"}

    form = NewApplicationForm(APPLICATION | given | {"platform": platform}, place={})

    assert form.is_valid()
    assert {name for name in given if form.cleaned_data[name]} == {kept}


def test_application_minds_no_error_in_what_does_not_fit():
    form = NewApplicationForm(APPLICATION | {"bundle_id": "not one"}, place={})

    assert form.is_valid()
    assert form.cleaned_data["bundle_id"] == ""


@pytest.mark.parametrize(
    ("typed", "valid"),
    [("Acme Inc", True), (" Acme  Inc ", True), ("acme inc", False), ("", False)],
)
def test_confirmation_takes_the_name_alone(typed, valid):
    assert ConfirmationForm({"confirmation": typed}, name="Acme Inc").is_valid() is valid
