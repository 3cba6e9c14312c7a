from datetime import timedelta

import pytest
from django.utils import timezone

from hierarchy.models import FormerSlug
from hierarchy.nodes.actions.slugs import Scope
from hierarchy.roles import Level
from tests.factories import ApplicationFactory, OrganizationFactory, WorkspaceFactory
from tests.support.acting import slugs
from tests.support.refusals import refused


def test_problem_knows_what_is_taken_in_the_scope_only(tree):
    other = OrganizationFactory()
    environment = "production"

    assert (
        slugs.reason_against("shop", Scope(Level.WORKSPACE, tree.acme))
        == "“shop” is already taken."
    )
    assert slugs.reason_against("shop", Scope(Level.WORKSPACE, other)) == ""
    assert slugs.reason_against("shop", Scope(Level.ORGANIZATION)) == ""
    in_shop = Scope(Level.APPLICATION, tree.acme, tree.shop, environment)
    assert slugs.reason_against("web", in_shop) == "“web” is already taken."
    assert (
        slugs.reason_against("web", Scope(Level.APPLICATION, tree.acme, tree.shop, "staging")) == ""
    )
    assert (
        slugs.reason_against("web", Scope(Level.APPLICATION, tree.acme, tree.press, environment))
        == ""
    )


def test_problem_counts_deleted_nodes(tree):
    WorkspaceFactory(organization=tree.acme, slug="gone", deleted_at=timezone.now())

    assert slugs.reason_against("gone", Scope(Level.WORKSPACE, tree.acme)) != ""


@pytest.mark.parametrize("slug", ["admin", "A B", "-a", "a-", "a--b", "a", "x" * 61, "ä" * 3, ""])
def test_problem_refuses_what_is_no_slug(db, slug):
    assert slugs.reason_against(slug, Scope(Level.ORGANIZATION)) != ""


@pytest.mark.parametrize(("days", "is_free"), [(89, False), (91, True)])
def test_former_slugs_are_kept_for_ninety_days(tree, days, is_free):
    given_up = timezone.now() - timedelta(days=days)
    for node in (tree.acme, tree.shop, tree.production):
        slugs.retire(node, "former")
        FormerSlug.objects.update(retired_at=given_up)
        scope = slugs.scope_of(node)

        assert (slugs.reason_against("former", scope) == "") is is_free
        assert slugs.reason_against("former", scope, besides=node) == ""


def test_suggest_counts_up(tree):
    WorkspaceFactory(organization=tree.acme, slug="shop-2")
    scope = Scope(Level.WORKSPACE, tree.acme)

    assert slugs.suggest("shop", scope) == "shop-3"
    assert slugs.suggest("store", scope) == "store"
    assert slugs.suggest("", scope) == ""


def test_suggest_for_a_slug_of_full_length(tree):
    slug = f"{'a' * 56}-bcd"
    WorkspaceFactory(organization=tree.acme, slug=slug)

    assert slugs.suggest(slug, Scope(Level.WORKSPACE, tree.acme)) == f"{'a' * 56}-2"


def test_claim_takes_back_a_slug_of_ones_own(tree):
    slugs.retire(tree.shop, "store")
    scope = slugs.scope_of(tree.shop)

    with refused("slug", "slug"):
        slugs.claim("store", scope)
    assert slugs.claim("Store", scope, besides=tree.shop) == "store"
    assert not FormerSlug.objects.exists()


def test_retired_slug_of_an_application_is_of_its_environment(tree):
    slugs.retire(tree.production, "old")
    staging = ApplicationFactory(workspace=tree.shop, environment="staging")

    assert slugs.reason_against("old", slugs.scope_of(staging)) == ""
    assert (
        slugs.reason_against("old", Scope(Level.APPLICATION, tree.acme, tree.shop, "production"))
        != ""
    )
