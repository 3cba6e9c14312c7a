"""Passkeys, second factors and the theme in a real browser, with its virtual authenticator."""

from itertools import count

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from playwright.sync_api import expect

from tests.browser.conftest import findings, wrong_in_turn
from tests.factories import PASSWORD, UserFactory
from tests.support.one_time_codes import code_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_rate_limits(db):
    cache.clear()


@pytest.fixture(autouse=True)
def insecure_origin(settings):
    """Let passkeys work on http://localhost, as DEBUG does."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


@pytest.fixture
def ada(db):
    return UserFactory(email="ada@example.com")


@pytest.fixture
def add_authenticator(open_page):
    """Return a function that gives the browser a device that knows its owner's finger.

    It returns the device's session, with whose end the device is gone, and its id.
    """
    sessions = []

    def add_authenticator(page):
        sessions.append(page.context.new_cdp_session(page))
        return sessions[-1], _add_authenticator(sessions[-1])

    yield add_authenticator
    for session in sessions:
        session.detach()


def _add_authenticator(device):
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    answer = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return answer["authenticatorId"]


def give_password(page, live_server):
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page, live_server):
    page.goto(f"{live_server.url}/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("main")).to_contain_text("You've signed out.")


def add_passkey(page, live_server):
    page.goto(f"{live_server.url}/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def test_sign_in_with_a_passkey_alone(live_server, open_page, add_authenticator, ada):
    page = open_page()
    add_authenticator(page)
    give_password(page, live_server)
    add_passkey(page, live_server)
    sign_out(page, live_server)

    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()

    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/")
    expect(page.get_by_role("main")).to_contain_text("Laptop")
    expect(page.get_by_role("main")).to_contain_text("Passwordless")


def test_show_a_passkey_after_the_password(live_server, open_page, add_authenticator, ada):
    page = open_page()
    add_authenticator(page)
    give_password(page, live_server)
    add_passkey(page, live_server)
    sign_out(page, live_server)

    give_password(page, live_server)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.get_by_role("button", name="Use a passkey").click()

    page.wait_for_url(f"{live_server.url}/")


def test_say_that_the_passkey_was_not_used(live_server, open_page, add_authenticator, ada):
    page = open_page()
    device, authenticator = add_authenticator(page)
    give_password(page, live_server)
    add_passkey(page, live_server)
    sign_out(page, live_server)
    device.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False}
    )

    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.locator("#toasts")).to_contain_text("The passkey wasn't used")


def test_rename_and_remove_a_passkey(live_server, open_page, add_authenticator, ada):
    page = open_page()
    add_authenticator(page)
    give_password(page, live_server)
    add_passkey(page, live_server)

    key = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/keys/{key.pk}/edit/")
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_role("main")).to_contain_text("Old laptop")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    page.get_by_role("button", name="Remove passkey").click()

    expect(page.get_by_role("main")).to_contain_text("No passkeys yet")
    assert not Authenticator.objects.exists()


def test_find_nothing_wrong_on_pages_of_factors(live_server, open_page, add_authenticator, ada):
    page = open_page()
    add_authenticator(page)
    wrong = {}
    numbers = count()

    def look(name, path=None):
        if path:
            page.goto(f"{live_server.url}/accounts/{path}")
        if found := wrong_in_turn(page, next(numbers)):
            wrong[name] = found

    give_password(page, live_server)
    look("activate", "2fa/totp/activate/")
    secret = page.locator("code").first.inner_text()
    page.get_by_label("code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    look("recovery codes")
    look("new recovery codes", "2fa/recovery-codes/generate/")
    look("no passkeys", "2fa/webauthn/")
    look("add a passkey", "2fa/webauthn/add/")
    page.get_by_role("button", name="Add passkey").click()
    page.wait_for_url("**/2fa/")
    look("factors")
    look("passkeys", "2fa/webauthn/")
    key = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    look("rename", f"2fa/webauthn/keys/{key.pk}/edit/")
    look("remove", f"2fa/webauthn/keys/{key.pk}/remove/")
    look("remove the app", "2fa/totp/deactivate/")
    look("password again", "reauthenticate/")
    look("code again", "2fa/reauthenticate/")
    look("passkey again", "2fa/webauthn/reauthenticate/")
    look("sign out", "logout/")
    sign_out(page, live_server)
    give_password(page, live_server)
    look("second factor")

    assert wrong == {}


def test_find_nothing_wrong_before_signing_in(live_server, open_page, db):
    page = open_page()
    paths = ["password/reset/done/", "password/reset/key/1-x/", "password/reset/key/done/"]
    wrong = {}
    for number, path in enumerate([*paths, "inactive/"]):
        page.goto(f"{live_server.url}/accounts/{path}")
        if found := wrong_in_turn(page, number):
            wrong[path] = found
    page.goto(f"{live_server.url}/accounts/signup/")
    page.get_by_label("First name").fill("New")
    page.get_by_label("E-mail address").fill("new@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your e-mail address")
    if found := findings(page):
        wrong["code"] = found

    assert wrong == {}


def test_keep_the_theme_of_the_profile_on_this_device(live_server, open_page, ada):
    page = open_page()
    give_password(page, live_server)
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/accounts/profile/")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Save profile").click()

    expect(page.get_by_role("main")).to_contain_text("Theme changed to Dark.")
    expect(page.locator("html")).to_have_class("js dark")
    page.goto(f"{live_server.url}/")
    expect(page.locator("html")).to_have_class("js dark")
