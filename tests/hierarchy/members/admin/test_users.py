"""People in the admin."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission

from accounts.models import User
from hierarchy.models import AuditEvent, Identity
from hierarchy.roles import Role
from tests.factories import MembershipFactory, UserFactory
from tests.support.acting import accounts
from tests.support.admin_forms import errors, list_url, messages, send, url
from tests.support.refusals import snapshot


@pytest.fixture
def clerk(db):
    """Staff who may see and change people, and nothing of any tree."""
    user = UserFactory(is_staff=True)
    wanted = ["view_user", "change_user"]
    user.user_permissions.add(*DjangoPermission.objects.filter(codename__in=wanted))
    return user


def test_deactivate_and_reactivate(admin, outsider):
    gone = admin.post(url(outsider, "deactivate"), follow=True)
    outsider.refresh_from_db()
    assert not outsider.is_active
    admin.post(url(outsider, "reactivate"))

    outsider.refresh_from_db()
    assert outsider.is_active
    assert messages(gone) == ["Outsider can no longer sign in."]
    assert [event.action for event in AuditEvent.objects.order_by("id")] == [
        "account.deactivate",
        "account.reactivate",
    ]


def test_erase_a_person_and_an_address_by_their_buttons(admin, outsider):
    address = Identity.objects.create(email="stranger@example.com")

    told = admin.post(url(outsider, "erase"), follow=True)
    admin.post(url(address, "erase"))

    outsider.refresh_from_db()
    address.refresh_from_db()
    assert messages(told) == [
        "The account has been erased. The activity now says “a former member” instead."
    ]
    assert (outsider.is_closed, address.label) == (True, "a former member")
    assert [event.action for event in AuditEvent.objects.order_by("id")] == [
        "account.erase",
        "identity.erase",
    ]


def test_refuse_to_deactivate_the_last_owner(admin, tree):
    owner = User.objects.get(email="first@example.com")
    before = snapshot()

    response = admin.post(url(owner, "deactivate"), follow=True)

    sentence = "Acme would be left without an owner. Make someone else an owner first."
    assert messages(response) == [sentence]
    assert snapshot() == before


def test_delete_no_account(admin, tree):
    owner = User.objects.get(email="first@example.com")

    assert admin.get(url(owner, "delete")).status_code == 403
    assert admin.post(url(owner, "delete"), {"post": "yes"}).status_code == 403


def test_refuse_to_deactivate_a_superuser_as_somebody_less(enter_admin, clerk, staff):
    response = enter_admin(clerk).post(url(staff, "deactivate"))

    assert response.status_code == 403


def test_give_staff_rights(admin, outsider):
    group = Group.objects.create(name="Support")

    response = send(admin, url(outsider), is_staff="on", groups=[group.pk])

    assert response.status_code == 302
    outsider.refresh_from_db()
    assert outsider.is_staff
    assert list(outsider.groups.all()) == [group]
    assert AuditEvent.objects.get().action == "account.change_staff_rights"


def test_refuse_a_superuser_outside_the_staff(admin, outsider):
    response = send(admin, url(outsider), is_superuser="on")

    assert errors(response) == ["A superuser has to be staff as well."]
    outsider.refresh_from_db()
    assert not outsider.is_superuser


@pytest.mark.parametrize("forged", [{"is_staff": "on"}, {"email": "me@example.com"}])
def test_give_no_rights_as_less_than_a_superuser(enter_admin, clerk, outsider, forged):
    assert enter_admin(clerk).post(url(outsider), forged).status_code == 403


def test_change_nobody_else_s_name_or_address(admin, outsider):
    send(admin, url(outsider), email="me@example.com", first_name="Other", password="x")

    outsider.refresh_from_db()
    assert (outsider.email, outsider.first_name) == ("outsider@example.com", "Outsider")


def test_show_no_password(admin, outsider):
    assert outsider.password not in admin.get(url(outsider)).content.decode()


def test_access_shows_what_somebody_holds_and_from_where(admin, tree, guest):
    MembershipFactory(user=guest, node=tree.press, role=Role.VIEWER)

    rows = admin.get(url(guest, "access")).context["memberships"]

    assert [(str(row.node), row.role) for row in rows] == [
        ("Press", "viewer"),
        ("Shop", "maintainer"),
    ]


def test_access_shows_only_what_the_staff_person_may_see(enter_admin, clerk, guest):
    assert list(enter_admin(clerk).get(url(guest, "access")).context["memberships"]) == []


def test_search_by_the_beginning_of_the_address(admin, outsider):
    def found(term):
        return [
            row.email for row in admin.get(list_url(User), {"q": term}).context["cl"].result_list
        ]

    assert found("OUTS") == ["outsider@example.com"]
    assert found("example") == []


def test_show_a_closed_account_as_one_that_nobody_changes(admin, staff, outsider):
    accounts.erase(outsider, by=staff)
    outsider.refresh_from_db()

    page = admin.get(url(outsider))
    rows = admin.get(list_url(User), {"is_active__exact": "0"}).content.decode()

    assert ">Closed<" in "".join(page.content.decode().split())
    assert "Deactivated" not in page.content.decode() + rows
    assert "A closed account" in rows
    assert 'name="is_staff"' not in page.content.decode()
    assert admin.post(url(outsider), {"is_staff": "on"}).status_code == 403
