"""Creating organizations, and their overview."""

import pytest
from django.urls import reverse

from hierarchy.console.navigation import node_url
from hierarchy.models import AuditEvent, Membership, Organization
from hierarchy.roles import Role
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    MembershipFactory,
    WorkspaceFactory,
)
from tests.support.refusals import snapshot

CREATE = "/organizations/new/"
GOOD = {"name": "Globex", "slug": "globex", "kind": "business", "website": "globex.example.com"}


def test_create_makes_whoever_does_it_the_owner(sign_in, outsider):
    response = sign_in(outsider).post(CREATE, GOOD)

    organization = Organization.objects.get()
    assert response["Location"] == node_url(organization)
    assert (organization.name, organization.website) == ("Globex", "https://globex.example.com")
    assert Membership.objects.get(user=outsider).role == Role.OWNER
    assert AuditEvent.objects.get().action == "organization.create"


def test_create_proposes_the_slug_of_an_empty_field(sign_in, outsider, tree):
    sign_in(outsider).post(CREATE, GOOD | {"name": "Acme", "slug": ""})

    assert Organization.objects.latest("id").slug == "acme-2"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "x"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"slug": "admin"}, "slug"),
        ({"slug": "acme"}, "slug"),
        ({"name": "株式会社", "slug": ""}, "slug"),
        ({"kind": "secret"}, "kind"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_create_keeps_bad_input_and_changes_nothing(sign_in, outsider, tree, fields, field):
    client = sign_in(outsider)
    before = snapshot()

    response = client.post(CREATE, GOOD | fields)

    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (200, [field])
    assert form["name"].value() == (GOOD | fields)["name"]
    assert snapshot() == before


def test_create_asks_a_visitor_to_sign_in(client, db):
    assert client.get(CREATE)["Location"].startswith(reverse("account_login"))


# --- The overview --------------------------------------------------------------------------------


def test_show_the_tree_to_who_sees_it(sign_in, viewer, tree):
    response = sign_in(viewer).get(node_url(tree.acme))

    content = response.content.decode()
    assert response.status_code == 200
    assert response.context["rows"] == [(tree.press, 0), (tree.shop, 2)]
    assert 'class="tree-picture"' in content
    assert node_url(tree.production) in content


def test_show_only_what_the_person_may_know(sign_in, viewer, owner, tree):
    seen, known = (sign_in(each).get(node_url(tree.acme)) for each in (viewer, owner))

    assert (seen.context["people"], seen.context["events"]) == ("", [])
    assert known.context["people"] == "3"
    assert "including everything in it" in known.content.decode()
    assert "New workspace" not in seen.content.decode()
    assert "New workspace" in known.content.decode()


def test_hide_an_organization_like_one_that_never_existed(sign_in, guest, tree):
    client = sign_in(guest)

    assert client.get(node_url(tree.acme)).status_code == 404
    assert client.get("/o/nowhere/").status_code == 404


def test_lead_from_a_former_slug_to_the_new_one(sign_in, owner, tree):
    client = sign_in(owner)
    client.post(
        node_url(tree.acme, "edit"),
        {"name": "Acme", "slug": "acme-group", "kind": "business"},
    )

    assert client.get("/o/acme/?q=x")["Location"] == "/o/acme-group/?q=x"


def test_tell_that_it_is_suspended(sign_in, owner, tree):
    tree.acme.suspended_at = tree.acme.created_at
    tree.acme.save()

    content = sign_in(owner).get(node_url(tree.acme)).content.decode()

    assert "Acme is suspended." in content
    assert "New workspace" not in content


def test_find_workspaces_by_the_beginning_of_a_word(sign_in, owner, tree):
    found = WorkspaceFactory(organization=tree.acme, name="Old press room")

    response = sign_in(owner).get(node_url(tree.acme), {"q": "PRE"})

    assert [workspace for workspace, _count in response.context["rows"]] == [found, tree.press]


def test_send_htmx_only_the_list(sign_in, owner, tree):
    response = sign_in(owner).get(node_url(tree.acme), headers={"HX-Request": "true"})

    content = response.content.decode()
    assert content.startswith('<div id="workspaces">')
    assert "HX-Request" in response["Vary"]


def test_page_through_dozens_of_workspaces_and_draw_a_few(sign_in, owner, tree):
    WorkspaceFactory.create_batch(30, organization=tree.acme)
    client = sign_in(owner)

    first = client.get(node_url(tree.acme))
    second = client.get(first.context["page"].next_url)

    names = [workspace.pk for page in (first, second) for workspace, _n in page.context["rows"]]
    assert len(names) == len(set(names)) == 32
    assert first.content.decode().count('class="tree-node tree-workspace"') == 8
    assert "and more, listed below" in first.content.decode()


def test_cost_the_same_for_few_and_for_many(sign_in, owner, tree, django_assert_max_num_queries):
    client = sign_in(owner)
    client.get(node_url(tree.acme))
    with django_assert_max_num_queries(30) as few:
        client.get(node_url(tree.acme))
    for workspace in WorkspaceFactory.create_batch(5, organization=tree.acme):
        ApplicationFactory.create_batch(8, workspace=workspace)

    with django_assert_max_num_queries(len(few)):
        client.get(node_url(tree.acme))


def test_invite_the_owner_of_an_empty_organization_to_begin(sign_in, outsider):
    response = sign_in(outsider).post(CREATE, GOOD, follow=True)

    assert "Create your first workspace" in response.content.decode()
    assert "Globex has been created." in response.content.decode()


def test_say_that_there_are_none_only_to_who_would_see_them(sign_in, tree):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_organization"])
    person = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role).user

    content = sign_in(person).get(node_url(tree.acme)).content.decode()

    assert "You can't see any workspaces here" in content
    assert "No workspaces yet" not in content
