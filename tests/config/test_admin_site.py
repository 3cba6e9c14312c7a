"""The staff admin's door, policy, navigation and search."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.factories import OrganizationFactory, UserFactory
from tests.support.proofs import give_factor, note_proof

ADMIN = "/admin/"


def _policy(response):
    directives = response["Content-Security-Policy"].split("; ")
    return dict(directive.partition(" ")[::2] for directive in directives)


@pytest.fixture
def in_production(settings):
    settings.DEBUG = False


@pytest.fixture
def in_development(settings):
    settings.DEBUG = True


@pytest.fixture
def signed_in(client, staff, in_development):
    client.force_login(staff)
    return client


def test_lead_to_the_one_sign_in_page(client, db):
    response = client.get("/admin/auth/", follow=True)

    assert response.redirect_chain[-1] == ("/accounts/login/?next=/admin/auth/", 302)


@pytest.mark.parametrize("path", [ADMIN, "/admin/search/?s=acme", "/admin/nothing/here/"])
def test_refuse_who_is_no_staff_whatever_the_page(client, outsider, path):
    client.force_login(outsider)

    assert client.get(path).status_code == 403


def test_let_staff_pass(signed_in):
    assert signed_in.get(ADMIN).status_code == 200


def test_demand_a_second_factor_in_production(client, staff, in_production):
    client.force_login(staff)

    response = client.get(ADMIN)

    assert response.status_code == 302
    assert response.url == reverse("mfa_index")


def test_let_staff_with_a_second_factor_pass_in_production(client, staff, in_production):
    give_factor(staff)
    client.force_login(staff)
    note_proof(client, staff)

    assert client.get(ADMIN).status_code == 200


def test_sign_out_through_the_common_door(signed_in):
    response = signed_in.post("/admin/logout/")

    assert response.status_code == 302
    assert "_auth_user_id" not in signed_in.session


def test_change_the_password_on_the_common_page(signed_in):
    response = signed_in.get("/admin/password_change/")

    assert response.url == reverse("account_change_password")


def test_allow_inline_styles_in_the_admin_alone(signed_in):
    inside = _policy(signed_in.get(ADMIN))
    outside = _policy(signed_in.get("/accounts/login/"))

    assert inside["style-src"] == "'self' 'unsafe-inline'"
    assert outside["style-src"] == "'self'"
    assert inside["script-src"] == outside["script-src"] == "'self'"


def test_serve_the_alpine_that_needs_no_eval():
    path = Path(finders.find("unfold/js/alpine/alpine.js"))

    assert "@alpinejs/csp" in path.read_text()[:200]
    assert not re.search(r"new (Async)?Function\b|sourceMappingURL", path.read_text())


def test_show_limited_staff_no_page_that_they_may_not_open(client, in_development, db):
    client.force_login(UserFactory(is_staff=True))

    response = client.get(ADMIN)

    links = re.findall(r'href="(/admin/[^"]+)"', response.content.decode())
    assert {client.get(link).status_code for link in links} <= {200}


def test_find_pages_and_rows_in_the_palette(signed_in):
    OrganizationFactory(name="Harbor", slug="harbor")

    page = signed_in.get("/admin/search/", {"s": "organi"}).content.decode()
    row = signed_in.get("/admin/search/", {"s": "harb"}).content.decode()

    assert "Organizations" in page
    assert "Harbor" in row


def test_answer_a_short_search_with_nothing(signed_in):
    assert "<a" not in signed_in.get("/admin/search/", {"s": "h"}).content.decode()


def test_lead_to_the_list_of_every_model_that_staff_can_open():
    entries = [model_admin.side_bar for model_admin in admin.site._registry.values()]

    assert None not in entries
    assert len({(entry.heading, entry.place) for entry in entries}) == len(entries)
