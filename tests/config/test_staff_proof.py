"""Staff show their second factor again: after 12 hours, and before what lets people in."""

import re
import time
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from config.staff_proof import GUARDED
from config.web.session_life import SIGNED_IN_AT
from tests.factories import PASSWORD, OrganizationFactory, UserFactory
from tests.support.one_time_codes import code_of
from tests.support.proofs import give_factor, note_proof

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PEOPLE = "/admin/accounts/user/"
ORGANIZATIONS = "/admin/hierarchy/organization/"
CODE = "/accounts/2fa/reauthenticate/"
AGAIN = "/accounts/reauthenticate/"
HOUR = 60 * 60
LATE = 16 * 60  # seconds
LATELY = 14 * 60


@pytest.fixture
def enter(client, staff):
    """Return a function that signs staff in who proved their second factor so many seconds ago."""

    def enter(seconds_ago):
        TOTP.activate(staff, SECRET)
        client.force_login(staff)
        note_proof(client, staff, seconds_ago=seconds_ago, type="totp")
        return client

    return enter


def _asked(page, by=CODE):
    """Return the address that asks, with the page to come back to."""
    return f"{by}?next={page}"


def _pages(model_admin):
    """Return every address of what is registered for a model."""
    meta = model_admin.opts
    routes = [str(pattern.pattern) for pattern in model_admin.get_urls()]
    paths = [re.sub(r"<(\w+:)?\w+>", "1", route) for route in routes]
    return [f"/admin/{meta.app_label}/{meta.model_name}/{path}" for path in paths]


def _guarded_pages():
    registered = [a for model, a in admin.site._registry.items() if a.opts.app_label in GUARDED]
    pages = [page for model_admin in registered for page in _pages(model_admin)]
    pages += [f"/admin/{label}/" for label in sorted(GUARDED)]
    assert len(registered) >= 6
    assert len(pages) > 40
    return [*pages, "/admin/accounts/whatever/comes/later/"]


def _ask_all(client, verb):
    send = getattr(client, verb)
    return {page: send(page).headers.get("Location", "") for page in _guarded_pages()}


# --- Which pages, and when -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["get", "post"])
def test_ask_before_every_page_that_decides_who_gets_in(enter, verb):
    client = enter(LATE)

    answers = _ask_all(client, verb)

    assert answers == {page: _asked(page) for page in answers}


def test_ask_nothing_there_after_a_proof_of_the_last_quarter_of_an_hour(enter):
    client = enter(LATELY)

    asked = {page for page, to in _ask_all(client, "get").items() if to.startswith(CODE)}

    assert asked == set()
    assert client.get(PEOPLE).status_code == 200


@pytest.mark.parametrize(("hours", "status"), [(0, 200), (11.9, 200), (12.1, 302), (24 * 13, 302)])
@pytest.mark.parametrize("page", ["/admin/", ORGANIZATIONS])
def test_ask_in_the_whole_admin_after_twelve_hours(enter, page, hours, status):
    response = enter(hours * HOUR).get(page)

    assert response.status_code == status
    assert status == 200 or response.url == _asked(page)


def test_ask_whoever_has_shown_none_in_this_session(client, staff):
    client.force_login(staff)
    give_factor(staff)

    assert client.get(ORGANIZATIONS).url == _asked(ORGANIZATIONS)


def test_take_no_password_for_a_second_factor(client, staff):
    client.force_login(staff)
    give_factor(staff)
    note_proof(client, staff, "password", reauthenticated=True)

    assert client.get(PEOPLE).url == _asked(PEOPLE)
    response = client.post(AGAIN, {"password": PASSWORD, "next": PEOPLE})
    assert unquote(response.url) == _asked(PEOPLE)
    assert b"Use your password" not in client.get(response.url).content


def test_offer_the_password_elsewhere(client, staff):
    client.force_login(staff)
    give_factor(staff)

    assert client.get(_asked("/", by=AGAIN)).status_code == 200


def test_take_no_proof_of_somebody_else(client, staff):
    client.force_login(staff)
    give_factor(staff)
    note_proof(client, UserFactory())

    assert client.get(ORGANIZATIONS).url == _asked(ORGANIZATIONS)


@pytest.mark.parametrize("page", ["logout/", "password_change/", "jsi18n/"])
def test_ask_nothing_where_nothing_is_shown(enter, page):
    response = enter(24 * HOUR).post(f"/admin/{page}")

    assert CODE not in response.headers.get("Location", "")


def test_lead_the_others_where_they_belong_first(client, outsider):
    assert client.get(PEOPLE).url == f"/accounts/login/?next={PEOPLE}"
    client.force_login(outsider)

    assert client.get(PEOPLE).status_code == 403


# --- How, and back -------------------------------------------------------------------------------


def test_come_back_to_the_page_after_the_code(enter):
    client = enter(LATE)
    page = f"{PEOPLE}?q=staff"
    asked = client.get(page).url

    response = client.post(asked, {"code": code_of(SECRET)}, follow=True)

    assert response.redirect_chain == [(page, 302)]
    assert response.status_code == 200


def test_stay_where_one_is_after_a_wrong_code(enter):
    client = enter(LATE)

    client.post(_asked(PEOPLE), {"code": "000000"})

    assert client.get(PEOPLE).status_code == 302


def test_come_back_after_a_recovery_code(enter, staff):
    client = enter(LATE)
    code = RecoveryCodes.activate(staff).get_unused_codes()[0]

    client.post(_asked(PEOPLE), {"code": code})

    assert client.get(PEOPLE).status_code == 200


def test_ask_for_the_passkey_where_there_is_no_app(client, staff):
    Authenticator.objects.create(user=staff, type=Authenticator.Type.WEBAUTHN, data={})
    client.force_login(staff)

    assert client.get(PEOPLE).url == _asked(PEOPLE, by="/accounts/2fa/webauthn/reauthenticate/")


def test_demand_of_passkeys_that_they_know_their_owner(client, staff):
    client.force_login(staff)
    note_proof(client, staff, "password", reauthenticated=True)

    page = client.get(reverse("mfa_add_webauthn"))

    selection = page.context["js_data"]["creation_options"]["publicKey"]["authenticatorSelection"]
    assert selection["userVerification"] == "required"


def test_change_nothing_and_say_so_when_a_form_comes_too_late(enter):
    client = enter(LATE)
    page = "http://testserver/admin/auth/group/add/?a=1"

    response = client.post("/admin/auth/group/add/", {"name": "New"}, headers={"Referer": page})

    assert response.url == _asked("/admin/auth/group/add/%3Fa%3D1")
    assert "Nothing was changed." in client.get(response.url).content.decode()
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    "page", ["https://elsewhere.example/admin/", "//elsewhere.example", "\x00"]
)
def test_come_back_to_no_page_of_others(enter, page):
    response = enter(LATE).post("/admin/auth/group/add/", headers={"Referer": page})

    assert response.url == _asked("/admin/auth/group/add/")


def test_lead_the_whole_page_there_from_a_part_of_it(enter):
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{ORGANIZATIONS}"}

    response = enter(13 * HOUR).get("/admin/search/?s=acme", headers=headers)

    assert response["HX-Redirect"] == _asked(ORGANIZATIONS)


# --- Rows of guarded pages elsewhere -------------------------------------------------------------


def test_leave_people_out_of_the_palette_until_there_is_a_proof(enter, staff):
    UserFactory(email="harbor@example.com")
    OrganizationFactory(name="Harbor", slug="harbor")
    client = enter(LATE)

    before = client.get("/admin/search/", {"s": "harbor"}).content.decode()
    note_proof(client, staff)
    after = client.get("/admin/search/", {"s": "harbor"}).content.decode()

    assert f"{ORGANIZATIONS}" in before
    assert f"{ORGANIZATIONS}" in after
    assert [PEOPLE in before, "until you confirm it's you" in before] == [False, True]
    assert [PEOPLE in after, "until you confirm it's you" in after] == [True, False]


def test_offer_no_people_to_a_field_until_there_is_a_proof(enter, staff):
    UserFactory(email="harbor@example.com", first_name="Harbor", last_name="")
    client = enter(LATE)
    field = {"app_label": "hierarchy", "model_name": "membership", "field_name": "user"}
    query = field | {"term": "harbor"}

    (before,) = client.get("/admin/autocomplete/", query).json()["results"]
    note_proof(client, staff)
    (after,) = client.get("/admin/autocomplete/", query).json()["results"]

    assert (before["disabled"], "Harbor" in before["text"]) == (True, False)
    assert after["text"] == "Harbor"


@pytest.mark.parametrize(
    "field", [{}, {"app_label": "x"}, {"app_label": "hierarchy", "model_name": "x.y"}]
)
def test_refuse_fields_that_there_are_not_as_ever(enter, field):
    assert enter(LATE).get("/admin/autocomplete/", field).status_code in (400, 403)


# --- In development ------------------------------------------------------------------------------


@pytest.fixture
def enter_development(client, staff, settings):
    settings.DEBUG = True

    def enter_development(seconds_ago):
        client.force_login(staff)
        session = client.session
        session[SIGNED_IN_AT] = time.time() - seconds_ago
        session.save()
        return client

    return enter_development


def test_be_content_in_development_with_a_sign_in_without_factor(enter_development):
    client = enter_development(LATELY)

    assert [client.get(page).status_code for page in (ORGANIZATIONS, PEOPLE)] == [200, 200]


def test_ask_for_the_password_in_development_where_there_is_no_factor(enter_development):
    client = enter_development(LATE)
    assert client.get(ORGANIZATIONS).status_code == 200
    asked = client.get(PEOPLE).url
    assert asked == _asked(PEOPLE, by=AGAIN)

    response = client.post(asked, {"password": PASSWORD}, follow=True)

    assert response.redirect_chain == [(PEOPLE, 302)]
    assert response.status_code == 200


def test_ask_for_the_factor_in_development_where_there_is_one(enter_development, staff):
    give_factor(staff)

    assert enter_development(LATELY).get(PEOPLE).url == _asked(PEOPLE)
