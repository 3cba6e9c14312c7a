"""Redirects that answer a request of HTMX."""

import pytest

from hierarchy.console.navigation import node_url
from hierarchy.roles import Role
from tests.factories import MembershipFactory

HTMX = {"HX-Request": "true"}


def test_htmx_leads_the_page_to_the_password(client, owner, tree):
    other = MembershipFactory(node=tree.acme, role=Role.OWNER)
    client.force_login(owner)
    session = client.session
    session["signed_in_at"] -= 60 * 60
    session.pop("account_authentication_methods", None)
    session.save()

    response = client.post(node_url(tree.acme, "membership-remove", pk=other.pk), headers=HTMX)

    assert response.status_code == 200
    assert response["HX-Redirect"].startswith("/accounts/reauthenticate/")


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/o/acme/?q=a", "/o/acme/%3Fq%3Da"),
        ("https://elsewhere.example/", "/o/acme/members/"),
    ],
)
def test_htmx_leads_to_the_sign_in_and_back_to_the_page(client, tree, page, back):
    response = client.get("/o/acme/members/", headers=HTMX | {"HX-Current-URL": page})

    assert response.status_code == 200
    assert response["HX-Redirect"] == f"/accounts/login/?next={back}"


@pytest.mark.parametrize("headers", [{}, HTMX | {"HX-Boosted": "true"}])
def test_other_requests_are_redirected_as_ever(client, tree, headers):
    response = client.get("/o/acme/members/", headers=headers)

    assert response.status_code == 302
    assert "HX-Redirect" not in response
