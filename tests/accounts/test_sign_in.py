from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory

LOGIN = reverse("account_login")


@pytest.fixture
def person(db):
    return UserFactory(email="person@example.com")


def sign_in(client, email="person@example.com", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password} | more)


def user_of(client):
    return client.get("/accounts/profile/").wsgi_request.user


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
    counter = next(iter(yield_hotp_counters_from_time()))
    client.post(answer.url, {"code": format_hotp_value(hotp_value(secret, counter))})
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
