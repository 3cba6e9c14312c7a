"""What people can be called: what others see, and nothing besides."""

from importlib import import_module

import pytest
from django import forms
from django.apps import apps
from django.db import connection

from accounts import passkeys
from accounts.forms import ProfileForm, SignupForm
from accounts.models import User
from tests.config.test_visible_text import HIDDEN
from tests.factories import UserFactory

MIGRATION = import_module("accounts.migrations.0008_show_all_of_peoples_names")
FIELDS = {
    f"{form.__name__}.{name}": form.base_fields[name]
    for form, names in {
        ProfileForm: ("first_name", "last_name"),
        SignupForm: ("first_name", "last_name"),
        passkeys.AddForm: ("name",),
        passkeys.EditForm: ("name",),
    }.items()
    for name in names
}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_refuse_a_name_that_hides_something(name, text):
    with pytest.raises(forms.ValidationError):
        FIELDS[name].clean(text)


@pytest.mark.parametrize("name", FIELDS)
def test_take_a_name_as_it_is_read(name):
    assert FIELDS[name].clean("  Jose\u0301  Ruiz ") == "José Ruiz"


def test_refuse_it_at_the_page(client, db):
    user = UserFactory(first_name="Anna")
    client.force_login(user)
    form = client.get("/accounts/profile/").context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "avatar"}

    response = client.post("/accounts/profile/", sent | {"first_name": HIDDEN["isolate"]})

    user.refresh_from_db()
    assert user.first_name == "Anna"
    assert list(response.context["form"].errors) == ["first_name"]


def test_names_from_before_show_all_of_themselves(db):
    hidden = UserFactory(first_name="An\u200bna \u202e", last_name="\u200d")
    fine = UserFactory(first_name="José", last_name="👩\u200d🔧")

    for _time in range(2):
        with connection.schema_editor(atomic=False) as editor:
            MIGRATION.show(apps, editor)

    names = dict(User.objects.values_list("pk", "first_name"))
    last_names = dict(User.objects.values_list("pk", "last_name"))
    assert (names[hidden.pk], last_names[hidden.pk]) == ("Anna", "")
    assert (names[fine.pk], last_names[fine.pk]) == ("José", "👩\u200d🔧")
