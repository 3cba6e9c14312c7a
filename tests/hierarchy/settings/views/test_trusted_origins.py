"""From where browsers may call on behalf of an application."""

import pytest

from hierarchy.console.navigation import node_url
from hierarchy.models import TrustedOrigin
from tests.factories import TrustedOriginFactory
from tests.support.acting import nodes
from tests.support.refusals import snapshot


def _index(node):
    return node_url(node, "trusted-origin-index")


def _add(node):
    return node_url(node, "trusted-origin-add")


TRY = {"HX-Request": "true", "HX-Target": "verdict"}


@pytest.fixture
def origin(tree):
    return TrustedOriginFactory(node=tree.development, host="shop.example.com")


def test_list_rules_in_their_canonical_form(sign_in, guest, tree, origin):
    TrustedOriginFactory(node=tree.development, host="xn--bcher-kva.example", port=8443)

    content = sign_in(guest).get(_index(tree.development)).content.decode()

    assert "<code>shop.example.com</code>" in content
    assert "bücher.example (xn--bcher-kva.example):8443" in content
    assert "Trust an origin" not in content


def test_list_names_the_permission_that_is_missing(sign_in, viewer, tree):
    response = sign_in(viewer).get(_index(tree.development))

    assert response.status_code == 403
    assert "view_application_settings" in response.content.decode()


def test_find_a_host(sign_in, owner, tree, origin):
    TrustedOriginFactory.create_batch(2, node=tree.development)

    response = sign_in(owner).get(_index(tree.development), {"q": "Shop"})

    assert response.context["page"].rows == [origin]


def test_list_costs_the_same_for_one_and_for_many(
    sign_in, owner, tree, origin, django_assert_max_num_queries
):
    client = sign_in(owner)
    client.get(_index(tree.development))
    with django_assert_max_num_queries(30) as one:
        client.get(_index(tree.development))
    TrustedOriginFactory.create_batch(30, node=tree.development, created_by=owner)

    with django_assert_max_num_queries(len(one)):
        client.get(_index(tree.development))


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("https://shop.example.com/cart?x=1", "is trusted by the rule"),
        ("http://shop.example.com", "requires https"),
        ("not a host", "an origin. Enter a host or a URL."),
        ("https://other.example.org", "No rule covers other.example.org"),
    ],
)
def test_try_an_address_without_changing_anything(sign_in, owner, tree, origin, pasted, words):
    client = sign_in(owner)
    before = snapshot()

    page = client.get(_index(tree.development), {"test": pasted})
    part = client.get(_index(tree.development), {"test": pasted}, headers=TRY)

    assert words in page.content.decode()
    assert words in part.content.decode()
    assert part.content.decode().startswith('<div id="verdict"')
    assert snapshot() == before


def test_load_more_rules_after_trying_an_address(sign_in, owner, tree, origin):
    more = {"HX-Request": "true", "HX-Target": "origin-rows"}

    part = sign_in(owner).get(_index(tree.development), {"test": "not a host"}, headers=more)

    assert 'id="origin-rows"' in part.content.decode()


# --- Adding, editing, removing -------------------------------------------------------------------


def test_add_brings_it_into_one_form(sign_in, manager, tree):
    response = sign_in(manager).post(
        _add(tree.development), {"origin": " HTTPS://Shop.Example.com:443/ "}, follow=True
    )

    assert str(TrustedOrigin.objects.get()) == "shop.example.com"
    assert "shop.example.com is now trusted." in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"origin": "https://me@example.com"}, "origin"),
        ({"origin": "ftp://example.com"}, "origin"),
        ({"origin": "*"}, "origin"),
        ({"origin": "github.io"}, "origin"),
        ({"origin": "shop.example.com"}, "origin"),
        ({"origin": ""}, "origin"),
        ({"origin": ","}, "origin"),
        ({"origin": '"'}, "origin"),
    ],
)
def test_add_keeps_bad_input_and_changes_nothing(sign_in, manager, tree, origin, fields, field):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(_add(tree.development), fields)

    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (200, [field])
    assert form["origin"].value() == fields["origin"]
    assert snapshot() == before


def test_add_takes_a_list_and_says_what_it_left_out(sign_in, manager, tree):
    pasted = "https://a.example.com/login?next=1\nb.example.com, c.example.com"

    response = sign_in(manager).post(_add(tree.development), {"origin": pasted}, follow=True)

    said = [str(message) for message in response.context["messages"]]
    assert said == [
        "3 origins are now trusted. “/login?next=1” was left out, since browsers send only the"
        " host and the port."
    ]
    assert TrustedOrigin.objects.count() == 3


def test_add_takes_a_line_that_is_there_twice_once(sign_in, manager, tree):
    pasted = "https://a.example.com\nA.example.com/"

    response = sign_in(manager).post(_add(tree.development), {"origin": pasted}, follow=True)

    said = [str(message) for message in response.context["messages"]]
    assert said == ["a.example.com is now trusted."]


def test_add_refuses_a_blank_within_an_origin(sign_in, manager, tree):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(_add(tree.development), {"origin": "https://exa mple.com"})

    assert list(response.context["form"].errors) == ["origin"]
    assert snapshot() == before


def test_index_names_no_staff_member(sign_in, manager, tree, staff):
    TrustedOriginFactory(node=tree.production, created_by=staff)

    page = sign_in(manager).get(node_url(tree.production, "trusted-origin-index")).text

    assert "Platform staff" in page
    assert staff.email not in page
    assert str(staff) not in page


def test_add_says_which_line_of_a_list_is_wrong(sign_in, manager, tree):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(_add(tree.development), {"origin": "a.example.com, github.io"})

    assert response.context["form"].errors["origin"] == [
        "github.io: github.io is shared by many owners. Enter your own host under it."
    ]
    assert snapshot() == before


def test_add_refuses_http_in_production(sign_in, manager, tree):
    form = {"origin": "shop.example.com", "allow_insecure": "on"}

    response = sign_in(manager).post(_add(tree.production), form)

    assert list(response.context["form"].errors) == ["allow_insecure"]


def test_add_asks_to_confirm_another_domain(sign_in, manager, tree):
    tree.development.website = "https://example.com"
    tree.development.save()
    client = sign_in(manager)
    form = {"origin": "example.org"}

    asked = client.post(_add(tree.development), form)
    assert 'name="confirmed"' in asked.content.decode()
    assert not TrustedOrigin.objects.exists()

    client.post(_add(tree.development), form | {"confirmed": "on"})
    assert str(TrustedOrigin.objects.get()) == "example.org"


def test_edit_begins_with_the_rule_and_replaces_it(sign_in, manager, tree, origin):
    client = sign_in(manager)
    url = node_url(tree.development, "trusted-origin-edit", pk=origin.pk)

    page = client.get(url)
    client.post(url, {"origin": "*.shop.example.com:8443", "allow_insecure": "on"})

    assert page.context["form"]["origin"].value() == "shop.example.com"
    origin.refresh_from_db()
    assert (str(origin), origin.allow_insecure) == ("*.shop.example.com:8443", True)


def test_remove_asks_first(sign_in, manager, tree, origin):
    client = sign_in(manager)
    url = node_url(tree.development, "trusted-origin-remove", pk=origin.pk)

    assert "Stop trusting shop.example.com?" in client.get(url).content.decode()
    assert TrustedOrigin.objects.exists()

    client.post(url)
    assert not TrustedOrigin.objects.exists()


@pytest.mark.parametrize("verb", ["edit", "remove"])
def test_hide_the_rules_of_other_applications(sign_in, owner, tree, origin, verb):
    url = node_url(tree.production, f"trusted-origin-{verb}", pk=origin.pk)

    assert sign_in(owner).get(url).status_code == 404


@pytest.mark.parametrize("verb", ["add", "edit", "remove"])
def test_name_the_permission_that_is_missing(sign_in, guest, tree, origin, verb):
    more = {} if verb == "add" else {"pk": origin.pk}

    response = sign_in(guest).post(node_url(tree.development, f"trusted-origin-{verb}", **more))

    assert response.status_code == 403
    assert "manage_trusted_origins" in response.content.decode()


@pytest.mark.parametrize("verb", ["index", "add"])
def test_hide_what_one_cannot_see(sign_in, outsider, tree, verb):
    assert (
        sign_in(outsider).get(node_url(tree.development, f"trusted-origin-{verb}")).status_code
        == 404
    )


def test_refuse_changes_where_it_is_suspended(sign_in, owner, tree, origin):
    nodes.suspend(tree.acme, by=owner)
    client = sign_in(owner)

    added = client.post(_add(tree.development), {"origin": "example.org"})
    url = node_url(tree.development, "trusted-origin-remove", pk=origin.pk)
    removed = client.post(url, follow=True)

    assert "Nothing can be changed until it is resumed" in added.content.decode()
    assert "Nothing can be changed until it is resumed" in removed.content.decode()
    assert TrustedOrigin.objects.get() == origin
