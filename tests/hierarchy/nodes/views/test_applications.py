"""Creating applications, and their overview."""

import pytest

from hierarchy.console.navigation import node_url
from hierarchy.models import Application
from hierarchy.roles import Role
from tests.factories import MembershipFactory, SettingValueFactory, TrustedOriginFactory
from tests.support.refusals import snapshot

CREATE = "/o/acme/w/shop/applications/new/"
GOOD = {
    "name": "Mobile",
    "slug": "mobile",
    "platform": "mobile",
    "bundle_id": "com.example.shop",
    "website": "https://shop.example.com",
    "environments": ["production", "staging"],
}


def test_create_makes_it_in_every_chosen_environment(sign_in, manager, tree):
    response = sign_in(manager).post(CREATE, GOOD, follow=True)

    created = Application.objects.filter(slug="mobile")
    assert {each.environment for each in created} == {"production", "staging"}
    assert "Mobile has been created in production and staging." in response.content.decode()


def test_create_keeps_only_what_fits_the_platform(sign_in, manager, tree):
    sign_in(manager).post(CREATE, GOOD)
    sign_in(manager).post(CREATE, GOOD | {"name": "Site", "slug": "site", "platform": "web"})

    fields = ("website", "bundle_id")
    rows = Application.objects.filter(environment="production")
    assert rows.values_list(*fields).get(slug="mobile") == ("", "com.example.shop")
    assert rows.values_list(*fields).get(slug="site") == ("https://shop.example.com", "")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"environments": []}, "environments"),
        ({"bundle_id": "no dots"}, "bundle_id"),
        ({"platform": "toaster"}, "platform"),
        ({"slug": "web"}, "slug"),
        ({"name": "WEB", "slug": "other"}, "name"),
    ],
)
def test_create_keeps_bad_input_and_creates_none(sign_in, manager, tree, fields, field):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(CREATE, GOOD | fields)

    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert snapshot() == before


def test_create_names_the_permission_that_is_missing(sign_in, guest, tree):
    response = sign_in(guest).post(CREATE, GOOD)

    assert response.status_code == 403
    assert "add_application" in response.content.decode()


def test_create_is_hidden_from_who_does_not_see_the_workspace(sign_in, guest, tree):
    assert sign_in(guest).get("/o/acme/w/press/applications/new/").status_code == 404


def test_create_begins_with_what_is_known_of_the_channel(sign_in, owner, tree):
    client = sign_in(owner)
    places = client.get(node_url(tree.production)).context["environments"]
    (missing,) = [url for environment, _label, url, exists in places if not exists]

    form = client.get(missing).context["form"]

    assert form["name"].value() == "Web"
    assert form["slug"].value() == "web"
    assert form["environments"].value() == ["staging"]


# --- The overview --------------------------------------------------------------------------------


def test_show_how_it_is_known_and_what_holds(sign_in, guest, tree):
    SettingValueFactory(node=tree.acme, key="time_zone", value="Europe/Rome")
    TrustedOriginFactory(node=tree.production)

    response = sign_in(guest).get(node_url(tree.production))

    content = response.content.decode()
    assert response.status_code == 200
    assert str(tree.production.public_id) in content
    assert "from Acme" in content
    assert response.context["origins"] == "1"


def test_show_no_settings_to_who_may_not_see_them(sign_in, viewer, tree):
    response = sign_in(viewer).get(node_url(tree.production))

    assert response.context["settings"] == []
    assert "Trusted origins" not in response.content.decode()


def test_offer_only_environments_that_one_can_reach(sign_in, outsider, tree):
    MembershipFactory(user=outsider, node=tree.development, role=Role.OWNER)

    response = sign_in(outsider).get(node_url(tree.development))

    assert [place[0] for place in response.context["environments"]] == ["development"]


def test_hide_an_application_like_one_that_never_existed(sign_in, outsider, tree):
    MembershipFactory(user=outsider, node=tree.development, role=Role.OWNER)
    client = sign_in(outsider)

    assert client.get(node_url(tree.production)).status_code == 404
    assert client.get("/o/acme/w/shop/a/web/staging/").status_code == 404
    assert client.get("/o/acme/w/press/a/web/development/").status_code == 404


def test_warn_of_production(sign_in, owner, tree):
    client = sign_in(owner)

    assert "reach your users right away" in client.get(node_url(tree.production)).content.decode()
    assert "affects production" in client.get(node_url(tree.development)).content.decode()
