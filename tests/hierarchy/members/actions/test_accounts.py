from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from hierarchy import access, grants
from hierarchy.models import AccessRequest, AuditEvent, Membership, Organization
from hierarchy.roles import VIEW, Level, Role
from tests.factories import (
    AccessRequestFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
)
from tests.support.acting import accounts, invitations
from tests.support.refusals import refused


@pytest.fixture
def clerk(db):
    """Limited staff who may change people."""
    clerks = Group.objects.create(name="Clerks")
    clerks.permissions.add(Permission.objects.get(codename="change_user"))
    clerk = UserFactory(email="clerk@example.com", is_staff=True)
    clerk.groups.add(clerks)
    return clerk


def test_deactivate_ends_access_at_once(tree, clerk, guest, client, recorded):
    client.force_login(guest)

    accounts.deactivate(guest, by=clerk)

    access.forget(guest)
    assert not access.can(guest, VIEW[Level.WORKSPACE], tree.shop)
    assert "_auth_user_id" in client.session
    assert client.get("/accounts/email/").status_code == 302
    assert Membership.objects.filter(user=guest).exists()
    assert recorded() == ["account.deactivate"]


def test_reactivate_brings_back_what_was_there(tree, clerk, guest, recorded):
    accounts.deactivate(guest, by=clerk)

    back = accounts.reactivate(guest, by=clerk)

    assert access.can(back, VIEW[Level.WORKSPACE], tree.shop)
    assert recorded() == ["account.deactivate", "account.reactivate"]


def test_reactivate_refuses_what_was_closed(clerk, guest):
    accounts.close(guest)

    with refused("closed"):
        accounts.reactivate(guest, by=clerk)


@pytest.mark.parametrize("verb", ["deactivate", "reactivate"])
def test_deactivate_and_reactivate_are_for_staff(owner, guest, verb):
    with refused("not_allowed"):
        getattr(accounts, verb)(guest, by=owner)


def test_deactivate_refuses_a_superuser_unless_by_another(staff, clerk):
    with refused("not_allowed"):
        accounts.deactivate(staff, by=clerk)
    another = UserFactory(is_staff=True, is_superuser=True)

    assert not accounts.deactivate(staff, by=another).is_active


def test_deactivate_asks_what_the_superuser_is_by_now(staff):
    another = UserFactory(is_superuser=True)
    accounts.deactivate(another, by=staff)
    another.is_active = True  # as read when the request began

    with refused("not_allowed"):
        accounts.deactivate(staff, by=another)


def test_close_keeps_the_last_superuser(staff):
    UserFactory(is_superuser=True, is_active=False)
    with refused("last_superuser"):
        accounts.close(staff)
    UserFactory(is_superuser=True)

    accounts.close(staff)

    staff.refresh_from_db()
    assert not staff.is_active


def test_deactivate_refuses_ones_own_account(clerk):
    with refused("own"):
        accounts.deactivate(clerk, by=clerk)


def test_deactivate_and_reactivate_once(guest, clerk):
    with refused("active"):
        accounts.reactivate(guest, by=clerk)
    accounts.deactivate(guest, by=clerk)
    with refused("inactive"):
        accounts.deactivate(guest, by=clerk)


def test_deactivate_keeps_the_last_owner(tree, clerk):
    last = Membership.objects.get().user

    with refused("last_owner"):
        accounts.deactivate(last, by=clerk)


def test_close_leaves_everything_and_forgets_who_it_was(tree, guest, recorded):
    MembershipFactory(user=guest, node=tree.acme, role=Role.OWNER)
    MembershipFactory(user=guest, node=tree.production)

    accounts.close(guest)

    guest.refresh_from_db()
    assert (guest.first_name, guest.is_active) == ("", False)
    assert "guest" not in guest.email
    assert not guest.has_usable_password()
    assert not Membership.objects.filter(user=guest).exists()
    assert not EmailAddress.objects.filter(user=guest).exists()
    assert recorded() == ["membership.leave"] * 3 + ["account.close"]
    assert grants.resync(check=True) == []


def test_close_withdraws_what_the_person_waits_for(tree, guest):
    """One event in each organization, with their going where they are members."""
    AccessRequestFactory(node=tree.shop, user=guest, permission="change_workspace")
    wish = AccessRequestFactory(user=guest)
    AccessRequestFactory(user=guest, created_at=timezone.now() - timedelta(days=31))

    accounts.close(guest)

    left, withdrawn, _closed = AuditEvent.objects.order_by("id")
    assert left.changes["access_requests"] == [["change_workspace"], []]
    assert (withdrawn.action, withdrawn.organization_id) == (
        "access_request.withdraw",
        wish.organization_id,
    )
    assert withdrawn.changes == {"state": ["pending", "withdrawn"]}
    assert not AccessRequest.objects.exists()


def test_close_succeeds_nobody(tree, guest, viewer):
    lost = OrganizationFactory(successor=guest)  # they are no member of it any more
    Organization.objects.filter(pk=tree.acme.pk).update(successor=viewer)

    accounts.close(guest)
    accounts.close(viewer)

    assert not Organization.objects.filter(pk__in=(lost.pk, tree.acme.pk)).exclude(successor=None)


def test_close_keeps_the_audit_log(tree, guest):
    accounts.close(guest)

    event = AuditEvent.objects.get(action="account.close")
    assert (event.actor_id, event.target_label) == (guest.pk, "a former member")


def test_close_gives_the_address_free(guest):
    accounts.close(guest)

    assert UserFactory(email="guest@example.com").pk != guest.pk


def test_close_works_in_what_is_suspended_or_deleted(tree, owner, guest):
    tree.shop.suspended_at = tree.acme.deleted_at = tree.acme.created_at
    tree.shop.save()
    tree.acme.save()

    accounts.close(guest)

    assert not Membership.objects.filter(user=guest).exists()


def test_close_names_what_would_lose_its_last_owner(tree):
    last = Membership.objects.get().user
    MembershipFactory(user=last, role=Role.OWNER, node__name="Second")

    with refused("last_owner"):
        accounts.close(last)


def test_close_twice_is_refused(guest):
    accounts.close(guest)

    with refused("inactive"):
        accounts.close(guest)


def test_close_kills_what_the_person_has_offered(tree, owner):
    invited = UserFactory(email="new@example.com")
    sent = invitations.send(tree.shop, invited.email, Role.VIEWER, by=owner)

    accounts.close(owner)

    with refused("decided"):
        invitations.accept(sent, by=invited)
