"""Every page of the staff admin in a real browser, and what Unfold does by script."""

import re

import pytest
from django.conf import settings
from django.contrib import admin
from playwright.sync_api import expect

from hierarchy.models import AuditEvent, OutgoingMail
from hierarchy.origins import parse_rule
from hierarchy.roles import Role
from tests.browser.conftest import findings, walk
from tests.factories import failed_job
from tests.hierarchy.conftest import enter_admin  # noqa: F401
from tests.support.acting import invitations, trusted_origins
from tests.support.admin_forms import list_url, url

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = 3  # of the walk, so that several processes can go it


@pytest.fixture
def rows(tree, owner):
    """Something on every page."""
    invitation = invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner)
    trusted_origins.add(tree.development, parse_rule("app.example.com"), by=owner)
    OutgoingMail.objects.update(state="failed", last_error="SMTPRecipientsRefused: 550 unknown")
    return [
        tree.acme,
        tree.shop,
        tree.development,
        owner.memberships.get(),
        invitation,
        AuditEvent.objects.first(),
        OutgoingMail.objects.get(),
        failed_job(),
        owner,
    ]


@pytest.fixture
def staff_page(live_server, open_page, enter_admin, staff):  # noqa: F811
    """Return a function that opens an address in a browser in which staff have signed in."""
    session = enter_admin(staff).cookies[settings.SESSION_COOKIE_NAME].value

    def staff_page(address="/admin/", **look):
        page = open_page(**look)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        page.context.add_cookies([cookie])
        if address:
            page.goto(live_server.url + address)
        return page

    return staff_page


def _addresses(rows):
    lists = [list_url(model) for model in admin.site._registry]
    acme, shop, development, membership, *_rest, owner = rows
    pages = [url(row) for row in rows]
    pages += [url(acme, "settings", group) for group in ("security", "privacy", "localization")]
    pages += [url(node, "people") for node in (acme, shop, development)]
    pages += [url(acme, "delete"), url(shop, "suspend"), url(membership, "remove")]
    nouns = ("workspace", "application", "membership", "invitation")
    pages.append("/admin/auth/group/add/")
    adds = [f"/admin/hierarchy/{noun}/add/" for noun in nouns]
    return ["/admin/", *lists, *adds, *pages, url(owner, "access")]


def _serious(page):
    return _of_weight(findings(page))


def _of_weight(lines):
    """Return all but what axe-core calls moderate or minor: that is Unfold's."""
    return [line for line in lines if not re.search(r"(^|: )(moderate|minor) ", line)]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_quiet_and_accessible(live_server, staff_page, rows, part):
    addresses = [*enumerate(_addresses(rows))][part::PARTS]

    found = {
        address: (status, wrong)
        for address, status, lines in walk(staff_page(""), live_server.url, addresses)
        if (wrong := _of_weight(lines)) or status != 200
    }

    assert found == {}


# What the palette is made of: a field that HTMX watches, and a list that Alpine knows of.
WATCHED = "'htmx-internal-data' in (document.querySelector('#search-input-command') || {})"
LISTED = "window.Alpine?.$data(document.querySelector('[x-data^=searchCommand]')).totalItems"


def test_palette_finds_a_row_and_follows_it(live_server, staff_page, tree):
    page = staff_page()
    page.wait_for_function(WATCHED)
    page.wait_for_function(f"{LISTED} === 0")

    page.keyboard.press("Control+k")
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type("sho")
    expect(page.locator("#command-results-list")).to_contain_text("Shop")
    page.wait_for_function(f"{LISTED} > 0")
    assert _serious(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(live_server.url + url(tree.shop))


def test_theme_is_shared_with_the_console(staff_page):
    page = staff_page()

    page.get_by_text("Staff", exact=True).last.click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.reload()

    expect(page.locator("html")).to_have_class(re.compile("dark"))
    assert page.evaluate("localStorage.getItem('_x_adminTheme')") == '"dark"'


def test_side_bar_is_put_away_and_stays_away(staff_page):
    page = staff_page()

    page.get_by_text("dock_to_right").first.press("Enter")
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    page.reload()

    expect(page.locator("#nav-sidebar")).to_be_hidden()


def test_side_bar_opens_on_a_narrow_screen(staff_page):
    page = staff_page(width=390)
    expect(page.get_by_role("link", name="Workspaces")).to_be_hidden()

    page.get_by_text("dock_to_right").last.click()

    expect(page.get_by_role("link", name="Workspaces")).to_be_visible()
    assert _serious(page) == []


def test_lists_side_by_side_are_no_wider_than_the_page(staff_page):
    page = staff_page("/admin/auth/group/add/", width=1024)

    assert page.evaluate("document.documentElement.scrollWidth") == 1024


def test_filters_open_and_find_by_autocomplete(live_server, staff_page, tree):
    page = staff_page("/admin/hierarchy/workspace/")

    page.get_by_text("Filters").first.click()
    page.locator("#changelist-filter .select2-selection").click()
    page.locator(".select2-search__field").press_sequentially("Ac")
    page.locator(".select2-results__option", has_text="Acme").click()
    assert _serious(page) == []
    page.get_by_role("button", name="Apply").or_(page.get_by_text("Apply")).first.click()

    page.wait_for_url(re.compile("organization__id__exact"))
    expect(page.locator("#result_list")).to_contain_text("Shop")


def test_bulk_action_suspends_what_is_ticked(live_server, staff_page, tree):
    page = staff_page("/admin/hierarchy/workspace/")

    page.locator("input.action-select").first.check()
    expect(page.locator(".action-counter")).to_have_text("1 of 2 selected")
    expect(page.locator("tr.selected")).to_contain_text("Press")
    page.get_by_label("Select action to run").select_option(label="Suspend")
    page.get_by_role("button", name="Run").click()
    page.get_by_label("Reason").fill("They asked for it.")
    page.get_by_role("button", name="Suspend").click()

    expect(page.get_by_text("Press has been suspended.")).to_be_visible()


def test_origin_is_added_inside_the_form(live_server, staff_page, tree):
    page = staff_page(url(tree.development))

    page.locator(".add-row").first.click()
    page.locator("input[name$='-0-origin']").fill("app.example.com")
    page.get_by_label("Reason").fill("They asked for it.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(live_server.url + url(tree.development))

    expect(page.locator("input[name$='-0-origin']")).to_have_value("app.example.com")


def test_setting_is_changed_and_tells_where_it_comes_from(live_server, staff_page, tree):
    page = staff_page(url(tree.development, "settings", "security"))

    page.locator("#id_max_token_age").fill("3600")
    page.locator("#id_max_token_age_source_1").check()
    page.get_by_label("Reason").fill("They asked for it.")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Changed: Maximum token age.")).to_be_visible()
    expect(page.get_by_text("3,600 seconds").first).to_be_visible()
