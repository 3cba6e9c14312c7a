"""Creating workspaces, and their overview."""

import pytest
from django.urls import reverse

from hierarchy.console.navigation import node_url
from hierarchy.effective_settings import effective_settings
from hierarchy.models import Workspace
from hierarchy.roles import Role
from tests.factories import ApplicationFactory, MembershipFactory
from tests.support.refusals import snapshot

CREATE = "/o/acme/workspaces/new/"
GOOD = {"name": "Café Noir", "slug": "", "time_zone": "Europe/Rome", "default_locale": "it-IT"}


def test_create_sets_what_was_chosen_and_inherits_the_rest(sign_in, manager, tree):
    response = sign_in(manager).post(CREATE, GOOD | {"default_locale": ""})

    workspace = Workspace.objects.get(slug="cafe-noir")
    effective = effective_settings(workspace)
    assert response["Location"] == node_url(workspace)
    assert (effective["time_zone"].value, effective["time_zone"].is_own) == ("Europe/Rome", True)
    assert not effective["default_locale"].is_own


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"slug": "shop"}, "slug"), ({"name": ""}, "name"), ({"time_zone": "Mars"}, "time_zone")],
)
def test_create_keeps_bad_input_and_changes_nothing(sign_in, manager, tree, fields, field):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(CREATE, GOOD | fields)

    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert snapshot() == before


def test_create_names_the_permission_that_is_missing(sign_in, viewer, tree):
    response = sign_in(viewer).post(CREATE, GOOD)

    assert response.status_code == 403
    assert "add_workspace" in response.content.decode()


def test_create_is_hidden_from_who_does_not_see_the_organization(sign_in, guest, tree):
    assert sign_in(guest).get(CREATE).status_code == 404


def test_create_refuses_where_it_is_suspended(sign_in, owner, tree):
    tree.acme.suspended_at = tree.acme.created_at
    tree.acme.save()

    response = sign_in(owner).post(CREATE, GOOD)

    assert "Nothing can be changed until it is resumed" in response.content.decode()
    assert Workspace.objects.count() == 2


# --- The overview --------------------------------------------------------------------------------


def _channels(response):
    return [
        [application.environment for application in channel.applications]
        for channel in response.context["channels"]
    ]


def test_show_environments_of_an_application_in_one_row(sign_in, guest, tree):
    response = sign_in(guest).get(node_url(tree.shop))

    assert response.status_code == 200
    assert _channels(response) == [["production", "development"]]


def test_show_nothing_of_sibling_workspaces(sign_in, guest, tree):
    content = sign_in(guest).get(node_url(tree.shop)).content.decode()

    assert "Press" not in content
    assert f'href="{node_url(tree.acme)}"' not in content


def test_hide_a_workspace_like_one_that_never_existed(sign_in, guest, outsider, tree):
    MembershipFactory(user=outsider, node=tree.development, role=Role.OWNER)

    assert sign_in(guest).get(node_url(tree.press)).status_code == 404
    assert sign_in(outsider).get(node_url(tree.shop)).status_code == 404
    assert sign_in(outsider).get("/o/acme/w/nowhere/").status_code == 404


def test_find_applications_and_send_htmx_only_the_list(sign_in, owner, tree):
    ApplicationFactory(workspace=tree.shop, name="Checkout", slug="checkout")
    client = sign_in(owner)

    response = client.get(node_url(tree.shop), {"q": "che"}, headers={"HX-Request": "true"})

    assert _channels(response) == [["development"]]
    assert response.content.decode().startswith('<div id="applications">')


def test_page_through_many_applications(sign_in, owner, tree):
    ApplicationFactory.create_batch(25, workspace=tree.shop)
    client = sign_in(owner)

    first = client.get(node_url(tree.shop))
    second = client.get(first.context["page"].next_url)

    slugs = [channel.first.slug for page in (first, second) for channel in page.context["channels"]]
    assert len(slugs) == len(set(slugs)) == 26


def test_cost_the_same_for_few_and_for_many(sign_in, owner, tree, django_assert_max_num_queries):
    client = sign_in(owner)
    client.get(node_url(tree.shop))
    with django_assert_max_num_queries(30) as few:
        client.get(node_url(tree.shop))
    ApplicationFactory.create_batch(30, workspace=tree.shop)

    with django_assert_max_num_queries(len(few)):
        client.get(node_url(tree.shop))


def test_say_what_an_empty_workspace_is_for(sign_in, owner, tree):
    content = sign_in(owner).get(node_url(tree.press)).content.decode()

    create = reverse("console:application-create", kwargs=tree.press.slugs)
    assert "No applications yet" in content
    assert create in content
