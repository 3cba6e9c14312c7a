"""Dialogs in a real browser: what becomes of the focus, and of words that are too long."""

import pytest
from playwright.sync_api import expect

from hierarchy.console.navigation import node_url
from hierarchy.roles import Role
from tests.browser.test_every_page import sign_in
from tests.factories import CustomRoleFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_focus_returns_to_the_menu_that_opened_the_dialog(live_server, open_page, owner, tree):
    MembershipFactory(node=tree.shop, role=Role.VIEWER)
    page = open_page()
    sign_in(page, live_server, owner)
    page.goto(live_server.url + node_url(tree.shop, "membership-index"))
    button = page.locator("tbody details[data-menu] summary").first

    button.click()
    page.locator("details[open] a", has_text="Change role").click()
    page.locator("dialog[open] form").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")

    expect(button).to_be_focused()


def test_focus_returns_to_the_button_that_opened_the_dialog(live_server, open_page, owner, tree):
    page = open_page()
    sign_in(page, live_server, owner)
    page.goto(live_server.url + node_url(tree.shop, "membership-index"))
    button = page.locator("a", has_text="Invite people")

    button.click()
    page.locator("dialog[open] form").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")

    expect(button).to_be_focused()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_long_name_of_a_role_stays_on_the_page(live_server, open_page, owner, tree, width):
    role = CustomRoleFactory(
        organization=tree.acme, name="Very" + "long" * 14, permissions=["view_workspace"]
    )
    MembershipFactory(node=tree.shop, role=Role.CUSTOM, custom_role=role)
    page = open_page(width=width)
    sign_in(page, live_server, owner)
    page.goto(live_server.url + node_url(tree.shop, "membership-index"))

    wider = "() => document.scrollingElement.scrollWidth - window.innerWidth"
    box = page.locator(".badge", has_text="Verylong").first.bounding_box()
    assert page.evaluate(wider) <= 0
    assert box["x"] + box["width"] <= width


def test_focus_goes_to_the_role_that_is_checked(live_server, open_page, owner, tree):
    """Not to the first: an arrow key there would make an owner of a viewer."""
    MembershipFactory(node=tree.shop, role=Role.VIEWER)
    page = open_page()
    sign_in(page, live_server, owner)
    page.goto(live_server.url + node_url(tree.shop, "membership-index"))

    page.locator("tbody details[data-menu] summary").first.click()
    page.locator("details[open] a", has_text="Change role").click()
    page.locator("dialog[open] form").wait_for()

    expect(page.locator('dialog input[value="viewer"]')).to_be_focused()
