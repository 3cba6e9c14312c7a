from allauth.account.models import EmailAddress
from django.urls import reverse

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
    client.post(SIGN_UP, form(email="  NEW@EXÄMPLE.com "))

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
