"""The pieces of the design system in a real browser: accessible, quiet, and worked by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LOOKS, findings, wrong_in_turn
from tests.support.sampling import IS_THOROUGH

pytestmark = [pytest.mark.urls("tests.browser.kit"), pytest.mark.django_db]

PAGES = ["/kit/", "/kit/?errors=1", "/kit/members/", "/kit/members/?q=zzz", "/kit/entrance/"]
ERRORS = ["400", "403", "404", "409", "413", "429", "500", "503", "csrf"]
ALL_LOOKS = [(width, dark) for width in (1440, 390) for dark in (False, True)]


@pytest.mark.parametrize(("number", "address"), [*enumerate(PAGES)])
def test_page_has_no_findings(live_server, open_page, number, address):
    page = open_page()
    page.goto(live_server.url + address)

    assert wrong_in_turn(page, number) == []


@pytest.mark.parametrize("status", ERRORS)
def test_error_page_has_no_findings(live_server, open_page, status):
    page = open_page(width=390, dark=True)
    page.goto(f"{live_server.url}/kit/errors/{status}/")

    assert findings(page) == []


@pytest.mark.parametrize(("width", "dark"), ALL_LOOKS if IS_THOROUGH else LOOKS)
@pytest.mark.parametrize("opener", ["text=Invite people", "[data-menu] summary[aria-label]"])
def test_opened_piece_has_no_findings(live_server, open_page, opener, width, dark):
    page = open_page(width=width, dark=dark)
    page.goto(f"{live_server.url}/kit/members/")

    page.locator(opener).first.click()

    assert findings(page) == []


def test_page_fits_the_narrowest_screen(live_server, open_page):
    page = open_page(width=360)
    page.goto(f"{live_server.url}/kit/?errors=1")

    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_theme_is_kept_under_the_key_of_the_staff_admin(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/")

    page.get_by_role("button", name="Dark").click()
    page.reload()

    expect(page.locator("html")).to_have_class(re.compile("dark"))
    assert page.evaluate("localStorage.getItem('_x_adminTheme')") == '"dark"'


def test_dialog_opens_and_gives_the_focus_back(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/members/")
    opener = page.get_by_role("link", name="Invite people")

    opener.click()
    expect(page.get_by_role("dialog", name="Invite people")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_dialog_shows_the_page_that_a_link_leads_to(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/members/")
    page.get_by_label("Actions for ada@example.com").click()

    page.get_by_role("link", name="Suspend").first.click()

    dialog = page.get_by_role("dialog", name="Rename")
    expect(dialog.get_by_role("button", name="Save")).to_be_visible()


def test_menu_closes_by_escape_and_by_a_click_elsewhere(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/members/")
    summary = page.get_by_label("Actions for ada@example.com")
    remove = page.get_by_role("link", name="Remove").first

    summary.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(remove).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.get_by_role("heading", name="Members").click()

    expect(remove).to_be_hidden()


def test_drawer_takes_the_focus_and_gives_it_back(live_server, open_page):
    page = open_page(width=390)
    page.goto(f"{live_server.url}/kit/")
    button = page.get_by_role("button", name="Menu", exact=True)
    expect(page.get_by_role("link", name="Settings")).to_be_hidden()

    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("button", name="Close the menu")).to_be_focused()
    assert findings(page) == []
    page.keyboard.press("Escape")

    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()


def test_switcher_loads_what_it_offers_when_it_opens(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/")

    page.locator(".switcher > summary").click()

    expect(page.get_by_role("link", name="Globex")).to_be_visible()


def test_keys_lead_everywhere(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/members/")

    page.keyboard.press("/")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")

    page.wait_for_url(f"{live_server.url}/kit/")


def test_palette_finds_and_follows(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/")

    page.keyboard.press("Control+k")
    page.keyboard.type("ret")
    expect(page.locator("#palette").get_by_role("link", name="Retail")).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(f"{live_server.url}/kit/members/")


def test_toast_says_what_the_answer_asks_for(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/")

    page.get_by_role("button", name="Toast").click()

    expect(page.locator(".toast")).to_contain_text("Ada is viewer")
    assert findings(page) == []


def test_copy_button_copies(live_server, open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/kit/")

    page.get_by_role("button", name="Copy public ID").click()

    expect(page.locator(".toast")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("9c2f6a3e-51d4")


def test_load_more_appends_the_next_rows(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/members/")

    page.get_by_role("link", name="Load more").click()

    expect(page.locator("#member-rows tr")).to_have_count(9)
    expect(page.get_by_role("link", name="Load more")).to_be_hidden()


def test_slug_follows_the_name_until_it_is_written(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/")
    name = page.get_by_label("Name", exact=True)
    slug = page.get_by_label("Slug")

    name.press_sequentially("Café & Söhne")
    expect(slug).to_have_value("cafe-sohne")
    slug.press("End")
    slug.press_sequentially("2")
    name.press_sequentially(" more")

    expect(slug).to_have_value("cafe-sohne2")


def test_danger_waits_for_the_typed_name(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/")
    page.get_by_role("button", name="Delete…").click()
    button = page.get_by_role("button", name="Delete the application")
    expect(button).to_be_disabled()

    page.get_by_label("Type web-shop to confirm").press_sequentially("web-shop")

    expect(button).to_be_enabled()


def test_error_summary_takes_the_focus_and_leads_to_the_field(live_server, open_page):
    page = open_page()
    page.goto(f"{live_server.url}/kit/?errors=1")
    expect(page.locator(".error-summary")).to_be_focused()

    page.get_by_role("link", name="E-mail: Enter a valid e-mail address.").click()

    expect(page.get_by_label("E-mail")).to_be_focused()


def test_everything_is_reachable_without_scripts(live_server, open_page):
    page = open_page(scripts=False)
    page.goto(f"{live_server.url}/kit/members/")

    page.locator(".user-menu > summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("button", name="Dark")).to_be_hidden()
    page.locator(".switcher > summary").click()
    page.get_by_role("link", name="All organizations").click()

    page.wait_for_url(f"{live_server.url}/kit/switcher/")
