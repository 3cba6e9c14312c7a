"""Doing the same to all members who are ticked."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from hierarchy.models import Membership, Status
from hierarchy.roles import Role
from tests.factories import EmailDomainFactory, MembershipFactory
from tests.support.acting import memberships
from tests.support.refusals import snapshot

URL = "/o/acme/members/selected/"


@pytest.fixture
def members(tree):
    return MembershipFactory.create_batch(3, node=tree.acme, role=Role.VIEWER)


def _ticked(members, verb, **more):
    return {"member": [member.pk for member in members], "verb": verb} | more


def test_boxes_and_buttons_are_for_who_may_use_them(sign_in, owner, maintainer, tree, members):
    page = sign_in(owner).get("/o/acme/members/").content.decode()
    shop = MembershipFactory(node=tree.shop, role=Role.MAINTAINER)
    MembershipFactory.create_batch(2, node=tree.shop)
    other = sign_in(shop.user).get("/o/acme/w/shop/members/").content.decode()

    assert page.count('name="member"') == 5  # all but one's own
    assert 'value="remove"' in page
    assert 'name="member"' not in other


def test_say_what_will_happen_and_do_it(sign_in, owner, tree, members):
    MembershipFactory(node=tree.shop, user=members[0].user)
    client = sign_in(owner)

    asked = client.post(URL, _ticked(members, "remove")).content.decode()
    assert "Remove: 3 members" in asked
    assert "Loses their role on Acme and 1 role below it" in asked
    assert Membership.objects.filter(pk__in=[m.pk for m in members]).count() == 3
    done = client.post(URL, _ticked(members, "remove", confirmed="yes"), follow=True)

    assert "3 people are no longer members." in done.content.decode()
    assert not Membership.objects.filter(user__in=[m.user for m in members]).exists()


def test_say_that_whoever_could_join_again_is_blocked(sign_in, owner, tree, members):
    sentence = "Anyone whose address would let them join again right away will also be blocked"
    before = sign_in(owner).post(URL, _ticked(members, "remove")).content.decode()
    EmailDomainFactory(organization=tree.acme, mode="automatic")

    after = sign_in(owner).post(URL, _ticked(members, "remove")).content.decode()
    suspending = sign_in(owner).post(URL, _ticked(members, "suspend")).content.decode()

    assert (sentence in before, sentence in after, sentence in suspending) == (False, True, False)


def test_change_roles_together(sign_in, owner, tree, members):
    client = sign_in(owner)

    asked = client.post(URL, _ticked(members, "change_role")).content.decode()
    empty = client.post(URL, _ticked(members, "change_role", confirmed="yes")).content.decode()
    data = _ticked(members, "change_role", confirmed="yes", role="maintainer")
    done = client.post(URL, data, follow=True).content.decode()

    assert 'name="role"' in asked
    assert "This field is required." in empty
    assert "3 members now have the role Maintainer." in done


def test_change_no_role_that_nobody_has_read(sign_in, owner, manager, tree, members):
    client = sign_in(owner)
    asked = client.post(URL, _ticked(members, "change_role")).content.decode()
    shown = re.findall(r'name="member" value="([^"]+)"', asked)
    memberships.change_role(members[0], Role.MAINTAINER, by=manager)

    data = {"member": shown, "verb": "change_role", "confirmed": "yes", "role": "manager"}
    late = client.post(URL, data).content.decode()

    assert "Role: Viewer → Maintainer" in late
    assert sorted(Membership.objects.filter(pk__in=[m.pk for m in members]).values_list(
        "role", flat=True
    )) == ["maintainer", "viewer", "viewer"]  # fmt: skip


def test_all_or_nobody(sign_in, give_password, manager, tree, members):
    chief = Membership.objects.get(user__email="first@example.com")
    client = sign_in(manager)
    give_password(manager)
    before = snapshot()

    asked = client.post(URL, _ticked([*members, chief], "suspend")).content.decode()
    done = client.post(URL, _ticked([*members, chief], "suspend", confirmed="yes"))

    assert "This can't be done for all of them." in asked
    assert "Suspend: 3 members" in asked
    assert "Nothing has changed." in done.content.decode()
    assert snapshot() == before


def test_a_member_of_elsewhere_is_not_found_and_nobody_is_changed(sign_in, owner, tree, members):
    foreign = MembershipFactory(node=tree.shop)

    response = sign_in(owner).post(URL, _ticked([*members, foreign], "suspend", confirmed="yes"))

    assert response.status_code == 404
    assert not Membership.objects.filter(status=Status.SUSPENDED).exists()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"verb": "remove"},
        {"verb": "promote"},
        {"member": "x"},
        {"verb": "remove", "member": "9" * 5000},
    ],
)
def test_nobody_ticked(sign_in, owner, tree, data):
    response = sign_in(owner).post(URL, data, follow=True)

    assert "Select the members first." in response.content.decode()


def test_too_many(sign_in, owner, tree, members, monkeypatch):
    monkeypatch.setattr("hierarchy.members.views.membership_batches.MOST_AT_ONCE", 2)

    response = sign_in(owner).post(URL, _ticked(members, "remove"), follow=True)

    assert "Select at most 2 members at once." in response.content.decode()


def test_owners_take_the_password_again(sign_in, owner, tree):
    other = Membership.objects.get(user__email="first@example.com")

    response = sign_in(owner).post(URL, _ticked([other], "remove", confirmed="yes"))

    assert response.url.startswith("/accounts/reauthenticate/")
    assert Membership.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("actor", ["maintainer", "viewer"])
def test_others_may_not(sign_in, actor, tree, members, request):
    client = sign_in(request.getfixturevalue(actor))

    assert client.post(URL, _ticked(members, "remove", confirmed="yes")).status_code == 403
    assert Membership.objects.filter(pk__in=[m.pk for m in members]).count() == 3


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("active", {"now", "soon"}),
        ("suspended", {"out"}),
        ("limited", {"soon"}),
        ("ended", {"late"}),
    ],
)
def test_list_members_by_state(sign_in, owner, tree, state, shown):
    now = timezone.now()
    Membership.objects.exclude(user=owner).delete()
    for name, fields in {
        "now": {},
        "soon": {"ends_at": now + timedelta(days=1)},
        "late": {"ends_at": now - timedelta(days=1), "starts_at": now - timedelta(days=2)},
        "out": {"status": "suspended"},
    }.items():
        MembershipFactory(node=tree.acme, user__email=f"{name}@example.com", **fields)

    page = sign_in(owner).get(f"/o/acme/members/?status={state}").content.decode()

    names = {name for name in ("now", "soon", "late", "out") if f"{name}@example.com" in page}
    assert names == shown
