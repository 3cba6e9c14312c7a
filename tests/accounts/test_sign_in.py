"""Signing in, staying signed in, and what ends it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
)
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import former_addresses
from accounts.devices import described
from accounts.models import User
from tests.factories import PASSWORD, UserFactory
from tests.support.one_time_codes import code_of

LOGIN = reverse("account_login")


@pytest.fixture
def person(db):
    return UserFactory(email="person@example.com")


def sign_in(client, email="person@example.com", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password} | more)


def test_sign_in_takes_any_spelling_of_the_address(client, person):
    assert sign_in(client, " PERSON@Example.com ").url == "/"


def test_sign_in_gives_the_session_a_new_key(client, person):
    client.get(reverse("console:home"))
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key

    sign_in(client)

    assert client.session.session_key != before


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example"])
def test_sign_in_never_leads_outside(client, person, target):
    assert sign_in(client, next=target).url == "/"


def test_sign_in_answers_alike_whoever_it_is(client, person):
    UserFactory(email="inactive@example.com", is_active=False)
    answers = {
        sign_in(client, email, "wrong password here").context["form"].non_field_errors()[0]
        for email in ("person@example.com", "nobody@example.com", "inactive@example.com")
    }

    assert len(answers) == 1


def test_sixth_failure_is_limited(client, person):
    for _attempt in range(5):
        sign_in(client, password="wrong password here")

    answer = sign_in(client)

    assert "_auth_user_id" not in client.session
    assert "Too many failed" in answer.content.decode()


def test_deactivated_person_is_out_at_the_next_request(client, person):
    sign_in(client)
    person.is_active = False
    person.save()

    assert client.get("/accounts/profile/").status_code == 302


def test_sign_out_needs_a_post(client, person):
    sign_in(client)

    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_new_password_ends_other_sessions(client, person, django_user_model):
    other = type(client)()
    sign_in(other)
    sign_in(client)

    fields = {"oldpassword": PASSWORD, "password1": "another good password"}
    client.post(reverse("account_change_password"), fields | {"password2": fields["password1"]})

    assert other.get("/accounts/profile/").status_code == 302


def test_reset_link_works_once(client, person, queued_mails):
    client.post(reverse("account_reset_password"), {"email": "PERSON@example.com"})
    link = next(line for line in queued_mails()[-1]["text"].split() if "/reset/key/" in line)
    path = link.removeprefix("http://localhost:8000")
    form = client.get(path, follow=True)
    new = {"password1": "another good password", "password2": "another good password"}
    client.post(form.request["PATH_INFO"], new)

    assert sign_in(client, password="another good password").url == "/"
    again = type(client)().get(path, follow=True)
    assert "password1" not in again.content.decode()


def test_reset_link_dies_with_the_account(client, person, queued_mails):
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = next(line for line in queued_mails()[-1]["text"].split() if "/reset/key/" in line)
    person.is_active = False
    person.save()

    page = client.get(link.removeprefix("http://localhost:8000"), follow=True)

    assert "password1" not in page.content.decode()


def test_reset_answers_alike_for_an_unknown_address(client, person, queued_mails):
    url = reverse("account_reset_password")
    known = client.post(url, {"email": person.email})
    unknown = client.post(url, {"email": "nobody@example.com"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_reset_link_ignores_the_host_of_the_request(client, person, queued_mails, settings):
    settings.ALLOWED_HOSTS = ["evil.example", "testserver"]
    client.post(
        reverse("account_reset_password"), {"email": person.email}, headers={"host": "evil.example"}
    )

    assert "evil.example" not in queued_mails()[-1]["text"]


def test_new_address_counts_once_its_code_is_entered(client, person, newest_code):
    sign_in(client)

    client.post(reverse("account_email"), {"email": "next@example.com", "action_add": ""})
    person.refresh_from_db()
    assert person.email == "person@example.com"
    client.post(reverse("account_email_verification_sent"), {"code": newest_code()})

    person.refresh_from_db()
    assert person.email == "next@example.com"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["next@example.com"]


def test_second_factor_is_asked_for(client, person):
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(person, secret)

    answer = sign_in(client)

    assert answer.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    client.post(answer.url, {"code": code_of(secret)})
    assert "_auth_user_id" in client.session


def test_old_sign_in_asks_again_before_dangerous_things(client, person, time_machine):
    sign_in(client)
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=16))

    answer = client.get(reverse("mfa_activate_totp"))

    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_device_can_be_signed_out_from_another(client, person):
    other = type(client)()
    sign_in(other)
    other.get("/accounts/profile/")
    sign_in(client)
    page = client.get(reverse("usersessions_list"))
    here = client.session.session_key
    session = next(s for s in page.context["sessions"] if s.session_key != here)

    client.post(reverse("accounts:session-end", args=[session.pk]))

    assert other.get("/accounts/profile/").status_code == 302
    assert client.get("/accounts/profile/").status_code == 200


def test_device_of_somebody_else_is_not_there(client, person):
    stranger = type(client)()
    UserFactory(email="stranger@example.com")
    sign_in(client)
    pk = client.get(reverse("usersessions_list")).context["sessions"][0].pk
    sign_in(stranger, "stranger@example.com")

    assert stranger.post(reverse("accounts:session-end", args=[pk])).status_code == 404


def test_sign_in_takes_an_international_address(client, db):
    UserFactory(email="ada@xn--exmple-cua.com")

    assert sign_in(client, "Ada@EXÄMPLE.com").url == "/"


def test_sign_in_counts_failures_of_all_spellings_together(client, person):
    for email in ("person@example.com", "PERSON@example.com", "person@example.com."):
        sign_in(client, email, "wrong password here")
        sign_in(client, email, "wrong password here")

    assert "Too many failed" in sign_in(client).content.decode()


def test_strangers_failures_lock_out_nobody_who_is_signed_in(client, person, time_machine):
    sign_in(client)
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=16))
    stranger = type(client)()
    for _attempt in range(6):
        sign_in(stranger, password="wrong password here")

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_reset_lets_in_who_is_locked_out(client, person, queued_mails):
    for _attempt in range(6):
        sign_in(client, password="wrong password here")
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = next(line for line in queued_mails()[-1]["text"].split() if "/reset/key/" in line)
    form = client.get(link.removeprefix("http://localhost:8000"), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another good password"})

    assert sign_in(client, password="another good password").url == "/"


def test_reset_is_limited_for_each_address(client, person):
    url = reverse("account_reset_password")
    answers = [client.post(url, {"email": person.email}).status_code for _time in range(6)]

    assert answers == [302] * 5 + [429]
    assert client.post(url, {"email": "another@example.com"}).status_code == 302


def test_reset_link_dies_with_the_address(client, person, queued_mails):
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = next(line for line in queued_mails()[-1]["text"].split() if "/reset/key/" in line)
    person.email = "next@example.com"
    person.save()

    page = client.get(link.removeprefix("http://localhost:8000"), follow=True)

    assert "password1" not in page.content.decode()


def test_new_address_ends_other_sessions_and_is_told_to_the_former(
    client, person, newest_code, queued_mails
):
    other = type(client)()
    sign_in(other)
    sign_in(client)
    client.post(reverse("account_email"), {"email": "next@example.com", "action_add": ""})

    answer = client.post(reverse("account_email_verification_sent"), {"code": newest_code()})

    assert answer.url == reverse("account_email")
    assert other.get("/accounts/profile/").status_code == 302
    assert client.get("/accounts/profile/").status_code == 200
    assert queued_mails()[-1]["recipient"] == "person@example.com"
    assert "next@example.com" in queued_mails()[-1]["text"]


def test_address_of_somebody_else_can_not_be_taken(client, person, queued_mails):
    UserFactory(email="taken@example.com")
    sign_in(client)

    answer = client.post(reverse("account_email"), {"email": "TAKEN@example.com", "action_add": ""})

    assert answer.url == reverse("account_email_verification_sent")  # as for any other address
    code = re.search(r"^([A-Z0-9-]{6,})$", queued_mails()[-1]["text"], re.M).group(1)
    client.post(answer.url, {"code": code})
    assert EmailAddress.objects.get(email="taken@example.com").user != person


def test_new_password_keeps_this_session_under_a_new_key(client, person, queued_mails):
    sign_in(client)
    before = client.session.session_key

    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "another good password"},
    )

    assert client.get("/accounts/profile/").status_code == 200
    assert client.session.session_key != before
    assert queued_mails()[-1]["subject"] == "Your password was changed"


def test_device_in_use_is_not_ended_by_itself(client, person):
    sign_in(client)
    pk = client.get(reverse("usersessions_list")).context["sessions"][0].pk

    assert client.post(reverse("accounts:session-end", args=[pk])).status_code == 404
    assert client.get("/accounts/profile/").status_code == 200


def test_all_other_devices_can_be_signed_out(client, person):
    others = [type(client)(), type(client)()]
    for other in others:
        sign_in(other)
    sign_in(client)

    client.post(reverse("usersessions_list"))

    assert [other.get("/accounts/profile/").status_code for other in others] == [302, 302]
    assert client.get("/accounts/profile/").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Firefox on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_device_is_named_in_few_words(user_agent, words):
    assert described(user_agent) == words


def test_what_was_asked_for_goes_on_after_the_password(client, person, time_machine):
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    client.force_login(person)
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=16))
    answer = client.post(reverse("mfa_generate_recovery_codes"))
    assert answer.url.startswith(reverse("account_reauthenticate"))

    client.post(answer.url, {"password": PASSWORD})

    assert Authenticator.objects.filter(user=person, type="recovery_codes").exists()


@pytest.mark.parametrize("page", ["account_login", "account_reauthenticate"])
def test_endless_password_is_refused_before_it_is_hashed(client, person, page):
    if page == "account_reauthenticate":
        sign_in(client)
    fields = {"login": person.email, "password": "x" * 1_000_000}

    answer = client.post(reverse(page), fields)

    assert "password" in answer.context["form"].errors


def test_superuser_of_the_operator_needs_no_code(client, db):
    User.objects.create_superuser("root@example.com", PASSWORD)

    assert sign_in(client, "root@example.com").url == "/"


@pytest.mark.parametrize("address", ["Person2@example.com", "a@exämple.com"])
def test_database_refuses_other_forms_of_an_address(person, address):
    with pytest.raises(IntegrityError, match="canonical"), transaction.atomic():
        EmailAddress.objects.create(user=person, email=address)


def test_the_account_is_recognised_by_the_address_that_it_had(client, person, newest_code):
    sign_in(client)
    client.post(reverse("account_email"), {"email": "next@example.org", "action_add": ""})

    client.post(reverse("account_email_verification_sent"), {"code": newest_code()})

    person.refresh_from_db()
    assert person.email == "next@example.org"
    assert former_addresses.had_address_at(person, "example.com")
    assert not former_addresses.had_address_at(person, "example.org")
    assert not any("example" in mark for mark in person.former_address_hashes)
