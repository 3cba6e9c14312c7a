"""The product's one journey, in a real Chromium against the real server, worker and mail server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from hierarchy.demo import PASSWORD as DEMO_PASSWORD
from hierarchy.demo import SIGN_INS
from tests.browser.installation import Installation
from tests.support.sampling import IS_THOROUGH

PASSWORD = "a long enough password"
OWNER = "founder@example.com"
COLLEAGUE = "colleague@example.com"
STAFF = next(person for person in SIGN_INS if person.email.startswith("staff@"))
ADDRESS = re.compile("^E-?mail")


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    # Loading the demo data takes longer than the rest; tests/hierarchy/test_demo.py does it, too.
    whole = Installation(folder, "journey", superuser=None if IS_THOROUGH else STAFF)
    try:
        whole.wait_until_it_answers()
        yield whole
    finally:
        whole.stop()


def sign_up(page: Page, first_name: str, email: str | None = None) -> None:
    page.get_by_label("First name").fill(first_name)
    if email:
        page.get_by_label(ADDRESS).fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=name).click()


def follow(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("link", name=name, exact=True).first.click()


def test_journey(installation, open_page):
    owner = open_page(base_url=installation.url)
    found_the_company(owner, installation)
    make_the_tree(owner)
    invite_the_colleague(owner)

    colleague = open_page(base_url=installation.url)
    accept_the_invitation(colleague, installation)
    see_only_the_workspace(colleague)
    be_refused(colleague)

    change_the_application(owner)

    staff = open_page(base_url=installation.url)
    edit_as_staff(staff)
    read_all_of_it(owner)


def found_the_company(page: Page, installation: Installation) -> None:
    page.goto("/")
    follow(page, "Sign up")
    sign_up(page, "Founder", OWNER)
    mail = installation.mail_server.wait_for(OWNER, "code")
    page.get_by_label("Code").fill(re.search(r"^[A-Z0-9-]{6,}$", mail, re.M).group())
    press(page, "Confirm")
    follow(page, "Create an organization")
    page.get_by_label("Name").fill("Orchard")
    expect(page.get_by_label("Slug")).to_have_value("orchard")
    press(page, "Create organization")
    expect(page.get_by_role("heading", level=1)).to_have_text("Orchard")


def make_the_tree(page: Page) -> None:
    follow(page, "New workspace")
    page.get_by_label("Name").fill("Shop")
    expect(page.get_by_label("Slug")).to_have_value("shop")
    press(page, "Create workspace")
    follow(page, "New application")
    page.get_by_label("Name").fill("Web")
    expect(page.get_by_label("Slug")).to_have_value("web")
    page.get_by_role("radio", name="Web").check()
    page.get_by_role("checkbox", name="Production").check()
    page.get_by_role("checkbox", name="Development").check()
    press(page, "Create application")
    page.goto("/o/orchard/w/shop/a/web/development/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Web")


def invite_the_colleague(page: Page) -> None:
    page.goto("/o/orchard/w/shop/members/")
    follow(page, "Invite people")
    page.get_by_label(ADDRESS).fill(COLLEAGUE)
    page.get_by_role("radio", name="Maintainer").check()
    page.get_by_label("Message").fill("Welcome to the shop")
    press(page, "Send invitation")
    expect(page.get_by_role("main")).to_contain_text(COLLEAGUE)


def accept_the_invitation(page: Page, installation: Installation) -> None:
    mail = installation.mail_server.wait_for(COLLEAGUE, "Shop")
    page.goto(re.search(rf"{installation.url}/invitations/\S+", mail).group())
    expect(page.get_by_role("heading", level=1)).to_have_text("You're invited to Shop")
    assert "/invitations/" not in page.url
    follow(page, "Create an account")
    expect(page.get_by_label(ADDRESS)).to_have_value(COLLEAGUE)
    expect(page.get_by_label(ADDRESS)).to_be_disabled()
    sign_up(page, "Colleague")
    press(page, "Accept")
    expect(page.get_by_role("heading", level=1)).to_have_text("Shop")


def see_only_the_workspace(page: Page) -> None:
    assert page.goto("/o/orchard/").status == 404
    assert page.goto("/o/orchard/members/").status == 404
    assert page.goto("/o/orchard/w/shop/").status == 200
    expect(page.get_by_role("link", name="Members")).to_be_visible()
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)


def be_refused(page: Page) -> None:
    answer = page.goto("/o/orchard/w/shop/members/invite/")
    assert answer.status == 403
    expect(page.get_by_role("main")).to_contain_text("invite people to the workspace")
    expect(page.get_by_role("main")).to_contain_text("Founder")
    assert page.goto("/o/orchard/w/shop/settings/").status == 403


def change_the_application(page: Page) -> None:
    page.goto("/o/orchard/w/shop/a/web/production/settings/localization/")
    zone = page.get_by_role("group", name="Time zone")
    zone.get_by_role("radio", name="Set here").check()
    zone.get_by_role("combobox").select_option("Europe/Rome")
    press(page, "Save settings")
    expect(page.get_by_role("main")).to_contain_text("Time zone changed to Europe/Rome")
    follow(page, "Trusted origins", "Trust an origin")
    page.get_by_label("Origin").fill("https://Shop.Example.com")
    press(page, "Trust origin")
    expect(page.get_by_role("main")).to_contain_text("shop.example.com")


def edit_as_staff(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label(ADDRESS).fill(STAFF.email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    press(page, "Sign in")
    page.goto("/admin/hierarchy/application/?q=web")
    row = page.get_by_role("row").filter(has_text="Orchard").filter(has_text="Production")
    row.get_by_role("link", name="Web").first.click()
    follow(page, "Privacy")
    retention = page.get_by_role("group", name="Retention")
    retention.get_by_role("radio", name="Set here").check()
    retention.get_by_role("spinbutton").fill("30")
    page.get_by_label("Reason").fill("They asked for it.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("Changed: Retention.")


def read_all_of_it(page: Page) -> None:
    page.goto("/o/orchard/activity/")
    log = page.get_by_role("main")
    for sentence in (
        "created the organization Orchard",
        "created the workspace Shop",
        "created the application Web",
        f"invited {COLLEAGUE}",
        "accepted the invitation",
        "changed localization settings",
        "trusted the origin shop.example.com",
        "changed privacy settings",
    ):
        expect(log).to_contain_text(sentence)
    expect(log).to_contain_text("Platform staff")
