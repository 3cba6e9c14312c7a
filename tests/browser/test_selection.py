"""Ticking members in a real browser, with scripts and without."""

import pytest

from hierarchy.console.navigation import node_url
from hierarchy.models import Membership
from hierarchy.roles import Role
from tests.browser.conftest import findings
from tests.browser.test_every_page import sign_in
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def members(tree):
    Membership.objects.exclude(role=Role.OWNER).delete()
    return MembershipFactory.create_batch(3, node=tree.acme)


def _open(page, live_server, owner, tree):
    sign_in(page, live_server, owner)
    page.goto(live_server.url + node_url(tree.acme, "membership-index"))


def test_tick_all_on_the_page_and_change_their_role(live_server, open_page, owner, tree, members):
    page = open_page()
    _open(page, live_server, owner, tree)
    suspend = page.locator("#selection button", has_text="Suspend")

    assert suspend.is_disabled()
    page.get_by_label("Select all on this page").check()
    assert page.locator("[data-selection-count]").inner_text() == "Selected: 4"
    page.locator("input[name=member]").last.uncheck()  # the other owner, the oldest member
    assert page.locator("[data-select-all]").evaluate("box => box.indeterminate")
    page.locator("#selection button", has_text="Change role").click()
    page.get_by_label("Maintainer").check()
    assert findings(page) == []
    page.get_by_role("button", name="Change role: 3 members").click()

    page.get_by_text("3 members now have the role Maintainer.").wait_for()
    assert Membership.objects.filter(role=Role.MAINTAINER).count() == 3


def test_do_the_same_without_scripts(live_server, open_page, owner, tree, members):
    page = open_page(scripts=False)
    _open(page, live_server, owner, tree)

    for member in members:
        page.locator(f"input[name=member][value='{member.pk}']").check()
    page.locator("#selection button", has_text="Suspend").click()
    page.get_by_role("button", name="Suspend: 3 members").click()

    page.get_by_text("3 members have been suspended.").wait_for()
    assert Membership.objects.filter(status="suspended").count() == 3
