"""What becomes of an address that somebody types into a real browser, key by key."""

import json

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import mails
from accounts.sealing import unseal
from hierarchy.console.navigation import node_url
from hierarchy.models import Invitation, OutgoingMail
from tests.browser.test_every_page import sign_in
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]

TYPED = "anna@straße.de"
USED = "anna@xn--strae-oqa.de"


def test_an_invitation_reaches_the_domain_that_was_typed(live_server, open_page, owner, tree):
    page = open_page(scripts=False)
    sign_in(page, live_server, owner)
    page.goto(live_server.url + node_url(tree.acme, "invitation-send"))
    invite = page.get_by_role("button", name="Send invitation")

    page.get_by_label("E-mail").press_sequentially(TYPED)
    invite.click()
    page.locator(".error-summary", has_text=f"{USED} (straße.de)").wait_for()
    before = Invitation.objects.count()
    invite.click()
    page.locator("body", has_text=f"{USED} (straße.de) has been invited").wait_for()

    assert before == 0
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [USED]


def test_a_code_reaches_the_domain_that_was_typed(live_server, open_page, db):
    page = open_page()
    page.goto(f"{live_server.url}/accounts/signup/")

    for _time in range(2):
        page.get_by_label("First name").fill("Anna")
        if not page.get_by_label("E-mail address").input_value():
            page.get_by_label("E-mail address").press_sequentially(TYPED)
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        page.locator("body", has_text=f"{USED} (straße.de)").wait_for()

    page.get_by_role("heading", name="Confirm your e-mail address").wait_for()
    jobs = ProcrastinateJob.objects.filter(task_name=mails.SEND_MAIL)
    assert [json.loads(unseal(job.args["sealed"]))["recipient"] for job in jobs] == [USED]
