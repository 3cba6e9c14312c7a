import json

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from hierarchy.console import lookup
from hierarchy.models import Application, Environment, Organization, Workspace
from hierarchy.refusals import NotAllowed
from hierarchy.roles import CHANGE, VIEW
from tests.support.acting import nodes

PATHS = {
    "acme": {"organization": "acme"},
    "shop": {"organization": "acme", "workspace": "shop"},
    "production": {
        "organization": "acme",
        "workspace": "shop",
        "application": "web",
        "environment": "production",
    },
}


@pytest.mark.parametrize("name", PATHS)
def test_get_node_returns_what_one_may_do(tree, owner, name):
    assert lookup.get_node(owner, PATHS[name], to=CHANGE) == getattr(tree, name)


@pytest.mark.parametrize("name", PATHS)
def test_get_node_hides_what_one_may_not_see(tree, outsider, name):
    with pytest.raises(Http404) as hidden:
        lookup.get_node(outsider, PATHS[name], to=VIEW)
    with pytest.raises(Http404) as absent:
        lookup.get_node(outsider, PATHS[name] | {"organization": "never"}, to=VIEW)
    assert str(hidden.value) == str(absent.value)


@pytest.mark.parametrize("name", PATHS)
def test_get_node_names_what_is_missing(tree, viewer, name):
    with pytest.raises(NotAllowed) as refused:
        lookup.get_node(viewer, PATHS[name], to=CHANGE)

    assert refused.value.permission == f"change_{getattr(tree, name).level}"


@pytest.mark.parametrize(
    "changes",
    [
        {"workspace": "press"},
        {"environment": "staging"},
        {"environment": "nowhere"},
        {"application": "never"},
        {"organization": "organization-0"},
    ],
)
def test_get_node_finds_nothing_by_a_mixed_path(tree, owner, changes):
    with pytest.raises(Http404):
        lookup.get_node(owner, PATHS["production"] | changes, to=VIEW)


def test_get_node_follows_former_slugs_only_for_who_sees_the_node(tree, owner, guest, outsider):
    nodes.edit(tree.acme, by=owner, slug="acme-2")
    nodes.edit(tree.shop, by=owner, slug="store")

    for person in (owner, guest):
        with pytest.raises(lookup.Moved) as moved:
            lookup.get_node(person, PATHS["production"], to=VIEW)
        assert moved.value.node == tree.production
    with pytest.raises(Http404):
        lookup.get_node(outsider, PATHS["production"], to=VIEW)
    with pytest.raises(Http404):
        lookup.get_node(guest, PATHS["acme"], to=VIEW)


def _pages_read(path):
    """Return how many pages of the database it takes to find what is at `path`."""
    with CaptureQueriesContext(connection) as queries:
        lookup._find(None, path)
    (query,) = queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query['sql']}")
        (plan,) = cursor.fetchone()
    plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.parametrize("name", PATHS)
def test_find_a_node_however_much_there_is_beside_it(tree, name):
    before = _pages_read(PATHS[name])
    more = [Organization(name=f"O {n}", slug=f"organization-{n}") for n in range(500)]
    Organization.objects.bulk_create(more)
    acme = tree.acme
    workspaces = Workspace.objects.bulk_create(
        Workspace(organization=acme, name=f"W {n}", slug=f"workspace-{n}") for n in range(400)
    )
    Application.objects.bulk_create(
        Application(
            organization=acme,
            workspace=workspace,
            name=f"A {workspace.slug}",
            slug=f"a-{workspace.slug}",
            environment=environment,
        )
        for workspace in workspaces
        for environment in Environment
    )
    beside = {"organization": acme, "workspace": tree.shop, "environment": "production"}
    Application.objects.bulk_create(
        Application(**beside, name=f"B {n}", slug=f"beside-{n}") for n in range(200)
    )
    with connection.cursor() as cursor:
        for table in ("organization", "workspace", "application"):
            cursor.execute(f"ANALYZE hierarchy_{table}")

    assert _pages_read(PATHS[name]) <= max(2 * before, 5)  # a larger index is one level deeper
