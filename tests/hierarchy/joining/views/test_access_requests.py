"""Asking from a page that was refused, and answering on the page of members."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from hierarchy.console.navigation import node_url
from hierarchy.home.views.home import FEW
from hierarchy.models import AccessRequest, BlockedPerson, Membership, RequestState
from hierarchy.roles import Level, Permission, Role
from tests.factories import (
    AccessRequestFactory,
    BlockedPersonFactory,
    CustomRoleFactory,
    MembershipFactory,
)
from tests.support.acting import access_requests, memberships, nodes
from tests.support.refusals import snapshot

HTMX = {"HX-Request": "true"}


pytestmark = pytest.mark.usefixtures("forget_limits")


@pytest.fixture(params=["acme", "shop", "development"])
def node(request, tree):
    return getattr(tree, request.param)


@pytest.fixture
def asked(tree, guest):
    return access_requests.ask(tree.shop, by=guest, permission=Permission.CHANGE_WORKSPACE)


def _url(asked, verb):
    return node_url(asked.node, f"access-request-{verb}", pk=asked.pk)


# --- The page that refuses -----------------------------------------------------------------------


def test_refusal_offers_to_ask(sign_in, viewer, owner, node):
    response = sign_in(viewer).get(node_url(node, "edit"))

    page = response.content.decode()
    assert response.status_code == 403
    assert f'action="{node_url(node, "access-request-ask")}"' in page
    assert f'name="permission" value="view_{node.level}_settings"' in page
    assert f"<li>{owner}</li>" in page
    assert owner.email not in page


def test_refusal_tells_addresses_to_who_sees_members(sign_in, maintainer, owner, tree):
    page = sign_in(maintainer).get(node_url(tree.shop, "edit")).content.decode()

    assert f'<a href="mailto:{owner.email}">' in page


def test_refusal_calls_nobody_by_their_address(sign_in, viewer, owner, tree):
    User.objects.update(first_name="", last_name="")

    page = sign_in(viewer).get(node_url(tree.shop, "edit")).content.decode()

    assert "Someone who hasn't entered a name" in page
    assert "@example.com" not in page


def test_refusal_asks_where_a_role_can_grant_it(sign_in, viewer, tree):
    response = sign_in(viewer).get(node_url(tree.shop, "audit-event-index"))

    assert node_url(tree.acme, "access-request-ask") in response.content.decode()


def test_refusal_offers_nothing_where_one_cannot_ask(sign_in, guest, tree):
    response = sign_in(guest).get(node_url(tree.shop, "audit-event-index"))

    page = response.content.decode()
    assert response.status_code == 403
    assert "Request access" not in page
    assert node_url(tree.acme, "access-request-ask") not in page


def test_refusal_offers_nothing_to_the_blocked(sign_in, guest, tree):
    BlockedPersonFactory(organization=tree.acme, user=guest)

    response = sign_in(guest).get(node_url(tree.shop, "edit"))

    assert (response.status_code, b"Request access" in response.content) == (403, False)


def test_refusal_knows_that_one_has_asked(sign_in, asked, guest, tree):
    response = sign_in(guest).get(node_url(tree.shop, "edit"))

    assert b"already asked for access here" in response.content
    assert b"Request access" not in response.content


def test_refusal_explains_the_guard_of_production(sign_in, owner, tree):
    permissions = ["view_application", "view_application_settings", "change_application"]
    role = CustomRoleFactory(organization=tree.acme, permissions=permissions)
    person = MembershipFactory(node=tree.production, role=Role.CUSTOM, custom_role=role).user

    response = sign_in(person).post(
        node_url(tree.production, "edit"),
        {"name": "Web 2", "slug": "web", "platform": "web"},
    )

    page = response.content.decode()
    assert response.status_code == 403
    assert "Changing anything in production takes an additional permission" in page
    assert 'name="permission" value="change_production_application"' in page
    assert f"<li>{owner}</li>" in page


# --- Asking --------------------------------------------------------------------------------------


def test_ask_at_every_level(sign_in, viewer, node):
    permission = f"change_{node.level}"

    response = sign_in(viewer).post(
        node_url(node, "access-request-ask"), {"permission": permission, "message": "Please"}
    )

    asked = AccessRequest.objects.get()
    assert (response.status_code, response["Location"]) == (302, node_url(node))
    assert (asked.user, asked.node, asked.permission) == (viewer, node, permission)
    assert asked.message == "Please"


def test_ask_tells_a_refusal(sign_in, manager, tree):
    client = sign_in(manager)
    before = snapshot()

    response = client.post(
        node_url(tree.shop, "access-request-ask"), {"permission": "change_workspace"}, follow=True
    )

    assert "You can already change the workspace." in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("permission", ["", "owner", "view_anything", "x" * 500])
def test_ask_takes_only_permissions_that_exist(sign_in, viewer, tree, permission):
    client = sign_in(viewer)
    before = snapshot()

    response = client.post(node_url(tree.shop, "access-request-ask"), {"permission": permission})

    assert response.status_code == 302
    assert snapshot() == before


def test_ask_finds_no_node_that_one_cannot_see(sign_in, guest, tree):
    data = {"permission": "change_workspace"}

    response = sign_in(guest).post(node_url(tree.press, "access-request-ask"), data)

    assert response.status_code == 404


def test_ask_has_a_limit(sign_in, viewer, tree):
    client = sign_in(viewer)
    url = node_url(tree.shop, "access-request-ask")
    answers = [client.post(url, {"permission": "change_workspace"}) for _number in range(21)]

    assert [answer.status_code for answer in answers[-2:]] == [302, 429]


# --- The page of members -------------------------------------------------------------------------


def test_members_page_lists_what_one_may_answer(sign_in, asked, owner, tree):
    join = AccessRequestFactory(node=tree.shop, message="Hello")
    AccessRequestFactory(node=tree.press)

    response = sign_in(owner).get(node_url(tree.shop, "membership-index"))

    assert response.context["requests"].rows == [join, asked]
    page = response.content.decode()
    assert "to change the workspace" in page
    assert "to become a member" in page
    assert _url(join, "approve") in page
    assert _url(join, "block") in page


def test_members_page_hides_requests_from_who_may_not_answer(sign_in, asked, maintainer, tree):
    response = sign_in(maintainer).get(node_url(tree.shop, "membership-index"))

    assert response.status_code == 200
    assert response.context["requests"].rows == []


def test_members_page_lists_nobodys_own_request(sign_in, manager, tree):
    access_requests.ask(tree.shop, by=manager, permission=Permission.DELETE_WORKSPACE)

    response = sign_in(manager).get(node_url(tree.shop, "membership-index"))

    assert response.context["requests"].rows == []


def test_members_page_hides_blocking_from_who_may_not(sign_in, asked, tree):
    workspace_owner = MembershipFactory(node=tree.shop, role=Role.OWNER).user

    page = sign_in(workspace_owner).get(node_url(tree.shop, "membership-index"))

    assert _url(asked, "approve") in page.content.decode()
    assert _url(asked, "block") not in page.content.decode()


def test_members_page_asks_the_same_number_of_queries(sign_in, owner, tree):
    client = sign_in(owner)
    url = node_url(tree.shop, "membership-index")
    counts = []
    for number in (1, 20):
        AccessRequestFactory.create_batch(number, node=tree.shop)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- Answering -----------------------------------------------------------------------------------


def test_approve_offers_the_roles_that_suffice_and_chooses_none(sign_in, asked, owner):
    response = sign_in(owner).get(_url(asked, "approve"))

    field = response.context["form"]
    assert [value for value, _label in field.fields["role"].choices] == ["owner", "manager"]
    assert field["role"].value() is None


def test_approve_proposes_no_role_for_having_few_permissions(sign_in, owner, tree):
    """The shortest list can hold the worst: "may delete the organization" and nothing else."""
    asked = AccessRequestFactory(node=tree.acme, permission=Permission.DELETE_ORGANIZATION)
    CustomRoleFactory(organization=tree.acme, permissions=[asked.permission])

    response = sign_in(owner).get(_url(asked, "approve"))

    assert response.context["form"]["role"].value() is None
    assert b"checked" not in response.content


def test_approve_proposes_viewer_where_that_suffices(sign_in, owner, tree, outsider):
    nodes.edit(tree.acme, by=owner, may_ask_to_join=True)
    CustomRoleFactory(organization=tree.acme, permissions=[Permission.VIEW_ORGANIZATION])
    asked = access_requests.ask(tree.acme, by=outsider)

    response = sign_in(owner).get(_url(asked, "approve"))

    assert response.context["form"]["role"].value() == Role.VIEWER


def test_approve_says_what_each_role_takes(sign_in, asked, owner, tree):
    """A role that is enough for what they ask may take what they may today."""
    small, fitting = (
        CustomRoleFactory(organization=tree.acme, permissions=[*permissions, asked.permission])
        for permissions in (
            [Permission.VIEW_WORKSPACE],
            Role.MAINTAINER.permissions_on(Level.WORKSPACE),
        )
    )

    response = sign_in(owner).get(_url(asked, "approve"))

    assert response.context["form"]["role"].value() is None
    loses = {each["role"]: each["loses"] for each in response.context["differences"]}
    assert loses[fitting] == loses[Role.MANAGER] == []
    assert Permission.VIEW_APPLICATION in loses[small]
    assert "Their current role on Shop is Maintainer" in response.content.decode()


def test_approve_takes_access_that_has_ended_for_nothing(sign_in, owner, tree):
    ended = timezone.now() - timedelta(days=1)
    former = MembershipFactory(node=tree.acme, role=Role.MANAGER, ends_at=ended).user
    nodes.edit(tree.acme, by=owner, may_ask_to_join=True)
    asked = access_requests.ask(tree.acme, by=former)

    response = sign_in(owner).get(_url(asked, "approve"))
    page = response.content.decode()

    assert response.context["form"]["role"].value() == Role.VIEWER
    assert not any(each["loses"] for each in response.context["differences"])
    assert "Their access to Acme as Manager has ended. If you approve, they get access" in page
    assert "Their current role on" not in page


def test_approve_compares_with_a_role_above_that_stays(sign_in, owner, tree, guest):
    MembershipFactory(user=guest, node=tree.acme, role=Role.MAINTAINER)
    asked = access_requests.ask(tree.shop, by=guest, permission=Permission.CHANGE_WORKSPACE)
    small = CustomRoleFactory(
        organization=tree.acme, permissions=["view_workspace", "change_workspace"]
    )

    response = sign_in(owner).get(_url(asked, "approve"))

    loses = {each["role"]: each["loses"] for each in response.context["differences"]}
    assert loses[small] == []


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_approve_shows_both_roles_when_somebody_was_faster(
    sign_in, asked, owner, guest, tree, headers
):
    client = sign_in(owner)
    form = client.get(_url(asked, "approve")).context["form"]
    membership = Membership.objects.at(tree.shop).get(user=guest)
    memberships.change_role(membership, Role.OWNER, by=owner)
    sent = {"role": "manager", "version": form["version"].value()}

    response = client.post(_url(asked, "approve"), sent, headers=headers)

    assert response.status_code == 409
    assert list(response.context["form"].versions.values()) == [("Role", "Manager", "Owner")]
    membership.refresh_from_db()
    assert membership.role == Role.OWNER
    again = sent | {"version": response.context["form"]["version"].value()}
    client.post(_url(asked, "approve"), again, headers=headers)
    membership.refresh_from_db()
    assert membership.role == Role.MANAGER


def test_a_button_that_does_not_say_what_was_shown_is_told_so(sign_in, asked, owner):
    page = node_url(asked.node, "membership-index")
    headers = {"Referer": f"http://testserver{page}"}

    response = sign_in(owner).post(_url(asked, "decline"), {"version": ""}, headers=headers)

    shown = response.content.decode()
    assert response.status_code == 409
    assert "<h1>Open this again</h1>" in shown
    assert "This has changed" not in shown
    assert "What you saw" not in shown
    assert f'href="http://testserver{page}"' in shown
    assert "Open it again</a>" in shown


def test_approve_notices_that_they_are_no_member_any_more(sign_in, asked, owner, guest, tree):
    client = sign_in(owner)
    version = client.get(_url(asked, "approve")).context["form"]["version"].value()
    Membership.objects.at(tree.shop).filter(user=guest).delete()

    response = client.post(_url(asked, "approve"), {"role": "manager", "version": version})

    assert response.status_code == 409
    assert list(response.context["form"].versions.values()) == [("Role", "Manager", "")]


def test_approve_says_what_else_each_role_lets_them_do(sign_in, asked, owner):
    response = sign_in(owner).get(_url(asked, "approve"))

    gains = {each["role"]: each["gains"] for each in response.context["differences"]}
    assert asked.asked_permission in gains[Role.MANAGER]
    assert Permission.VIEW_WORKSPACE not in gains[Role.MANAGER]  # which they may already
    assert f"to {asked.asked_permission.label} on Shop.</p>" in response.content.decode()


def test_approve_gives_the_role(sign_in, asked, owner, guest, tree):
    response = sign_in(owner).post(_url(asked, "approve"), {"role": "manager"})

    assert response["Location"] == node_url(tree.shop, "membership-index")
    assert Membership.objects.at(tree.shop).get(user=guest).role == Role.MANAGER


def test_approve_leads_htmx_back(sign_in, asked, owner, tree):
    response = sign_in(owner).post(_url(asked, "approve"), {"role": "manager"}, headers=HTMX)

    assert response["HX-Redirect"] == node_url(tree.shop, "membership-index")


@pytest.mark.parametrize("role", ["", "viewer", "king"])
def test_approve_refuses_a_role_that_is_not_offered(sign_in, asked, owner, role):
    client = sign_in(owner)
    before = snapshot()

    response = client.post(_url(asked, "approve"), {"role": role}, headers=HTMX)

    assert response.status_code == 422
    assert snapshot() == before


def test_approve_says_when_one_holds_too_little(sign_in, manager, guest, tree):
    asked = access_requests.ask(tree.shop, by=guest, permission=Permission.DELETE_WORKSPACE)

    response = sign_in(manager).get(_url(asked, "approve"))

    assert response.context["differences"] == []
    assert b"Someone with more permissions than you can approve it" in response.content


def test_approve_is_forbidden_to_who_may_not_decide(sign_in, asked, maintainer, viewer):
    for person, permission in ((maintainer, "change"), (viewer, "view")):
        response = sign_in(person).get(_url(asked, "approve"))

        assert response.status_code == 403
        assert f"{permission}_workspace_member" in response.content.decode()


def test_decline(sign_in, asked, owner):
    response = sign_in(owner).post(_url(asked, "decline"), follow=True)

    asked.refresh_from_db()
    assert asked.state == RequestState.DECLINED
    assert "has been declined" in response.content.decode()


def test_decline_tells_that_it_is_too_late(sign_in, asked, owner, guest):
    access_requests.withdraw(asked, by=guest)

    response = sign_in(owner).post(_url(asked, "decline"), follow=True)

    assert "This request has already been withdrawn." in response.content.decode()


def test_block_says_what_it_means_and_does_it(sign_in, asked, owner, guest, tree):
    client = sign_in(owner)

    page = client.get(_url(asked, "block"))
    client.post(_url(asked, "block"))

    assert "Their open requests in Acme are declined" in page.content.decode()
    assert BlockedPerson.objects.get().user == guest


@pytest.mark.parametrize("verb", ["approve", "decline", "block"])
def test_find_no_request_of_another_node(sign_in, owner, tree, verb):
    elsewhere = AccessRequestFactory(node=tree.press)
    url = node_url(tree.shop, f"access-request-{verb}", pk=elsewhere.pk)

    assert sign_in(owner).post(url, {"role": "viewer"}).status_code == 404


def test_withdraw_ones_own_from_home(sign_in, asked, guest):
    client = sign_in(guest)
    url = reverse("console:access-request-withdraw", kwargs={"pk": asked.pk})

    page = client.get("/").content.decode()
    response = client.post(url)

    asked.refresh_from_db()
    assert url in page
    assert (response["Location"], asked.state) == ("/", RequestState.WITHDRAWN)


def test_withdraw_finds_nobody_elses(sign_in, asked, owner):
    url = reverse("console:access-request-withdraw", kwargs={"pk": asked.pk})

    assert sign_in(owner).post(url).status_code == 404


# --- Home ----------------------------------------------------------------------------------------


def test_home_shows_what_waits_for_an_answer(sign_in, asked, owner, tree):
    response = sign_in(owner).get("/")

    assert response.context["answerable"].rows == [asked]
    assert node_url(tree.shop, "membership-index") in response.content.decode()


@pytest.mark.parametrize(
    ("permissions", "count"),
    [
        (["view_workspace_member", "change_workspace_member"], 1),
        (["view_workspace_member", "invite_workspace_member"], 0),  # who asks is a member
        (["change_workspace_member"], 0),  # the page of members is where it is answered
    ],
)
def test_home_shows_what_a_composed_role_may_answer(sign_in, asked, tree, permissions, count):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace", *permissions])
    person = MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role).user

    shown = sign_in(person).get("/?all").context.get("answerable")
    assert len(shown.rows if shown else []) == count


def test_home_shows_what_can_be_answered_behind_what_cannot(sign_in, asked, owner, tree):
    for _ in range(FEW):
        AccessRequestFactory(node=tree.press)
    nodes.delete(tree.press, by=owner)

    assert sign_in(owner).get("/?all").context["answerable"].rows == [asked]


def test_home_shows_only_what_one_may_answer(sign_in, asked, viewer, guest, tree):
    assert "answerable" not in sign_in(viewer).get("/?all").context
    assert "answerable" not in sign_in(guest).get("/?all").context


def test_approve_says_the_role_that_a_member_has_now(sign_in, owner, asked, guest):
    form = {"role": Role.MANAGER}

    page = sign_in(owner).post(_url(asked, "approve"), form, follow=True).content.decode()

    assert f"{guest} now has the role Manager." in page
