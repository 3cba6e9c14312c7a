"""Where somebody is and where they can go."""

import re
from types import SimpleNamespace

import pytest
from django.urls import resolve

from hierarchy.console.navigation import label_of, navigation, node_url
from hierarchy.roles import Role
from hierarchy.urls import urlpatterns
from tests.factories import ApplicationFactory, MembershipFactory, WorkspaceFactory


def _sections(shell):
    return {section.title: [item.label for item in section.items] for section in shell.sections}


def test_node_url_leads_to_the_same_page_of_every_level(tree):
    assert node_url(tree.acme, "edit") == "/o/acme/settings/"
    assert node_url(tree.shop, "edit") == "/o/acme/w/shop/settings/"
    assert (
        node_url(tree.production, "settings", group="privacy")
        == "/o/acme/w/shop/a/web/production/settings/privacy/"
    )


def test_label_of_names_the_environment(tree):
    assert [label_of(node) for node in tree.production.path] == ["Acme", "Shop", "Web · Production"]


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (Role.OWNER, ["Overview", "Members", "Roles", "Access", "Activity", "Settings"]),
        (Role.MANAGER, ["Overview", "Members", "Roles", "Access", "Activity", "Settings"]),
        (Role.MAINTAINER, ["Overview"]),
        (Role.VIEWER, ["Overview"]),
    ],
)
def test_side_bar_of_an_organization_holds_what_may_be_opened(tree, outsider, role, pages):
    MembershipFactory(user=outsider, node=tree.acme, role=role)

    sections = _sections(navigation(outsider, tree.acme, "overview"))

    assert sections["Organization"] == pages
    assert sections["Workspaces"] == ["Press", "Shop"]


def test_side_bar_of_an_application_leads_to_its_other_environments(tree, guest):
    sections = _sections(navigation(guest, tree.production, "settings"))

    assert sections == {
        "Application": ["Overview", "Members", "Access", "Trusted origins", "Settings"],
        "Other environments": ["Development"],
        "Yours": ["Home", "Trash"],
    }


def test_side_bar_names_no_environment_that_is_hidden(tree, outsider):
    MembershipFactory(user=outsider, node=tree.production)

    sections = _sections(navigation(outsider, tree.production, "overview"))

    assert sections == {"Application": ["Overview"], "Yours": ["Home", "Trash"]}


def test_side_bar_of_a_workspace_lists_each_application_once(tree, owner):
    ApplicationFactory(workspace=tree.shop, name="App", slug="app")

    assert _sections(navigation(owner, tree.shop, "overview"))["Applications"] == ["App", "Web"]


def test_side_bar_stays_short(tree, owner, django_assert_num_queries):
    WorkspaceFactory.create_batch(20, organization=tree.acme)

    with django_assert_num_queries(2):
        sections = _sections(navigation(owner, tree.acme, "overview"))

    assert len(sections["Workspaces"]) == 8


def test_breadcrumbs_link_only_what_may_be_opened(tree, guest, owner):
    assert navigation(guest, tree.shop, "overview").breadcrumbs == [
        ("Acme", None),
        ("Shop", node_url(tree.shop)),
    ]
    assert navigation(owner, tree.shop, "overview").breadcrumbs[0] == ("Acme", node_url(tree.acme))


def test_mark_the_page_where_one_is(tree, owner):
    shell = navigation(owner, tree.acme, "members")

    current = [
        item.label for section in shell.sections for item in section.items if item.is_current
    ]
    assert current == ["Members"]


def test_lead_nowhere_in_particular_without_a_node(db):
    nobody_in_particular = SimpleNamespace()

    shell = navigation(nobody_in_particular, None, "trash")

    assert (shell.breadcrumbs, _sections(shell)) == ([], {"Yours": ["Home", "Trash"]})


def test_lead_every_address_to_its_own_page():
    """No address of one room hides another room's: they are merged in the order of the rooms."""
    samples = {"slug": "some-slug", "int": "7", "str": "token"}
    for pattern in urlpatterns:
        address = re.sub(r"<(\w+):\w+>", lambda part: samples[part[1]], str(pattern.pattern))

        assert resolve(f"/{address}").func == pattern.callback, address
