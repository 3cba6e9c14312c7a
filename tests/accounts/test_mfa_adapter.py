"""Authenticator app, recovery codes and what is kept of them."""

import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
)
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from django.urls import reverse

from accounts.mfa_adapter import SecondFactorAdapter
from config.web.session_life import SIGNED_IN_AT
from tests.factories import PASSWORD, UserFactory
from tests.support.one_time_codes import code_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"
AUTHENTICATE = "/accounts/2fa/authenticate/"


def _code(secret=SECRET):
    return code_of(secret)


@pytest.fixture
def ada(db):
    return UserFactory(email="ada@example.com")


@pytest.fixture
def protected(ada):
    TOTP.activate(ada, SECRET)
    RecoveryCodes.activate(ada)
    return ada


@pytest.fixture
def sign_in_long_ago(client):
    def sign_in_long_ago(user):
        client.force_login(user)
        session = client.session
        session[SIGNED_IN_AT] = time.time() - 60 * 60
        session.save()

    return sign_in_long_ago


def _give_password(client, email="ada@example.com"):
    return client.post(LOGIN, {"login": email, "password": PASSWORD})


def _is_signed_in(client):
    return client.get("/accounts/profile/").status_code == 200


# --- What is kept --------------------------------------------------------------------------------


def test_keep_secrets_encrypted(protected):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()

    assert SECRET not in kept
    assert not any(code in kept for code in codes)


def test_read_what_a_former_secret_key_encrypted(settings):
    settings.SECRET_KEY = "the key of last year, long enough to be one"
    kept = SecondFactorAdapter().encrypt(SECRET)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]

    assert SecondFactorAdapter().decrypt(kept) == SECRET


def test_refuse_to_read_with_another_secret_key(settings):
    kept = SecondFactorAdapter().encrypt(SECRET)
    settings.SECRET_KEY = "another key"
    settings.SECRET_KEY_FALLBACKS = []

    with pytest.raises(InvalidToken):
        SecondFactorAdapter().decrypt(kept)


def test_reseal_with_the_present_key(client, protected, settings):
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]

    call_command("reseal_secrets", stdout=StringIO())

    settings.SECRET_KEY_FALLBACKS = []
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes
    _give_password(client)
    client.post(AUTHENTICATE, {"code": _code()})
    assert _is_signed_in(client)


def test_number_passkeys(ada):
    adapter = SecondFactorAdapter()
    first = adapter.generate_authenticator_name(ada, Authenticator.Type.WEBAUTHN)
    Authenticator.objects.create(user=ada, type=Authenticator.Type.WEBAUTHN, data={})
    second = adapter.generate_authenticator_name(ada, Authenticator.Type.WEBAUTHN)

    assert (first, second) == ("Passkey", "Passkey 2")


# --- Setting up ----------------------------------------------------------------------------------


def test_activate_an_authenticator_app_and_see_recovery_codes(client, ada):
    _give_password(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret

    response = client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    types = Authenticator.objects.filter(user=ada).values_list("type", flat=True)
    assert set(types) == {"totp", "recovery_codes"}
    assert len(response.context["unused_codes"]) == 10


def test_refuse_to_activate_with_a_wrong_code(client, ada):
    _give_password(client)
    client.get("/accounts/2fa/totp/activate/")

    response = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})

    assert response.context["form"].errors
    assert not Authenticator.objects.exists()


def test_name_the_product_to_the_authenticator_app(client, ada):
    _give_password(client)

    url = client.get("/accounts/2fa/totp/activate/").context["totp_url"]

    assert url.startswith("otpauth://totp/ada%40example.com?")
    assert "issuer=Canopy" in url


# --- Signing in ----------------------------------------------------------------------------------


def test_demand_the_second_factor_after_the_password(client, protected):
    response = _give_password(client)

    assert response["Location"] == AUTHENTICATE
    assert not _is_signed_in(client)


def test_sign_in_with_the_code_of_the_app(client, protected):
    _give_password(client)

    client.post(AUTHENTICATE, {"code": _code()})

    assert _is_signed_in(client)


def test_take_each_code_once(client, protected):
    code = _code()
    _give_password(client)
    client.post(AUTHENTICATE, {"code": code})
    client.post("/accounts/logout/")
    _give_password(client)

    client.post(AUTHENTICATE, {"code": code})

    assert not _is_signed_in(client)


def test_sign_in_with_a_recovery_code_once(client, protected):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    _give_password(client)
    client.post(AUTHENTICATE, {"code": code})
    assert _is_signed_in(client)
    client.post("/accounts/logout/")
    _give_password(client)

    client.post(AUTHENTICATE, {"code": code})

    assert not _is_signed_in(client)


def test_limit_guesses_of_the_code(client, protected):
    _give_password(client)
    for _attempt in range(5):
        client.post(AUTHENTICATE, {"code": "000000"})

    response = client.post(AUTHENTICATE, {"code": _code()})

    assert response.context["form"].errors
    assert not _is_signed_in(client)


# --- Taking it back ------------------------------------------------------------------------------


def test_ask_again_before_the_factor_is_taken_away(client, protected, sign_in_long_ago):
    sign_in_long_ago(protected)

    response = client.post("/accounts/2fa/totp/deactivate/")

    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.filter(user=protected).exists()


def test_deactivate_and_forget_the_recovery_codes(client, protected, queued_mails):
    _give_password(client)
    client.post(AUTHENTICATE, {"code": _code()})

    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert queued_mails()[-1]["recipient"] == "ada@example.com"


def test_reauthenticate_with_the_app(client, protected, sign_in_long_ago):
    sign_in_long_ago(protected)

    client.post("/accounts/2fa/reauthenticate/", {"code": _code()})

    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 200


@pytest.mark.parametrize(
    "credential",
    ["", "x", "{}", "[]", '{"id": 1}', "null", '"text"', "1e999", '{"id": "a", "rawId": "b"}'],
)
@pytest.mark.parametrize("page", ["webauthn/add/", "webauthn/login/", "webauthn/reauthenticate/"])
def test_answer_odd_credentials_with_a_sentence(client, ada, page, credential):
    if page != "webauthn/login/":
        _give_password(client)
    client.get(f"/accounts/2fa/{page}")

    response = client.post(f"/accounts/2fa/{page}", {"credential": credential, "name": "Key"})

    assert response.status_code < 500
    assert not Authenticator.objects.exists()
