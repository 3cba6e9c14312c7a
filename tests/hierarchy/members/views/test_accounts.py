"""Closing one's account."""

import pytest

from accounts.models import User
from hierarchy.console.navigation import node_url
from hierarchy.models import Membership

URL = "/accounts/close/"


@pytest.fixture
def close(sign_in, give_password):
    """Return a function that signs `user` in with a fresh password and posts the form."""

    def close(user, typed):
        client = sign_in(user)
        give_password(user)
        return client.post(URL, {"confirmation": typed})

    return close


def test_close_asks_for_the_password_first(sign_in, viewer):
    response = sign_in(viewer).get(URL)

    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]


def test_close_says_what_happens(sign_in, give_password, viewer):
    client = sign_in(viewer)
    give_password(viewer)

    page = client.get(URL).content.decode()

    assert "lose 1 membership" in page


def test_close_erases_signs_out_and_says_goodbye(close, client, viewer):
    response = close(viewer, " Viewer@Example.com")

    viewer.refresh_from_db()
    assert response["Location"] == "/"
    assert (viewer.is_active, viewer.first_name) == (False, "")
    assert not Membership.objects.filter(user=viewer).exists()
    assert "_auth_user_id" not in client.session
    assert "Goodbye" in client.get("/").content.decode()


@pytest.mark.parametrize("typed", ["", "viewer", "owner@example.com"])
def test_close_refuses_another_address(close, viewer, typed):
    response = close(viewer, typed)

    assert response.context["form"].errors["confirmation"]
    assert User.objects.get(pk=viewer.pk).is_active


def test_close_names_what_would_lose_its_last_owner(close, tree):
    first = User.objects.get(email="first@example.com")

    response = close(first, first.email)

    page = response.content.decode()
    assert "Acme" in page
    assert f'href="{node_url(tree.acme, "ownership")}"' in page
    first.refresh_from_db()
    assert (first.is_active, first.memberships.count()) == (True, 1)


def test_close_asks_visitors_to_sign_in(client, db):
    assert "/accounts/login/" in client.get(URL)["Location"]
