"""Finding whatever somebody can see."""

import pytest

from hierarchy.roles import Role
from tests.factories import (
    ApplicationFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)


def _found(response):
    """Return {kind: names} as the page shows them."""
    return {
        results.kind: [str(getattr(row, "user", row)) for row in results.rows]
        for results in response.context["found"]
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SHO", {"workspace": ["Shop"]}),
        ("web", {"application": ["Web", "Web"]}),
        ("acme", {"organization": ["Acme"]}),
        ("owner@ex", {"person": ["Owner"]}),
        ("own", {"person": ["Owner"]}),
        ("hop", {}),
        ("%", {}),
        ("", {}),
        ("\u202e", {}),
    ],
)
def test_find_by_the_beginning(sign_in, owner, tree, query, found):
    response = sign_in(owner).get("/search/", {"q": query})

    assert response.status_code == 200
    assert _found(response) == found


def test_find_by_public_id(sign_in, owner, tree):
    response = sign_in(owner).get("/search/", {"q": str(tree.press.public_id)})

    assert _found(response) == {"workspace": ["Press"]}


def test_find_only_what_one_can_see(sign_in, guest, tree):
    other = OrganizationFactory(name="Shopping")
    WorkspaceFactory(organization=other, name="Shop two")
    client = sign_in(guest)

    assert _found(client.get("/search/", {"q": "shop"})) == {"workspace": ["Shop"]}
    assert _found(client.get("/search/", {"q": "press"})) == {}
    assert _found(client.get("/search/", {"q": "acme"})) == {}
    assert _found(client.get("/search/", {"q": str(tree.press.public_id)})) == {}


def test_find_people_only_where_one_may_see_members(sign_in, guest, viewer, owner, tree):
    colleague = UserFactory(email="colleague@example.com", first_name="Cole")
    MembershipFactory(user=colleague, node=tree.shop)

    def people(person, query):
        found = _found(sign_in(person).get("/search/", {"q": query, "kind": "person"}))
        return found.get("person", [])

    assert people(guest, "colleague@") == ["Cole"]
    assert people(guest, "owner@") == []
    assert people(viewer, "colleague@") == []
    assert people(owner, "cole") == ["Cole"]


def test_forget_what_is_deleted(sign_in, owner, tree):
    MembershipFactory(node=tree.press, user__email="gone@example.com")
    tree.press.deleted_at = tree.press.created_at
    tree.press.save()
    client = sign_in(owner)

    assert _found(client.get("/search/", {"q": "press"})) == {}
    assert _found(client.get("/search/", {"q": "gone@"})) == {}


def test_show_the_first_of_many_and_lead_to_the_rest(sign_in, owner, tree):
    for number in range(60):
        WorkspaceFactory(organization=tree.acme, name=f"Depot {number:02}")
    client = sign_in(owner)

    (some,) = client.get("/search/", {"q": "depot"}).context["found"]
    (first,) = client.get(some.more_url).context["found"]
    (second,) = client.get(first.more_url).context["found"]

    assert [len(some.rows), len(first.rows), len(second.rows)] == [6, 50, 10]


def test_answer_the_palette_with_links_alone(sign_in, owner, tree):
    content = sign_in(owner).get("/search/", {"q": "sho", "palette": "1"}).content.decode()

    assert content.startswith("<ul>")
    assert 'href="/o/acme/w/shop/"' in content


def test_send_htmx_only_the_results(sign_in, owner, tree):
    response = sign_in(owner).get("/search/", {"q": "sho"}, headers={"HX-Request": "true"})

    assert response.content.decode().startswith('<div class="stack" id="results">')


def test_cost_the_same_for_one_and_for_many(sign_in, owner, tree, django_assert_max_num_queries):
    client = sign_in(owner)
    with django_assert_max_num_queries(30) as few:
        client.get("/search/", {"q": "sho"})
    for number in range(6):
        workspace = WorkspaceFactory(organization=tree.acme, name=f"Shore {number}")
        ApplicationFactory(workspace=workspace, name="Shovel")
        MembershipFactory(node=workspace, user__first_name="Shona", role=Role.VIEWER)

    with django_assert_max_num_queries(len(few)):
        client.get("/search/", {"q": "sho"})


def test_ask_a_visitor_to_sign_in(client, tree):
    assert client.get("/search/", {"q": "acme"}).status_code == 302
