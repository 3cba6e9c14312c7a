"""Whether a slug is free, said while somebody types it."""

import pytest

from hierarchy.nodes.actions import nodes
from hierarchy.roles import Role
from tests.factories import MembershipFactory

CHECK = "/slugs/check/"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"new": "organization", "slug": "globex"}, "<code>globex</code> is available."),
        (
            {"new": "organization", "slug": " Acme "},
            "“acme” is already taken. <code>acme-2</code> is available.",
        ),
        ({"new": "organization", "slug": "admin"}, "“admin” is reserved."),
        ({"new": "organization", "slug": "a--b"}, "single hyphens"),
        ({"new": "workspace", "organization": "acme", "slug": "shop"}, "“shop” is already taken."),
        ({"new": "workspace", "organization": "acme", "slug": "web"}, "is available."),
        ({"organization": "acme", "slug": "globex"}, "<code>globex</code> is available."),
    ],
)
def test_say_whether_a_slug_is_free(sign_in, owner, tree, query, words):
    response = sign_in(owner).get(CHECK, query)

    assert response.status_code == 200
    assert words in response.content.decode()


@pytest.mark.parametrize(
    ("environments", "words"),
    [
        (["staging"], "is available."),
        (["staging", "production"], "“web” is already taken."),
        ([], "is available."),
    ],
)
def test_look_at_every_chosen_environment(sign_in, owner, tree, environments, words):
    query = {"new": "application", "organization": "acme", "workspace": "shop", "slug": "web"}

    response = sign_in(owner).get(CHECK, query | {"environments": environments})

    assert words in response.content.decode()


@pytest.mark.parametrize("slug", ["", "acme"])
def test_say_nothing_of_nothing_and_of_the_own_slug(sign_in, owner, tree, slug):
    assert sign_in(owner).get(CHECK, {"organization": "acme", "slug": slug}).content == b""


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"new": "workspace", "organization": "acme", "slug": "x"}, 404),
        ({"new": "application", "organization": "acme", "workspace": "shop", "slug": "x"}, 403),
        ({"organization": "acme", "workspace": "shop", "slug": "x"}, 403),
        ({"organization": "acme", "workspace": "press", "slug": "x"}, 404),
        ({"new": "planet", "slug": "x"}, 404),
        ({"new": "workspace", "slug": "x"}, 404),
        ({"slug": "x"}, 404),
        ({"environment": "staging", "slug": "x"}, 404),
        ({"workspace": "shop", "slug": "x"}, 404),
    ],
)
def test_tell_nobody_what_they_may_not_create(sign_in, guest, tree, query, status):
    assert sign_in(guest).get(CHECK, query).status_code == status


def test_let_an_owner_of_a_workspace_rename_it(sign_in, outsider, tree):
    MembershipFactory(user=outsider, node=tree.shop, role=Role.OWNER)
    query = {"organization": "acme", "workspace": "shop", "slug": "press"}

    assert "“press” is already taken." in sign_in(outsider).get(CHECK, query).content.decode()


def test_nobody_tries_one_slug_after_the_other(sign_in, owner, outsider, tree, forget_limits):
    client = sign_in(owner)
    query = {"new": "organization", "slug": "globex"}
    for _time in range(60):
        client.get(CHECK, query)

    refused = client.get(CHECK, query)
    forms = [
        client.post("/organizations/new/", {"name": "Acme", "slug": "acme", "kind": "business"}),
        client.post(
            "/o/acme/settings/",
            {
                "version": nodes.shown_to_edit(tree.acme),
                "name": "Acme",
                "slug": "other",
                "kind": "business",
            },
        ),
    ]
    another = sign_in(outsider).get(CHECK, query)

    assert [answer.status_code for answer in (refused, *forms)] == [429, 429, 429]
    assert another.status_code == 200
