"""Doors for an e-mail address: what is typed comes to one form, and is shown before it is used."""

import re

import pytest
from allauth.account.models import EmailAddress
from django import forms
from django.core.management import call_command
from django.urls import reverse

from accounts.fields import EmailField
from accounts.models import User
from tests.factories import PASSWORD, UserFactory

TYPED = "Anna@Straße.de"
USED = "anna@xn--strae-oqa.de"
QUESTION = f"We'll use {USED} (straße.de). If that's right, submit the form again."
SIGN_UP = reverse("account_signup")
LOGIN = reverse("account_login")


class Form(forms.Form):
    email = EmailField(required=False)


def said(form):
    return [str(error) for errors in form.errors.values() for error in errors]


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        (TYPED, USED),
        ("anna@straße.de.", USED),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@exa\N{SOFT HYPHEN}mple.com", "anna@example.com"),
        ("anna@\N{FULLWIDTH LATIN SMALL LETTER E}xample.com", "anna@example.com"),
    ],
)
def test_another_form_than_what_was_typed_is_shown_first(typed, used):
    form = Form({"email": typed})
    again = Form({"email": form["email"].value()})

    assert [error.split(" ")[2].rstrip(".") for error in said(form)] == [used]
    assert form["email"].value() == used
    assert again.is_valid()
    assert again.cleaned_data["email"] == used


@pytest.mark.parametrize("typed", ["ada@example.com", " Ada@Example.COM. ", USED, ""])
def test_what_differs_by_case_alone_is_taken_at_once(typed):
    form = Form({"email": typed})

    assert form.is_valid()
    assert form.cleaned_data["email"] == typed.strip().rstrip(".").lower()


def test_a_domain_that_pretends_to_be_another_is_shown_in_ascii_alone():
    assert said(Form({"email": "a@\u0430pple.com"})) == [
        "We'll use a@xn--pple-43d.com. If that's right, submit the form again."
    ]


def test_letters_beyond_ascii_before_the_at_are_refused_in_words():
    assert said(Form({"email": "jürgen@example.com"})) == [
        "Letters such as “ä” before the @ aren't supported. Use another address."
    ]


def test_the_control_leaves_what_is_typed_alone():
    control = re.findall(r'(\w+)="([^"]*)"', str(Form()["email"]))

    assert dict(control) | {
        "type": "text",
        "inputmode": "email",
        "autocapitalize": "none",
        "autocorrect": "off",
        "spellcheck": "false",
    } == dict(control)


def test_no_form_has_a_control_that_rewrites_addresses():
    found = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in _all_forms(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if form.__module__.startswith(("accounts", "hierarchy", "config"))
        and isinstance(field.widget, forms.EmailInput)
    ]

    assert found == []


def _all_forms(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _all_forms(each)


@pytest.mark.parametrize("page", [SIGN_UP, LOGIN, reverse("account_reset_password")])
def test_browsers_may_fill_in_ones_own_address(client, db, page):
    html = client.get(page).content.decode()

    assert 'type="email"' not in html
    assert 'autocomplete="email"' in html


# --- Signing up and in ---------------------------------------------------------------------------


def test_sign_up_shows_the_address_before_anything_is_sent(client, queued_mails):
    told = {"first_name": "Anna", "password1": PASSWORD}

    asked = client.post(SIGN_UP, told | {"email": TYPED})
    before = (queued_mails(), User.objects.count())
    page = asked.context["form"]
    code_page = client.post(SIGN_UP, told | {"email": page["email"].value()}, follow=True)

    assert said(page) == [QUESTION]
    assert before == ([], 0)
    assert [mail["recipient"] for mail in queued_mails()] == [USED]
    assert f"<strong>{USED} (straße.de)</strong>" in code_page.content.decode()


@pytest.mark.parametrize("typed", [TYPED, "anna@straße.de", USED, USED.upper()])
def test_sign_in_by_any_spelling(client, db, typed):
    user = UserFactory(email=USED)

    client.post(LOGIN, {"login": typed, "password": PASSWORD})

    assert client.get("/").wsgi_request.user == user


def test_the_other_domain_is_another_account(client, db):
    UserFactory(email="anna@strasse.de")

    client.post(LOGIN, {"login": TYPED, "password": PASSWORD})

    assert not client.get("/").wsgi_request.user.is_authenticated


def test_a_new_password_goes_to_the_account_of_that_spelling(client, queued_mails):
    UserFactory(email=USED)

    client.post(reverse("account_reset_password"), {"email": TYPED})

    assert [mail["recipient"] for mail in queued_mails()] == [USED]


def test_a_new_address_is_shown_before_a_code_is_sent_there(client, queued_mails):
    client.force_login(UserFactory())
    page = reverse("account_email")

    asked = client.post(page, {"email": TYPED, "action_add": ""})
    before = queued_mails()
    client.post(page, {"email": asked.context["form"]["email"].value(), "action_add": ""})

    assert said(asked.context["form"]) == [QUESTION]
    assert before == []
    assert USED in [mail["recipient"] for mail in queued_mails()]


def test_commands_make_the_same_form(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, email=TYPED, verbosity=0)

    assert User.objects.get_by_natural_key(TYPED).email == USED
    assert EmailAddress.objects.get().email == USED
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key("nobody at all")
