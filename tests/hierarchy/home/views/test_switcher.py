"""Going from one node to another."""

from hierarchy import grants
from hierarchy.console.navigation import node_url
from tests.factories import MembershipFactory, OrganizationFactory, WorkspaceFactory


def _places(response):
    return {
        section.title: [node.name for node in section.nodes]
        for section in response.context["places"]
    }


def test_list_everything_visible(sign_in, owner, tree):
    response = sign_in(owner).get("/switcher/")

    assert _places(response) == {
        "Organizations": ["Acme"],
        "Workspaces": ["Press", "Shop"],
        "Applications": ["Web", "Web"],
    }


def test_put_pinned_and_recent_ones_first(sign_in, guest, tree):
    client = sign_in(guest)
    client.post(node_url(tree.production, "pin"))
    client.get(node_url(tree.development))
    client.get(node_url(tree.shop))

    places = _places(client.get("/switcher/"))

    assert list(places) == ["Pinned", "Recent", "Workspaces", "Applications"]
    assert (places["Pinned"], places["Recent"]) == (["Web"], ["Shop", "Web"])


def test_forget_pinned_and_recent_nodes_that_one_cannot_see_any_more(sign_in, outsider, tree):
    membership = MembershipFactory(user=outsider, node=tree.shop)
    client = sign_in(outsider)
    client.post(node_url(tree.shop, "pin"))
    client.get(node_url(tree.shop))
    membership.delete()
    grants.derive(outsider, tree.acme)

    assert _places(client.get("/switcher/")) == {}


def test_find_by_name(sign_in, owner, tree):
    assert _places(sign_in(owner).get("/switcher/", {"q": "pr"})) == {"Workspaces": ["Press"]}


def test_send_htmx_only_the_list(sign_in, owner, tree):
    response = sign_in(owner).get("/switcher/", headers={"HX-Request": "true"})

    assert response.content.decode().startswith('<div id="switcher">')


def test_stay_short_and_cheap_for_who_sees_much(
    sign_in, owner, tree, django_assert_max_num_queries
):
    client = sign_in(owner)
    client.get("/switcher/")
    with django_assert_max_num_queries(30) as few:
        client.get("/switcher/")
    WorkspaceFactory.create_batch(30, organization=tree.acme)
    for organization in OrganizationFactory.create_batch(3):
        MembershipFactory(user=owner, node=organization)

    with django_assert_max_num_queries(len(few)):
        response = client.get("/switcher/")

    assert len(_places(response)["Workspaces"]) == 6
