"""What staff read about people, and that no secret is among it."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from unfold.admin import ModelAdmin

from hierarchy.models import AuditEvent
from tests.factories import UserFactory
from tests.support.admin_forms import send
from tests.support.proofs import give_factor, note_proof

pytestmark = pytest.mark.django_db

THEIRS = [EmailAddress, Authenticator, UserSession, Group]
ABOUT_PEOPLE = THEIRS[:3]


def _url(model, page, *args):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=args)


@pytest.fixture
def ada(db):
    """Somebody with an address, a factor with recovery codes, and a device."""
    ada = UserFactory(email="ada@example.com")
    TOTP.activate(ada, "SECRETSECRETSECRET")
    RecoveryCodes.activate(ada)
    UserSession.objects.create(
        user=ada, ip="203.0.113.9", session_key="key-of-the-session", user_agent="Firefox"
    )
    return ada


@pytest.fixture
def enter(client):
    def enter(user):
        give_factor(user)
        client.force_login(user)
        note_proof(client, user)
        return client

    return enter


@pytest.fixture
def superuser(enter):
    return enter(UserFactory(is_staff=True, is_superuser=True))


@pytest.fixture
def support(enter):
    """Staff who may do to these models whatever a permission can allow."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__model__in=[m._meta.model_name for m in THEIRS])
    )
    return enter(user)


@pytest.mark.parametrize("model", THEIRS)
def test_wear_the_clothes_of_the_admin(model):
    assert isinstance(admin.site._registry[model], ModelAdmin)


@pytest.mark.parametrize("model", ABOUT_PEOPLE)
def test_find_rows_by_the_beginning_of_the_address(superuser, ada, model):
    found = superuser.get(_url(model, "changelist"), {"q": "ADA@"}).content.decode()
    missed = superuser.get(_url(model, "changelist"), {"q": "nobody"}).content.decode()

    assert "ada@example.com" in found or ada.get_full_name() in found
    assert "ada@example.com" not in missed


@pytest.mark.parametrize("model", ABOUT_PEOPLE)
def test_show_no_secret(superuser, ada, model):
    row = model.objects.filter(user=ada).first()

    pages = superuser.get(_url(model, "changelist")).content.decode()
    pages += superuser.get(_url(model, "change", row.pk)).content.decode()

    assert "key-of-the-session" not in pages
    assert not any(str(value) in pages for value in getattr(row, "data", {}).values())


@pytest.mark.parametrize("model", ABOUT_PEOPLE)
def test_let_nobody_write_into_what_belongs_to_people(superuser, ada, model):
    row = model.objects.filter(user=ada).first()

    assert superuser.get(_url(model, "add")).status_code == 403
    assert superuser.post(_url(model, "change", row.pk), {"verified": "on"}).status_code == 403


def test_take_a_lost_factor_away_with_its_recovery_codes(superuser, ada):
    factor = Authenticator.objects.get(user=ada, type=Authenticator.Type.TOTP)

    superuser.post(_url(Authenticator, "delete", factor.pk), {"post": "yes"})

    assert not Authenticator.objects.filter(user=ada).exists()
    assert AuditEvent.objects.get().action == "account.take_factor"


def test_refuse_to_take_a_factor_away_without_being_superuser(support, ada):
    factor = Authenticator.objects.get(user=ada, type=Authenticator.Type.TOTP)

    response = support.post(_url(Authenticator, "delete", factor.pk), {"post": "yes"})

    assert response.status_code == 403
    assert Authenticator.objects.filter(pk=factor.pk).exists()


def test_refuse_to_raise_one_s_own_rights_through_a_group(support):
    group = Group.objects.create(name="Support")

    assert support.get(_url(Group, "change", group.pk)).status_code == 200
    assert support.post(_url(Group, "change", group.pk), {"name": "Mine"}).status_code == 403
    assert support.get(_url(Group, "add")).status_code == 403


def test_let_a_superuser_make_change_and_delete_groups_on_record(superuser):
    superuser.post(_url(Group, "add"), {"name": "Support"})

    group = Group.objects.get(name="Support")
    permission = Permission.objects.get(codename="view_user")
    send(superuser, _url(Group, "change", group.pk), name="Clerks", permissions=[permission.pk])
    assert list(group.permissions.all()) == [permission]
    page = _url(Group, "delete", group.pk)
    version = str(superuser.get(page).context["shown"])
    superuser.post(page, {"post": "yes", "version": version})

    assert not Group.objects.exists()
    events = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(events) == ["staff_group.create", "staff_group.edit", "staff_group.delete"]
    assert not LogEntry.objects.exists()
