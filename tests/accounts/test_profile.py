from datetime import timedelta
from io import BytesIO

import pytest
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts import erasure
from accounts.forms import ProfileForm
from accounts.models import User
from tests.factories import UserFactory

PROFILE = reverse("accounts:profile")


def picture(side=40, kind="PNG"):
    output = BytesIO()
    Image.new("RGB", (side, side), "green").save(output, kind)
    return SimpleUploadedFile("me.png", output.getvalue())


def form(**fields):
    whole = {"first_name": "Ada", "language": "en", "time_zone": "Europe/Rome", "theme": "dark"}
    return whole | fields


@pytest.fixture
def person(client, settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    user = UserFactory(first_name="Old", time_zone="UTC")
    client.force_login(user)
    return user


def test_profile_says_what_changed(client, person):
    page = client.post(PROFILE, form(), follow=True)

    person.refresh_from_db()
    assert (person.first_name, person.time_zone, person.theme) == ("Ada", "Europe/Rome", "dark")
    assert [str(message) for message in page.context["messages"]] == [
        "First name changed to Ada. Time zone changed to Europe/Rome (Italy Time)."
        " Theme changed to Dark."
    ]


def test_profile_leaves_alone_what_was_decided_meanwhile(person):
    form_of = ProfileForm(form(), instance=User.objects.get(pk=person.pk))
    assert form_of.is_valid()
    User.objects.filter(pk=person.pk).update(is_active=False, password="new", email="n@x.test")

    form_of.save()

    person.refresh_from_db()
    assert person.first_name == "Ada"
    assert (person.is_active, person.password, person.email) == (False, "new", "n@x.test")


def test_profile_of_another_tab_changes_nothing_back(client, person):
    """The second tab was opened before the first one chose another theme."""
    late = form() | {
        "theme": "light",
        "version": client.get(PROFILE).context["form"].initial["version"],
    }
    client.post(PROFILE, form())

    refused = client.post(PROFILE, late)

    person.refresh_from_db()
    assert (refused.status_code, person.theme) == (409, "dark")
    assert list(refused.context["form"].versions.values()) == [("Theme", "Light", "Dark")]
    again = late | {"version": refused.context["form"].data["version"]}
    assert client.post(PROFILE, again).status_code == 302
    person.refresh_from_db()
    assert person.theme == "light"


@pytest.mark.parametrize("version", [None, "", "guessed", ["a", "b"]])
def test_profile_takes_no_form_that_says_nothing_of_its_page(client, person, version):
    refused = client.post(PROFILE, form() | {"version": version})

    person.refresh_from_db()
    assert (refused.status_code, person.first_name) == (409, "Old")


def test_profile_keeps_the_input_and_changes_nothing_when_it_is_wrong(client, person):
    page = client.post(PROFILE, form(time_zone="Mars/Base"))

    person.refresh_from_db()
    assert page.status_code == 422
    assert person.first_name == "Old"
    assert 'value="Ada"' in page.content.decode()


def test_page_survives_an_unknown_zone_and_language(client, person):
    type(person).objects.filter(pk=person.pk).update(time_zone="Mars/Base", language="xx")

    assert client.get(PROFILE).status_code == 200


def test_picture_is_served_to_signed_in_people_as_a_picture(client, person):
    client.post(PROFILE, form(avatar=picture()))
    person.refresh_from_db()

    answer = client.get(person.avatar_url)

    assert answer["Content-Type"] == "image/webp"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"
    client.logout()
    assert client.get(person.avatar_url).status_code == 302


def test_removed_picture_is_gone(client, person, django_capture_on_commit_callbacks):
    client.post(PROFILE, form(avatar=picture()))
    person.refresh_from_db()
    url = person.avatar_url

    with django_capture_on_commit_callbacks(execute=True):
        client.post(PROFILE, form(remove_avatar="on"))

    person.refresh_from_db()
    assert not person.avatar
    assert client.get(url).status_code == 404


def test_a_picture_is_found_by_an_index(person):
    rows = User.objects.filter(avatar="avatars/abc.webp", is_active=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("ALTER TABLE accounts_user DROP CONSTRAINT accounts_user_email_key")

    assert "accounts_user_avatar" in rows.explain()


def test_forget_devices_that_were_signed_out_long_ago(client, person, settings):
    client.force_login(person)
    long_ago = timezone.now() - timedelta(days=settings.KEEP_DAYS + 1)
    facts = {"user": person, "ip": "203.0.113.9", "user_agent": "Firefox"}
    UserSession.objects.create(**facts, session_key="old", last_seen_at=long_ago)
    mine = UserSession.objects.create(
        **facts, session_key=client.session.session_key, last_seen_at=long_ago
    )
    late = UserSession.objects.create(**facts, session_key="late")

    assert erasure.forget_devices() == 1

    assert set(UserSession.objects.all()) == {mine, late}
