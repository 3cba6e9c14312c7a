"""The pages of members: who sees whom, and who can change what."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.timezone import localtime

from hierarchy import grants
from hierarchy.console import paging
from hierarchy.console.navigation import node_url
from hierarchy.locking import lock
from hierarchy.members.views import memberships as views
from hierarchy.models import AuditEvent, JoinMode, Membership, Status, WayIn
from hierarchy.roles import Role
from tests.factories import (
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OwnershipOfferFactory,
    TransferFactory,
    UserFactory,
    WorkspaceFactory,
    membership_of,
)
from tests.support.acting import memberships
from tests.support.refusals import snapshot
from tests.support.untouched import submitted

VERBS = ("change-role", "suspend", "reactivate", "remove")


def _url(membership, verb):
    return node_url(membership.node, f"membership-{verb}", pk=membership.pk)


def _rows(response):
    """Return {e-mail: row} of the members of the node itself."""
    return {row.membership.user.email: row for row in response.context["rows"]}


def _may(row):
    return row.may_change_role, row.may_suspend, row.may_remove


@pytest.fixture(params=["acme", "shop", "development"])
def node(request, tree):
    return getattr(tree, request.param)


# --- The list ------------------------------------------------------------------------------------


def test_list_members_at_every_level(sign_in, owner, node):
    member = MembershipFactory(node=node, user__first_name="Ada", role=Role.VIEWER)

    response = sign_in(owner).get(node_url(node, "membership-index"))

    assert response.status_code == 200
    assert member.user.email in _rows(response)
    assert "Ada" in response.content.decode()


def test_list_refuses_who_may_not_see_members(sign_in, viewer, tree):
    response = sign_in(viewer).get(node_url(tree.acme, "membership-index"))

    assert response.status_code == 403
    assert "view_organization_member" in response.content.decode()


def test_list_hides_what_one_cannot_see_like_what_is_absent(sign_in, guest, tree):
    client = sign_in(guest)

    hidden = client.get(node_url(tree.press, "membership-index"))
    absent = client.get("/o/acme/w/nowhere/members/")

    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert _without_id(hidden) == _without_id(absent)


def _without_id(response):
    return response.content.decode().replace(response["X-Request-ID"], "")


def test_list_shows_inherited_members_without_a_link_that_refuses(sign_in, guest, owner, tree):
    response = sign_in(guest).get(node_url(tree.shop, "membership-index"))

    (above,) = response.context["inherited"]
    assert (above.node, above.url) == (tree.acme, "")
    assert owner.email in {membership.user.email for membership in above.memberships}
    assert node_url(tree.acme, "membership-index") not in response.content.decode()


def test_list_links_to_where_access_comes_from(sign_in, owner, tree):
    response = sign_in(owner).get(node_url(tree.development, "membership-index"))

    assert [above.node for above in response.context["inherited"]] == [tree.acme, tree.shop]
    assert f'href="{node_url(tree.acme, "membership-index")}"' in response.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ada", {"ada@example.com"}),
        ("q=LOVE+ada", {"ada@example.com"}),
        ("q=bob@", {"bob@example.com"}),
        ("role=viewer", {"bob@example.com"}),
        ("status=suspended", {"ada@example.com"}),
        ("role=viewer&status=suspended", set()),
        ("q=nobody", set()),
        ("role=nonsense", {"ada@example.com", "bob@example.com"}),
    ],
)
def test_list_finds_by_the_address(sign_in, owner, tree, query, found):
    ada = UserFactory(email="ada@example.com", first_name="Ada", last_name="Lovelace")
    MembershipFactory(node=tree.shop, user=ada, role=Role.MANAGER, status="suspended")
    MembershipFactory(node=tree.shop, user__email="bob@example.com", role=Role.VIEWER)

    response = sign_in(owner).get(f"{node_url(tree.shop, 'membership-index')}?{query}")

    assert set(_rows(response)) == found


def test_list_says_how_each_came_in(sign_in, owner, manager, tree):
    MembershipFactory(node=tree.acme, invited_by=manager)
    joined = {"way_in": WayIn.DOMAIN, "way_in_detail": "example.com"}
    MembershipFactory(node=tree.acme, **joined)

    content = sign_in(owner).get(node_url(tree.acme, "membership-index")).content.decode()

    assert "Invited by Manager" in content
    assert "Joined with an address at example.com" in content


def test_list_continues_by_key(sign_in, owner, tree):
    MembershipFactory.create_batch(60, node=tree.shop)
    client = sign_in(owner)

    first = client.get(node_url(tree.shop, "membership-index"))
    second = client.get(first.context["members"].next_url)

    assert (len(_rows(first)), len(_rows(second))) == (50, 10)
    assert not set(_rows(first)) & set(_rows(second))
    assert second.context["members"].next_url == ""


def test_list_has_the_form_for_boxes_of_later_pages(sign_in, manager, tree, monkeypatch):
    monkeypatch.setattr(paging.page, "__kwdefaults__", paging.page.__kwdefaults__ | {"size": 1})
    MembershipFactory(node=tree.acme, role=Role.VIEWER)
    MembershipFactory(node=tree.acme, role=Role.OWNER)
    client = sign_in(manager)

    first = client.get(node_url(tree.acme, "membership-index"))
    second = client.get(first.context["members"].next_url)

    assert 'id="selection"' in first.content.decode()
    assert 'name="member"' in second.content.decode()


def test_list_tells_who_has_a_second_factor(sign_in, owner, tree):
    safe = MembershipFactory(node=tree.shop).user
    MembershipFactory(node=tree.shop)
    Authenticator.objects.create(user=safe, type="totp", data={})

    response = sign_in(owner).get(node_url(tree.shop, "membership-index"))

    with_factor = {
        email for email, row in _rows(response).items() if row.membership.has_second_factor
    }
    assert with_factor == {safe.email}


def test_list_shows_names_as_text(sign_in, owner, tree):
    MembershipFactory(node=tree.shop, user__first_name="<script>alert(1)</script>")

    page = sign_in(owner).get(node_url(tree.shop, "membership-index")).content.decode()

    assert "<script>alert" not in page
    assert escape("<script>alert(1)</script>") in page


def test_list_costs_the_same_for_one_and_for_many(
    sign_in, owner, tree, django_assert_max_num_queries
):
    client = sign_in(owner)
    url = node_url(tree.development, "membership-index")
    MembershipFactory(node=tree.development)
    InvitationFactory(node=tree.development)
    client.get(url)
    with django_assert_max_num_queries(60) as one:
        client.get(url)
    MembershipFactory.create_batch(30, node=tree.development)
    MembershipFactory.create_batch(15, node=tree.shop)
    InvitationFactory.create_batch(30, node=tree.development)

    with django_assert_max_num_queries(len(one)):
        client.get(url)


# --- What a row offers ---------------------------------------------------------------------------


def test_row_offers_owners_everything_on_others(sign_in, owner, manager, tree):
    rows = _rows(sign_in(owner).get(node_url(tree.acme, "membership-index")))

    assert _may(rows[manager.email]) == (True, True, True)
    assert _may(rows["first@example.com"]) == (True, True, True)


def test_row_offers_managers_nothing_on_owners(sign_in, manager, owner, viewer, tree):
    rows = _rows(sign_in(manager).get(node_url(tree.acme, "membership-index")))

    assert _may(rows[owner.email]) == (False, False, False)
    assert _may(rows[viewer.email]) == (True, True, True)


def test_row_offers_nothing_on_oneself_but_leaving(sign_in, owner, tree):
    row = _rows(sign_in(owner).get(node_url(tree.acme, "membership-index")))[owner.email]

    assert (_may(row), row.may_leave) == ((False, False, False), True)


def test_row_offers_managers_no_removal_of_who_owns_something_beneath(sign_in, manager, tree):
    user = MembershipFactory(node=tree.acme, role=Role.VIEWER).user
    MembershipFactory(node=tree.shop, user=user, role=Role.OWNER)

    row = _rows(sign_in(manager).get(node_url(tree.acme, "membership-index")))[user.email]

    assert _may(row) == (True, False, False)


def test_row_offers_maintainers_nothing(sign_in, guest, tree):
    member = MembershipFactory(node=tree.shop)

    response = sign_in(guest).get(node_url(tree.shop, "membership-index"))

    assert _may(_rows(response)[member.user.email]) == (False, False, False)
    assert node_url(tree.shop, "invitation-send") not in response.content.decode()


def test_row_offers_nothing_where_all_is_suspended(sign_in, owner, tree, make_suspended):
    member = MembershipFactory(node=tree.shop)
    make_suspended(tree.shop)

    response = sign_in(owner).get(node_url(tree.shop, "membership-index"))

    assert _may(_rows(response)[member.user.email]) == (False, False, False)
    assert node_url(tree.shop, "invitation-send") not in response.content.decode()


@pytest.fixture
def make_suspended():
    """Return a function that suspends a node."""

    def make_suspended(node):
        type(node).objects.filter(pk=node.pk).update(suspended_at="2026-01-01T00:00Z")

    return make_suspended


# --- Changing ------------------------------------------------------------------------------------


def test_change_role_at_every_level(sign_in, owner, node):
    membership = MembershipFactory(node=node, role=Role.VIEWER)
    client = sign_in(owner)

    page = client.get(_url(membership, "change-role"))
    answer = client.post(_url(membership, "change-role"), {"role": "manager"})

    membership.refresh_from_db()
    assert page.status_code == 200
    assert (answer.status_code, answer["Location"]) == (302, node_url(node, "membership-index"))
    assert membership.role == Role.MANAGER


def test_change_role_says_what_changes(sign_in, owner, tree):
    membership = MembershipFactory(node=tree.shop, role=Role.VIEWER)

    response = sign_in(owner).get(_url(membership, "change-role"))

    differences = {d["role"]: d for d in response.context["differences"]}
    assert "view_workspace_member" in differences[Role.MAINTAINER]["gains"]
    assert differences[Role.MAINTAINER]["loses"] == []
    assert "see the workspace&#39;s members" in response.content.decode()


def test_change_role_offers_only_what_one_holds(sign_in, manager, tree):
    membership = MembershipFactory(node=tree.shop, role=Role.VIEWER)

    response = sign_in(manager).get(_url(membership, "change-role"))

    offered = [value for value, _label in response.context["form"].fields["role"].choices]
    assert offered == ["manager", "maintainer", "viewer"]


@pytest.mark.parametrize("role", ["owner", "emperor", "", "OWNER"])
def test_change_role_takes_no_role_that_was_not_offered(sign_in, manager, tree, role):
    membership = MembershipFactory(node=tree.acme, role=Role.VIEWER)
    client = sign_in(manager)
    before = snapshot()

    response = client.post(_url(membership, "change-role"), {"role": role})

    assert response.status_code == 200
    assert response.context["form"].errors["role"]
    assert snapshot() == before


def test_change_role_refuses_the_own_membership(sign_in, manager, tree):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(
        _url(membership_of(manager, tree.acme), "change-role"), {"role": "viewer"}
    )

    assert "change your own membership" in response.content.decode()
    assert snapshot() == before


def test_change_role_refuses_a_manager_who_demotes_an_owner(
    sign_in, give_password, manager, owner, tree
):
    client = sign_in(manager)
    give_password(manager)
    before = snapshot()

    response = client.post(_url(membership_of(owner, tree.acme), "change-role"), {"role": "viewer"})

    assert "give or change more than you hold yourself" in response.content.decode()
    assert snapshot() == before


def test_change_role_asks_for_the_password_before_demoting_an_owner(sign_in, owner, tree):
    first = Membership.objects.get(user__email="first@example.com")
    client = sign_in(owner)
    before = snapshot()

    response = client.post(_url(first, "change-role"), {"role": "viewer"})

    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]
    assert snapshot() == before


def test_change_role_demotes_an_owner_after_the_password(sign_in, give_password, owner, tree):
    first = Membership.objects.get(user__email="first@example.com")
    client = sign_in(owner)
    give_password(owner)

    client.post(_url(first, "change-role"), {"role": "viewer"})

    first.refresh_from_db()
    assert first.role == Role.VIEWER


def test_change_role_answers_htmx_with_the_dialog_alone(sign_in, owner, tree):
    membership = MembershipFactory(node=tree.shop)
    client = sign_in(owner)

    shown = client.get(_url(membership, "change-role"), headers={"HX-Request": "true"})
    invalid = client.post(
        _url(membership, "change-role"), {"role": "no"}, headers={"HX-Request": "true"}
    )
    done = client.post(
        _url(membership, "change-role"), {"role": "viewer"}, headers={"HX-Request": "true"}
    )

    assert "<html" not in shown.content.decode()
    assert (shown.status_code, invalid.status_code) == (200, 422)
    assert done["HX-Redirect"] == node_url(tree.shop, "membership-index")


def test_suspend_says_in_numbers_what_rests(sign_in, owner, tree):
    user = MembershipFactory(node=tree.shop, role=Role.MANAGER).user
    MembershipFactory(node=tree.development, user=user)
    InvitationFactory.create_batch(2, node=tree.shop, invited_by=user)
    TransferFactory(node=tree.development, offered_by=user)

    response = sign_in(owner).get(_url(membership_of(user, tree.shop), "suspend"))

    page = response.content.decode()
    assert "1 membership below it goes too" in page
    assert "3 open offers of theirs" in page


def test_suspend_and_reactivate(sign_in, owner, node):
    membership = MembershipFactory(node=node)
    client = sign_in(owner)

    client.post(_url(membership, "suspend"))
    membership.refresh_from_db()
    suspended = membership.status
    client.post(_url(membership, "reactivate"))
    membership.refresh_from_db()

    assert (suspended, membership.status) == ("suspended", "active")


def test_suspend_ends_access_at_the_next_request(sign_in, client, owner, guest, tree):
    sign_in(owner).post(_url(membership_of(guest, tree.shop), "suspend"))

    response = sign_in(guest).get(node_url(tree.shop, "membership-index"))

    assert response.status_code == 404


def test_remove_ends_the_membership(sign_in, owner, node):
    membership = MembershipFactory(node=node)

    response = sign_in(owner).post(_url(membership, "remove"))

    assert response["Location"] == node_url(node, "membership-index")
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert AuditEvent.objects.latest("id").action == "membership.remove"


@pytest.mark.parametrize("verb", ["suspend", "remove"])
def test_ask_for_the_password_before_an_owner_goes(sign_in, owner, tree, verb):
    first = Membership.objects.get(user__email="first@example.com")
    client = sign_in(owner)
    before = snapshot()

    response = client.post(_url(first, verb))

    assert "reauthenticate" in response["Location"]
    assert snapshot() == before


@pytest.mark.parametrize("verb", ["suspend", "remove"])
def test_refuse_a_manager_who_turns_on_an_owner(sign_in, give_password, manager, owner, tree, verb):
    client = sign_in(manager)
    give_password(manager)
    before = snapshot()

    response = client.post(_url(membership_of(owner, tree.acme), verb), follow=True)

    assert "give or change more than you hold yourself" in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("verb", VERBS)
def test_refuse_who_may_not_manage(sign_in, maintainer, tree, verb):
    membership = MembershipFactory(node=tree.shop)
    client = sign_in(maintainer)
    before = snapshot(but_noted=True)

    response = client.post(_url(membership, verb), {"role": "viewer"})

    needed = "remove_workspace_member" if verb == "remove" else "change_workspace_member"
    assert response.status_code == 403
    assert needed in response.content.decode()
    assert snapshot(but_noted=True) == before


@pytest.mark.parametrize("verb", VERBS)
def test_find_no_membership_of_another_node(sign_in, owner, tree, verb):
    elsewhere = MembershipFactory(node=WorkspaceFactory())
    sibling = MembershipFactory(node=tree.press)
    client = sign_in(owner)
    before = snapshot()

    for membership in (elsewhere, sibling):
        url = node_url(tree.shop, f"membership-{verb}", pk=membership.pk)
        assert client.post(url, {"role": "viewer"}).status_code == 404
    assert snapshot() == before


# --- Leaving -------------------------------------------------------------------------------------


def test_leave(sign_in, viewer, tree):
    client = sign_in(viewer)

    page = client.get(node_url(tree.acme, "membership-leave"))
    client.post(node_url(tree.acme, "membership-leave"))

    assert page.status_code == 200
    assert not Membership.objects.filter(user=viewer).exists()


@pytest.mark.parametrize(
    "rest",
    [
        {"status": Status.SUSPENDED},
        {"ends_at": timezone.now() - timedelta(days=1)},
        {"starts_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_leave_what_grants_nothing_at_present(sign_in, viewer, tree, rest):
    Membership.objects.filter(user=viewer).update(**rest)
    grants.derive(viewer, tree.acme)
    client = sign_in(viewer)
    url = node_url(tree.acme, "membership-leave")

    home = client.get("/")
    page = client.get(url)
    client.post(url)

    assert client.get(node_url(tree.acme)).status_code == 404
    assert url in home.content.decode()
    assert f'href="{reverse("console:home")}" data-close' in page.content.decode()
    assert not Membership.objects.filter(user=viewer).exists()


def test_leave_says_that_joining_by_ones_address_is_over(sign_in, owner, manager, tree):
    EmailDomainFactory(node=tree.acme, domain="example.com", mode=JoinMode.AUTOMATIC)
    Membership.objects.filter(user=manager).update(ends_at=timezone.now() + timedelta(days=1))

    page = sign_in(manager).get(node_url(tree.acme, "membership-leave")).content.decode()

    assert "to join with your e-mail address" in page


def test_leave_refuses_the_last_owner(sign_in, tree):
    first = Membership.objects.get(user__email="first@example.com").user
    client = sign_in(first)
    before = snapshot()

    response = client.post(node_url(tree.acme, "membership-leave"), follow=True)

    assert "Make someone else an owner first" in response.content.decode()
    assert snapshot() == before


def test_leave_tells_an_only_owner_whom_to_find_first(sign_in, owner, tree):
    Membership.objects.filter(user__email="first@example.com").delete()

    page = sign_in(owner).get(node_url(tree.acme, "membership-leave")).content.decode()

    assert "You're the only owner of Acme, and it needs one." in page
    assert f'href="{node_url(tree.acme, "ownership")}"' in page
    assert ">Leave<" not in page


def test_leave_speaks_of_ones_own_invitations(sign_in, owner, tree):
    InvitationFactory(node=tree.acme, invited_by=owner)
    OwnershipOfferFactory(organization=tree.acme, offered_by=owner)
    client = sign_in(owner)

    own = client.get(node_url(tree.acme, "membership-leave")).content.decode()

    assert "2 open offers of yours" in own


def test_extend_names_the_day_of_the_end(sign_in, owner, viewer, tree):
    membership = membership_of(viewer, tree.acme)
    end = timezone.now() + timedelta(days=3)
    Membership.objects.filter(pk=membership.pk).update(ends_at=end)

    page = sign_in(owner).post(_url(membership, "extend"), follow=True).content.decode()

    until = date_format(localtime(end + timedelta(days=30)), "j F Y, H:i")
    assert f"has access until {until}." in page


def test_leave_finds_only_the_own_membership_of_the_node(sign_in, owner, tree):
    response = sign_in(owner).post(node_url(tree.shop, "membership-leave"))

    assert response.status_code == 404


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("far", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_change_dates_refuses_in_any_zone_what_is_too_far_away(
    sign_in, tree, owner, viewer, zone, far
):
    owner.time_zone = zone
    owner.save()
    membership = Membership.objects.get(user=viewer)
    page = f"/o/acme/members/{membership.pk}/dates/"

    for field in ("starts_at", "ends_at"):
        response = sign_in(owner).post(page, {field: far})
        assert list(response.context["form"].errors) == [field]
    membership.refresh_from_db()
    assert (membership.starts_at, membership.ends_at) == (None, None)


@pytest.mark.parametrize("hour", [0, 1])
def test_change_dates_shows_a_repeated_hour_with_its_offset_and_saves_it_again(
    sign_in, tree, owner, viewer, hour
):
    owner.time_zone = "Europe/Rome"
    owner.save()
    end = datetime(2027, 10, 31, hour, 30, 15, 123456, tzinfo=UTC)
    membership = membership_of(viewer, tree.acme)
    Membership.objects.filter(pk=membership.pk).update(ends_at=end)
    client = sign_in(owner)
    before = AuditEvent.objects.count()

    page = client.get(_url(membership, "change-dates")).content.decode()
    listed = client.get(node_url(tree.acme, "membership-index")).content.decode()
    saved = client.post(_url(membership, "change-dates"), submitted(page, field="ends_at"))

    membership.refresh_from_db()
    offset = "+02:00" if hour == 0 else "+01:00"
    assert f"31 Oct 2027, 02:30 ({offset})" in listed
    assert f'<option value="{offset}" selected>' in page
    assert (saved.status_code, membership.ends_at) == (302, end)
    assert AuditEvent.objects.count() == before


# --- What one may not see ------------------------------------------------------------------------


def _custom(tree, *permissions, **fields):
    role = CustomRoleFactory(organization=tree.acme, permissions=list(permissions))
    return MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=role, **fields).user


def test_inherited_are_only_those_whose_role_holds_here_now(sign_in, guest, owner, manager, tree):
    elsewhere = _custom(tree, "view_organization")
    here = _custom(tree, "view_organization", "view_workspace")
    suspended = MembershipFactory(node=tree.acme, status=Status.SUSPENDED).user

    (above,) = sign_in(guest).get(node_url(tree.shop, "membership-index")).context["inherited"]

    shown = {membership.user for membership in above.memberships}
    assert {owner, manager, here} <= shown
    assert not {elsewhere, suspended} & shown


def test_remove_names_no_role_where_one_sees_no_members(sign_in, tree):
    permissions = ["view_organization", "view_organization_member", "remove_organization_member"]
    remover = _custom(tree, *permissions)
    membership = MembershipFactory(node=tree.acme, role=Role.VIEWER)
    MembershipFactory(node=tree.press, role=Role.VIEWER, user=membership.user)

    url = node_url(tree.acme, "membership-remove", pk=membership.pk)
    page = sign_in(remover).get(url).content.decode()

    assert "1 membership below it goes too" in page
    assert "Press" not in page


@pytest.mark.parametrize("page", ["change-role", "change-dates", "suspend", "remove"])
def test_say_of_nobody_that_they_are_a_member_where_one_sees_no_members(sign_in, tree, page):
    permissions = ["view_organization", "change_organization_member", "remove_organization_member"]
    client = sign_in(_custom(tree, *permissions))
    member = MembershipFactory(node=tree.acme)

    answers = [
        client.get(node_url(tree.acme, f"membership-{page}", pk=pk)) for pk in (member.pk, 10**9)
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert member.user.email not in answers[0].content.decode()


# --- Two who change the same ---------------------------------------------------------------------


def test_change_role_shows_both_versions_when_somebody_was_faster(sign_in, owner, viewer, tree):
    membership = membership_of(viewer, tree.acme)
    client = sign_in(owner)
    url = _url(membership, "change-role")
    shown = client.get(url).context["form"].initial["version"]
    Membership.objects.filter(pk=membership.pk).update(role=Role.MANAGER)

    stale = client.post(url, {"role": "maintainer", "version": shown})
    membership.refresh_from_db()
    kept = membership.role
    client.post(url, {"role": "maintainer", "version": stale.context["form"].data["version"]})
    membership.refresh_from_db()

    assert (stale.status_code, kept, membership.role) == (409, Role.MANAGER, Role.MAINTAINER)
    assert list(stale.context["form"].versions.values()) == [("Role", "Maintainer", "Manager")]
    assert "Someone has changed this" in stale.content.decode()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_change_dates_shows_both_versions_when_somebody_was_faster(
    sign_in, owner, viewer, tree, headers
):
    membership = membership_of(viewer, tree.acme)
    client = sign_in(owner)
    url = _url(membership, "change-dates")
    shown = client.get(url).context["form"].initial["version"]
    end = timezone.now() + timedelta(days=3)
    Membership.objects.filter(pk=membership.pk).update(ends_at=end)

    data = {"starts_at": "", "ends_at": "", "version": shown}
    stale = client.post(url, data, headers=headers)
    membership.refresh_from_db()
    kept = membership.ends_at
    again = data | {"version": stale.context["form"].data["version"]}
    client.post(url, again, headers=headers)
    membership.refresh_from_db()

    assert (stale.status_code, kept, membership.ends_at) == (409, end, None)
    ((label, mine, _stored),) = list(stale.context["form"].versions.values())
    assert (label, mine) == ("Until", "")
    assert "Someone has changed this" in stale.content.decode()


@pytest.mark.parametrize(
    ("zone", "end", "shown"),
    [
        ("Pacific/Kiritimati", datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59"),
        ("America/New_York", datetime(9999, 12, 31, 12, tzinfo=UTC), "9999-12-31T07:00"),
    ],
)
def test_pages_bear_a_date_at_the_end_of_the_calendar(
    sign_in, tree, owner, viewer, zone, end, shown
):
    owner.time_zone = zone
    owner.save()
    Membership.objects.filter(user=viewer).update(ends_at=end)
    client = sign_in(owner)

    page = client.get(node_url(tree.acme, "membership-index"))
    form = client.get(_url(membership_of(viewer, tree.acme), "change-dates"))

    assert "9999" in page.content.decode()
    assert shown in form.content.decode()


@pytest.mark.parametrize("verb", ["suspend", "remove"])
@pytest.mark.parametrize("is_above", [True, False])
def test_say_when_a_role_above_still_lets_them_in(sign_in, tree, owner, viewer, verb, is_above):
    membership = MembershipFactory(
        node=tree.shop, role=Role.MAINTAINER, **({"user": viewer} if is_above else {})
    )

    page = sign_in(owner).get(node_url(tree.shop, f"membership-{verb}", pk=membership.pk))

    sentence = "They'll still have access through a role above Shop."
    assert (sentence in page.content.decode()) is is_above


def test_change_nothing_once_one_may_not_any_more(
    sign_in, owner, manager, viewer, tree, monkeypatch
):
    """An owner is faster: while the action waits for its turn, its person loses the right."""
    member = Membership.objects.get(user=viewer)

    def wait(node, **how):
        monkeypatch.setattr(memberships, "lock", lock)
        memberships.change_role(Membership.objects.get(user=manager), Role.VIEWER, by=owner)
        return lock(node, **how)

    monkeypatch.setattr(memberships, "lock", wait)
    answer = sign_in(manager).post(f"/o/acme/members/{member.pk}/suspend/")

    assert answer.status_code == 403
    assert Membership.objects.get(pk=member.pk).is_active


@pytest.mark.parametrize(("becomes", "status"), [(Role.VIEWER, 403), (None, 404)])
def test_name_nobody_to_who_has_lost_sight_meanwhile(
    sign_in, owner, manager, viewer, tree, monkeypatch, becomes, status
):
    """Their right ends after the page was found, and before the action begins."""
    member = Membership.objects.get(user=viewer)
    own = Membership.objects.get(user=manager)

    def lose(_request, _membership):
        if becomes:
            memberships.change_role(own, becomes, by=owner)
        else:
            memberships.remove(own, by=owner)

    monkeypatch.setattr(views, "ask_password_for_owners", lose)
    answer = sign_in(manager).post(f"/o/acme/members/{member.pk}/suspend/")

    assert answer.status_code == status
    page = answer.content.decode()
    assert (f"<li>{owner}</li>" in page) is (status == 403)
    assert owner.email not in page
    assert Membership.objects.get(pk=member.pk).is_active
