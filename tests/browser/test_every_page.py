"""Every page in a real browser: nothing for axe-core to find, nothing in the console.

One walk for each person, through a tree in which every list has rows and every state
occurs; the fixture `open_page` fails the walk on any console error or violated content policy.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.origins import parse_rule
from hierarchy.roles import Role
from hierarchy.setting_definitions import Group
from tests.browser.conftest import walk
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support.acting import (
    access_reviews,
    invitations,
    memberships,
    nodes,
    transfers,
    trusted_origins,
)
from tests.support.acting import settings as setting_actions
from tests.support.sampling import IS_THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = 3  # of the owner's walk, so that several processes can go it

PERSONAL = [
    "/",
    "/organizations/new/",
    "/search/?q=web",
    "/search/?q=nothing-like-it",
    "/switcher/",
    "/trash/",
    "/accounts/close/",
    "/accounts/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
]
# What looks otherwise where there is nothing yet.
EMPTY = ["/", "/search/?q=nothing-like-it", "/switcher/", "/trash/", "/accounts/close/"]
SIGNED_OUT = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
AT_EVERY_LEVEL = [
    "edit",
    "delete",
    "suspend",
    "membership-index",
    "invitation-send",
    "invitation-send-many",
    "invitation-index",
    "access",
    "audit-event-index",
]
ROLE_PAGES = ("detail", "edit", "delete")
QUESTIONS = (
    "permission=add_application",
    "person=owner@example.com",
    "permission=add_application&person=owner@example.com",
    "permission=view_organization&person=nobody@example.com",
)


@pytest.fixture
def lively_tree(tree, owner):
    """The little tree with something in every list: members, offers, origins, trash, suspension."""
    for node in (tree.acme, tree.shop, tree.development):
        MembershipFactory(node=node, role=Role.MAINTAINER)
        MembershipFactory(node=node, role=Role.VIEWER, status="suspended")
        invitations.send(node, "invited@example.com", Role.VIEWER, by=owner, message="Welcome")
    tree.role = CustomRoleFactory(organization=tree.acme, permissions=["view_workspace"])
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=tree.role)
    soon = timezone.now() + timedelta(days=3)
    tree.member = MembershipFactory(node=tree.acme, role=Role.VIEWER, ends_at=soon)
    trusted_origins.add(tree.development, parse_rule("app.example.com"), by=owner)
    setting_actions.change(tree.shop, Group.LOCALIZATION, {"time_zone": "Europe/Rome"}, by=owner)
    globex = OrganizationFactory(name="Globex", slug="globex")
    MembershipFactory(node=globex, user=owner, role=Role.OWNER)
    setting_actions.change(globex, Group.LOCALIZATION, {"time_zone": "Asia/Tokyo"}, by=owner)
    tree.offers = [
        transfers.offer(tree.development, globex, by=owner),
        transfers.offer(tree.press, globex, by=owner),
    ]
    tree.reviews = _reviews(tree, owner)
    nodes.delete(ApplicationFactory(workspace=tree.press, name="Gone"), by=owner)
    nodes.suspend(WorkspaceFactory(organization=tree.acme, name="Asleep", slug="asleep"), by=owner)
    return tree


def _reviews(tree, owner):
    """Return a finished review and an open one, with a row in every state."""
    due_at = timezone.now() + timedelta(days=14)
    finished = access_reviews.start(tree.shop, due_at=due_at, by=owner)
    access_reviews.keep(finished, finished.rows.all()[:1], by=owner, note="On the team")
    access_reviews.finish(finished, by=owner)
    staying, leaving, changing = MembershipFactory.create_batch(3, node=tree.acme)
    review = access_reviews.start(tree.acme, due_at=due_at, by=owner)
    rows = review.rows.select_related("review__organization")
    access_reviews.change(
        rows.get(membership_id=staying.pk), Role.MAINTAINER, by=owner, note="Helps out"
    )
    memberships.leave(leaving, by=leaving.user)
    memberships.change_role(changing, Role.MANAGER, by=owner)
    tree.waiting = review.rows.get(membership_id=changing.pk)
    return [finished, review]


def pages_of(tree) -> list[str]:
    """Return the addresses of every page that the owner of the tree can open."""
    addresses = list(PERSONAL)
    nodes = (tree.acme, tree.shop, tree.production)
    addresses += [node_url(node) for node in nodes]
    addresses += in_turn(nodes, lambda node, name: node_url(node, name), AT_EVERY_LEVEL)
    addresses += in_turn(nodes, lambda node, group: node_url(node, "settings", group=group), Group)
    addresses += [
        node_url(tree.acme, "role-index"),
        node_url(tree.acme, "ownership"),
        node_url(tree.acme, "custom-role-create"),
        node_url(tree.shop, "transfer"),
        node_url(tree.development, "transfer"),
        *(reverse("console:transfer-offer", kwargs={"pk": offer.pk}) for offer in tree.offers),
        *(node_url(tree.acme, f"custom-role-{verb}", pk=tree.role.pk) for verb in ROLE_PAGES),
        *(f"{node_url(tree.shop, 'access')}?{question}" for question in QUESTIONS),
        *_review_pages(tree),
        node_url(tree.acme, "membership-change-dates", pk=tree.member.pk),
        node_url(tree.acme, "workspace-create"),
        node_url(tree.shop, "application-create"),
        node_url(tree.development, "detail"),
        node_url(tree.development, "trusted-origin-index"),
        f"{node_url(tree.acme)}w/asleep/",
        f"{node_url(tree.acme)}nothing-here/",
    ]
    return addresses


def in_turn(nodes, address, kinds):
    """Return the address of each kind of page at one of the nodes, at all when it is thorough."""
    return [
        address(node, kind)
        for number, kind in enumerate(kinds)
        for node in (nodes if IS_THOROUGH else nodes[number % len(nodes) :][:1])
    ]


def _review_pages(tree):
    finished, review = tree.reviews
    names = ("detail", "finish", "cancel")
    return [
        node_url(tree.acme, "access-review-index"),
        node_url(tree.press, "access-review-index"),
        node_url(tree.press, "access-review-start"),
        node_url(tree.shop, "access-review-detail", pk=finished.pk),
        *(node_url(tree.acme, f"access-review-{name}", pk=review.pk) for name in names),
        f"{node_url(tree.acme, 'access-review-detail', pk=review.pk)}?show=all",
        *(
            node_url(tree.acme, f"access-review-row-{verb}", pk=tree.waiting.pk)
            for verb in ("change", "remove")
        ),
    ]


def sign_in(page, live_server, user) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])


def wrong_on(page, live_server, numbered) -> dict[str, list[str]]:
    """Open each address; return what is wrong on which."""
    walked = walk(page, live_server.url, [*numbered])
    return {address: wrong for address, _status, wrong in walked if wrong}


@pytest.mark.parametrize("part", range(PARTS))
def test_owner_finds_nothing_wrong(live_server, open_page, lively_tree, owner, part):
    page = open_page()
    sign_in(page, live_server, owner)
    pages = [*enumerate(pages_of(lively_tree))]

    assert wrong_on(page, live_server, pages[part::PARTS]) == {}


def test_newcomer_finds_nothing_wrong(live_server, open_page):
    page = open_page()
    sign_in(page, live_server, UserFactory())

    pages = PERSONAL if IS_THOROUGH else EMPTY
    assert wrong_on(page, live_server, enumerate(pages, start=1)) == {}


def test_visitor_finds_nothing_wrong(live_server, open_page, db):
    assert wrong_on(open_page(), live_server, enumerate(SIGNED_OUT)) == {}


def test_viewer_finds_nothing_wrong(live_server, open_page, lively_tree, viewer):
    page = open_page()
    sign_in(page, live_server, viewer)
    addresses = [node_url(node) for node in (lively_tree.acme, lively_tree.shop)]
    refused = node_url(lively_tree.acme, "edit")

    assert wrong_on(page, live_server, enumerate([*addresses, refused])) == {}
