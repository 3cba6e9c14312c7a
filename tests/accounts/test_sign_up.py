"""Signing up: openly, by invitation, and by an address that has an account already."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth.hashers import MD5PasswordHasher
from django.urls import reverse

from accounts.forms import SignupForm
from accounts.models import User
from tests.factories import PASSWORD, InvitationFactory, UserFactory

SIGN_UP = reverse("account_signup")


def form(**fields):
    return {"first_name": "New", "email": "new@example.com", "password1": PASSWORD} | fields


def test_sign_up_asks_for_the_code_that_was_mailed(client, queued_mails, newest_code):
    answer = client.post(SIGN_UP, form())

    assert answer.url == reverse("account_email_verification_sent")
    assert [mail["recipient"] for mail in queued_mails()] == ["new@example.com"]
    answer = client.post(answer.url, {"code": newest_code()})
    assert answer.url == "/"
    assert EmailAddress.objects.get(email="new@example.com").verified
    assert client.get("/").wsgi_request.user.get_full_name() == "New"


def test_sign_up_refuses_a_wrong_code(client):
    client.post(SIGN_UP, form())

    client.post(reverse("account_email_verification_sent"), {"code": "WRONG-1"})

    assert not EmailAddress.objects.get(email="new@example.com").verified


def test_sign_up_stores_the_canonical_address(client):
    asked = client.post(SIGN_UP, form(email="  NEW@EXÄMPLE.com "))
    client.post(SIGN_UP, form(email=asked.context["form"]["email"].value()))

    assert User.objects.get().email == "new@xn--exmple-cua.com"


def test_sign_up_with_a_known_address_tells_only_its_owner(client, queued_mails):
    UserFactory(email="known@example.com")
    unknown = client.post(SIGN_UP, form())
    client.logout()
    known = client.post(SIGN_UP, form(email="KNOWN@example.com"))

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert User.objects.filter(email="known@example.com").count() == 1
    assert "account" in queued_mails()[-1]["subject"]


def test_sign_up_refuses_weak_and_endless_passwords(client):
    for password in ("short", "password12345", "x1" * 100):
        answer = client.post(SIGN_UP, form(password1=password))

        assert answer.context["form"].errors["password1"]
    assert not User.objects.exists()


def test_sign_up_refuses_bad_names_and_addresses(client):
    for field, value in [
        ("first_name", "x" * 61),
        ("first_name", "a\u202eb"),
        ("email", "a@[127.0.0.1]"),
        ("email", '"a b"@example.com'),
        ("email", f"{'a' * 65}@example.com"),
    ]:
        answer = client.post(SIGN_UP, form(**{field: value}))

        assert list(answer.context["form"].errors) == [field]


def test_sign_up_is_closed_where_people_need_an_invitation(client, settings):
    settings.SIGNUP = "invited"

    answer = client.post(SIGN_UP, form())

    assert "By invitation only" in answer.content.decode()
    assert not User.objects.exists()


def open_invitation(client, **fields):
    invitation = InvitationFactory(token="secret", email="new@example.com", **fields)
    client.get(reverse("console:invitation-open", kwargs={"token": "secret"}), follow=True)
    return invitation


def test_invited_person_signs_up_without_a_code(client, settings, queued_mails):
    settings.SIGNUP = "invited"
    open_invitation(client)

    answer = client.post(SIGN_UP, form(email="other@example.com"))

    assert answer.url == reverse("console:invitation-detail")
    address = EmailAddress.objects.get(email="new@example.com")
    assert address.verified
    assert queued_mails() == []


def test_copied_link_still_asks_for_a_code(client, newest_code):
    open_invitation(client, proves_address=False)

    answer = client.post(SIGN_UP, form())

    assert not EmailAddress.objects.get(email="new@example.com").verified
    answer = client.post(answer.url, {"code": newest_code()})
    assert answer.url == reverse("console:invitation-detail")
    assert EmailAddress.objects.get(email="new@example.com").verified


def test_revoked_invitation_opens_nothing(client, settings):
    settings.SIGNUP = "invited"
    invitation = open_invitation(client)
    client.get(reverse("console:invitation-detail"))
    invitation.token_hash = "other"
    invitation.save()

    client.get(reverse("console:invitation-detail"))

    assert client.get(SIGN_UP).status_code == 200


class CountingHasher(MD5PasswordHasher):
    """Counts what takes nearly all the time of signing up in production."""

    hashed = 0

    def encode(self, *args):
        type(self).hashed += 1
        return super().encode(*args)


def test_sign_up_answers_alike_whoever_has_the_address(client, settings):
    UserFactory(email="known@example.com")
    settings.PASSWORD_HASHERS = ["tests.accounts.test_sign_up.CountingHasher"]
    pages = []
    hashed = []

    for email in ("known@example.com", "fresh@example.com"):
        CountingHasher.hashed = 0
        visitor = type(client)()
        page = visitor.post(SIGN_UP, form(email=email), follow=True)
        pages.append(page.content.decode().replace(email, ""))
        hashed.append(CountingHasher.hashed)

    token = r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"'
    assert re.sub(token, "", pages[0]) == re.sub(token, "", pages[1])
    assert hashed[0] == hashed[1]


def test_two_people_at_once_make_one_account(client, queued_mails):
    """What the slower one of two finds: the address was free when the form looked."""
    request = client.get(SIGN_UP).wsgi_request
    with context.request_context(request):
        late = SignupForm(form())
        assert late.is_valid()
        UserFactory(email="new@example.com")

        user, response = late.try_save(request)

    assert user is None
    assert response.url == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert "already" in queued_mails()[-1]["subject"]


def test_sign_up_is_closed_without_mail(client, settings):
    settings.MAIL_ENABLED = False

    assert "By invitation only" in client.get(SIGN_UP).content.decode()


@pytest.mark.parametrize("target", ["", "/trash/"])
def test_nothing_of_the_invitation_is_left_in_the_session(client, target):
    open_invitation(client)

    client.post(SIGN_UP, form() | ({"next": target} if target else {}))

    left = {"invited_email", "account_verified_email", "after_sign_in"} & set(client.session.keys())
    assert left == set()


def test_invited_person_with_an_account_comes_back_to_the_invitation(client):
    UserFactory(email="new@example.com")
    open_invitation(client)

    answer = client.post(
        reverse("account_login"), {"login": "new@example.com", "password": PASSWORD}
    )

    assert answer.url == reverse("console:invitation-detail")


def test_where_to_go_is_never_outside(client):
    UserFactory(email="new@example.com")
    session = client.session
    session["after_sign_in"] = "https://evil.example/"
    session.save()

    answer = client.post(
        reverse("account_login"), {"login": "new@example.com", "password": PASSWORD}
    )

    assert answer.url == "/"
