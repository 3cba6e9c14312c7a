"""The join page of an organization, and its settings."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hierarchy import grants
from hierarchy.console.navigation import node_url
from hierarchy.models import AccessRequest, AuditEvent, BlockedPerson, JoinMode, Membership
from hierarchy.roles import Role
from tests.factories import BlockedPersonFactory, EmailDomainFactory, MembershipFactory
from tests.support.acting import access_requests, accounts, blocks, nodes
from tests.support.refusals import snapshot

pytestmark = pytest.mark.usefixtures("forget_limits")


@pytest.fixture
def open_door(tree, owner):
    return nodes.edit(tree.acme, by=owner, may_ask_to_join=True)


# --- The join page -------------------------------------------------------------------------------


def test_join_page_asks(sign_in, open_door, outsider):
    client = sign_in(outsider)

    page = client.get(node_url(open_door, "join"))
    response = client.post(node_url(open_door, "join"), {"message": "Hello"})

    asked = AccessRequest.objects.get()
    assert page.status_code == 200
    assert "Join Acme" in page.content.decode()
    assert (asked.user, asked.node, asked.message) == (outsider, open_door, "Hello")
    assert response["Location"] == "/"


def test_join_page_tells_nothing_of_what_stands_inside(sign_in, open_door, tree, owner, outsider):
    page = sign_in(outsider).get(node_url(open_door, "join")).content.decode()

    for name in ("Shop", "Press", "owner@example.com"):
        assert name not in page


def test_join_page_is_absent_while_the_door_is_shut(sign_in, tree, outsider):
    client = sign_in(outsider)

    hidden = client.get(node_url(tree.acme, "join"))
    absent = client.get("/o/never-existed/join/")

    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.content.replace(hidden["X-Request-ID"].encode(), b"") == absent.content.replace(
        absent["X-Request-ID"].encode(), b""
    )
    assert client.post(node_url(tree.acme, "join")).status_code == 404


def test_join_page_keeps_its_former_address_while_the_door_is_open(
    sign_in, open_door, owner, outsider
):
    renamed = nodes.edit(open_door, by=owner, slug="globex")
    client = sign_in(outsider)

    moved = client.get("/o/acme/join/?from=mail")
    nodes.edit(renamed, by=owner, may_ask_to_join=False)
    hidden = client.get("/o/acme/join/")

    assert (moved.status_code, moved["Location"]) == (302, "/o/globex/join/?from=mail")
    assert hidden.status_code == 404


def test_join_page_of_a_deleted_organization_is_absent(sign_in, open_door, owner, outsider):
    nodes.delete(open_door, by=owner)

    assert sign_in(outsider).get(node_url(open_door, "join")).status_code == 404


def test_join_page_leads_members_inside(sign_in, tree, viewer):
    assert sign_in(viewer).get(node_url(tree.acme, "join"))["Location"] == node_url(tree.acme)


def test_join_page_lets_ask_anew_whose_access_has_ended(sign_in, open_door, viewer):
    EmailDomainFactory(node=open_door, domain="example.com", mode=JoinMode.AUTOMATIC)
    over = timezone.now() - timedelta(days=1)
    Membership.objects.filter(user=viewer).update(ends_at=over)
    grants.derive(viewer, open_door)
    client = sign_in(viewer)
    url = node_url(open_door, "join")

    home = client.get("/").content.decode()
    page = client.get(url).content.decode()
    client.post(url, {"message": "Again"})

    assert url in home
    assert "Your access to Acme ended on" in page
    assert node_url(open_door, "join-now") not in page
    assert AccessRequest.objects.get().user == viewer


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "suspended"}, "Your membership of Acme is suspended."),
        (
            {"status": "suspended", "ends_at": timezone.now() - timedelta(days=2)},
            "Your membership of Acme is suspended.",
        ),
        ({"starts_at": timezone.now() + timedelta(days=2)}, "Your access to Acme begins on"),
    ],
)
def test_join_page_says_what_becomes_of_a_membership_at_rest(
    sign_in, open_door, viewer, fields, sentence
):
    Membership.objects.filter(user=viewer).update(**fields)
    grants.derive(viewer, open_door)

    page = sign_in(viewer).get(node_url(open_door, "join")).content.decode()

    assert sentence in page
    assert "Ask to join" not in page


def test_join_page_serves_members_of_a_workspace(sign_in, open_door, guest):
    client = sign_in(guest)

    client.post(node_url(open_door, "join"), {"message": ""})

    assert AccessRequest.objects.get().node == open_door


def test_join_page_says_that_one_has_asked(sign_in, open_door, outsider):
    access_requests.ask(open_door, by=outsider)

    page = sign_in(outsider).get(node_url(open_door, "join")).content.decode()

    assert "You've already asked" in page
    assert "<textarea" not in page


def test_join_page_tells_refusals(sign_in, open_door, outsider):
    BlockedPersonFactory(organization=open_door, user=outsider)
    client = sign_in(outsider)
    before = snapshot()

    response = client.post(node_url(open_door, "join"), {"message": ""})

    assert "accept requests from you." in response.content.decode()
    assert snapshot() == before


def test_join_page_refuses_a_long_message(sign_in, open_door, outsider):
    response = sign_in(outsider).post(node_url(open_door, "join"), {"message": "x" * 501})

    assert list(response.context["form"].errors) == ["message"]


def test_join_page_asks_visitors_to_sign_in(client, open_door):
    assert client.get(node_url(open_door, "join"))["Location"].startswith("/accounts/login/")


# --- Settings ------------------------------------------------------------------------------------


def test_edit_opens_and_shuts_the_door(sign_in, tree, manager):
    client = sign_in(manager)
    url = node_url(tree.acme, "joining")

    opened = client.post(url, {"may_ask_to_join": "on"}, follow=True).content.decode()
    tree.acme.refresh_from_db()
    assert tree.acme.may_ask_to_join is True
    assert "People can now ask to join." in opened
    assert node_url(tree.acme, "join") in opened

    client.post(url, {})
    tree.acme.refresh_from_db()
    assert tree.acme.may_ask_to_join is False
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.changes) == (
        "organization.edit",
        {"may_ask_to_join": [True, False]},
    )


@pytest.mark.parametrize("verb", ["get", "post"])
def test_edit_is_forbidden_to_viewers(sign_in, tree, viewer, verb):
    assert getattr(sign_in(viewer), verb)(node_url(tree.acme, "joining")).status_code == 403


def test_edit_tells_that_the_organization_is_suspended(sign_in, tree, owner):
    nodes.suspend(tree.acme, by=owner)
    client = sign_in(owner)

    page = client.get(node_url(tree.acme, "joining")).content.decode()
    response = client.post(node_url(tree.acme, "joining"), {"may_ask_to_join": "on"})

    assert "Nobody can ask to join." in page
    assert "is suspended" in response.content.decode()


def test_edit_lists_and_unblocks_the_blocked(sign_in, tree, owner, outsider):
    blocked = blocks.block(tree.acme, outsider, by=owner)
    client = sign_in(owner)
    url = node_url(tree.acme, "blocked-person-unblock", pk=blocked.pk)

    assert url in client.get(node_url(tree.acme, "joining")).content.decode()
    client.post(url)

    assert BlockedPerson.objects.count() == 0


def test_edit_lists_and_unblocks_a_closed_account(sign_in, tree, owner, outsider):
    blocked = blocks.block(tree.acme, outsider, by=owner)
    accounts.close(outsider)
    client = sign_in(owner)

    page = client.get(node_url(tree.acme, "joining")).content.decode()
    url = node_url(tree.acme, "blocked-person-unblock", pk=blocked.pk)
    told = client.post(url, follow=True).content.decode()

    assert "A closed account" in page
    assert "closed-account.invalid" not in page
    assert "A closed account can ask again." in told
    assert BlockedPerson.objects.count() == 0


def test_unblock_finds_nobody_of_another_organization(sign_in, tree, owner):
    other = BlockedPersonFactory()
    MembershipFactory(node=other.organization, user=owner, role=Role.VIEWER)
    url = node_url(tree.acme, "blocked-person-unblock", pk=other.pk)

    assert sign_in(owner).post(url).status_code == 404


def test_edit_shows_both_versions_when_somebody_was_faster(sign_in, tree, owner):
    client = sign_in(owner)
    url = node_url(tree.acme, "joining")
    shown = client.get(url).context["form"].initial["version"]
    client.post(url, {"invitation_domains": "acme.com", "version": shown})

    mine = {"may_ask_to_join": "on", "version": shown}
    stale = client.post(url, mine)
    tree.acme.refresh_from_db()
    kept = (tree.acme.invitation_domains, tree.acme.may_ask_to_join)
    client.post(url, mine | {"version": stale.context["form"].data["version"]})
    tree.acme.refresh_from_db()

    assert (stale.status_code, kept) == (409, ("acme.com", False))
    assert list(stale.context["form"].versions.values()) == [
        ("Only invite addresses at these domains", "", "acme.com"),
        ("Let people ask to join", "Yes", "No"),
    ]
    assert (tree.acme.invitation_domains, tree.acme.may_ask_to_join) == ("", True)


def test_list_many_domains_page_by_page(sign_in, tree, owner):
    names = sorted(EmailDomainFactory(node=tree.acme).domain for _ in range(52))
    client = sign_in(owner)

    first = client.get(node_url(tree.acme, "joining")).context["domains"]
    second = client.get(first.next_url).context["domains"]

    assert [row.domain for page in (first, second) for row in page.rows] == names
    assert (len(first.rows), second.next_url) == (50, "")
