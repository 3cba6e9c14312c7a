"""What was deleted, and bringing it back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.roles import Role
from tests.factories import ApplicationFactory, MembershipFactory, WorkspaceFactory
from tests.support.acting import nodes


def _listed(response):
    return {
        str(title): [row.name for row in page.rows] for _l, title, page in response.context["lists"]
    }


def _restore(node):
    return reverse("console:restore", kwargs={"level": node.level, "pk": node.pk})


@pytest.fixture(params=["acme", "shop", "development"])
def deleted(request, tree, owner):
    return nodes.delete(getattr(tree, request.param), by=owner)


def test_list_what_one_may_bring_back(sign_in, owner, deleted):
    response = sign_in(owner).get("/trash/")

    assert list(_listed(response).values()) == [[deleted.name]]
    assert _restore(deleted) in response.content.decode()


def test_list_nothing_that_one_could_not_delete(sign_in, manager, deleted):
    response = sign_in(manager).get("/trash/")

    assert _listed(response) == {}
    assert "The trash is empty" in response.content.decode()


def test_restore_brings_it_back(sign_in, owner, deleted):
    response = sign_in(owner).post(_restore(deleted), follow=True)

    deleted.refresh_from_db()
    assert deleted.deleted_at is None
    assert "has been restored, along with everything in it." in response.content.decode()
    assert response.redirect_chain == [(node_url(deleted), 302)]


def test_restore_is_hidden_from_who_could_not_delete(sign_in, manager, deleted):
    assert sign_in(manager).post(_restore(deleted)).status_code == 404


def test_restore_says_why_not(sign_in, owner, tree):
    deleted = nodes.delete(tree.development, by=owner)
    ApplicationFactory(workspace=tree.shop, name="Web", slug="other")

    response = sign_in(owner).post(_restore(deleted), follow=True)

    assert "now has that name" in response.content.decode()
    assert response.redirect_chain == [("/trash/", 302)]


def test_restore_is_too_late_after_thirty_days(sign_in, owner, tree):
    tree.shop.deleted_at = timezone.now() - timedelta(days=31)
    tree.shop.save()

    assert sign_in(owner).post(_restore(tree.shop)).status_code == 404


def test_restore_knows_only_three_levels(sign_in, owner, tree):
    assert sign_in(owner).post("/trash/planet/1/restore/").status_code == 404


def test_let_an_owner_of_a_workspace_restore_its_applications(sign_in, outsider, owner, tree):
    MembershipFactory(user=outsider, node=tree.shop, role=Role.OWNER)
    nodes.delete(tree.development, by=owner)
    nodes.delete(tree.press, by=owner)

    assert _listed(sign_in(outsider).get("/trash/")) == {"Applications": ["Web"]}


def test_page_through_the_list_of_one_level(sign_in, owner, tree):
    now = timezone.now()
    WorkspaceFactory.create_batch(60, organization=tree.acme, deleted_at=now, deleted_by=owner)
    client = sign_in(owner)

    ((_level, _title, first),) = client.get("/trash/").context["lists"]
    ((_level, _title, second),) = client.get(first.next_url).context["lists"]

    assert (len(first.rows), len(second.rows)) == (50, 10)


def test_cost_the_same_for_one_and_for_many(sign_in, owner, tree, django_assert_max_num_queries):
    client = sign_in(owner)
    with django_assert_max_num_queries(30) as few:
        client.get("/trash/")
    WorkspaceFactory.create_batch(
        30, organization=tree.acme, deleted_at=timezone.now(), deleted_by=owner
    )

    with django_assert_max_num_queries(len(few)):
        client.get("/trash/")
