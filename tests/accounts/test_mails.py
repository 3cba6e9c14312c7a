"""Mails about accounts: sealed while they wait, and sent by the worker alone."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import mails, tasks, unconfirmed_accounts
from accounts.models import User
from accounts.sealing import unseal
from hierarchy.roles import Role
from tests.accounts.conftest import forget_job
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

RESET = reverse("account_reset_password")
CODE = "account/email/email_confirmation"


def _work():
    """Do the jobs as the worker does; return the mails that left."""
    while job := ProcrastinateJob.objects.filter(status="todo").order_by("id").first():
        {mails.SEND_MAIL: tasks.send_mail, mails.SEND_RESET_LINK: tasks.send_reset_link}[
            job.task_name
        ](**job.args)
        forget_job(job)
    return mail.outbox


def test_seal_what_waits_in_the_queue(db):
    mails.queue(CODE, "ada@example.com", {"code": "ABC-DEF"})

    kept = str(ProcrastinateJob.objects.get().args)
    assert "ABC-DEF" not in kept
    assert "ada@example.com" not in kept
    assert "ABC-DEF" in unseal(ProcrastinateJob.objects.get().args["sealed"])


def test_send_text_and_html(db):
    mails.queue(CODE, "ada@example.com", {"code": "ABC-DEF"})

    (message,) = _work()

    html, kind = message.alternatives[0]
    assert (message.to, kind) == (["ada@example.com"], "text/html")
    assert message.subject == "ABC-DEF is your Canopy code"
    assert "\nABC-DEF\n" in message.body
    assert ">ABC-DEF</p>" in html


def test_make_a_button_of_a_link_of_ours(db):
    UserFactory(email="ada@example.com")
    mails.queue_reset_link("ada@example.com")

    (message,) = _work()

    assert (
        '<a href="http://localhost:8000/accounts/password/reset/key/' in message.alternatives[0][0]
    )


def test_leave_a_mail_to_be_tried_again_while_the_server_is_down(db, settings):
    mails.queue(CODE, "ada@example.com", {"code": "ABC-DEF"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = 1

    with pytest.raises(mails.NotSentYet, match="refused"):
        tasks.send_mail(**ProcrastinateJob.objects.get().args)


@pytest.mark.parametrize("person", ["unknown", "inactive"])
def test_send_no_link_to_who_has_no_account(client, person):
    if person == "inactive":
        UserFactory(email="inactive@example.com", is_active=False)

    client.post(RESET, {"email": f"{person}@example.com"})

    assert _work() == []


def test_send_the_link_to_the_stored_address_alone(client, db):
    UserFactory(email="ada@example.com")

    client.post(RESET, {"email": ["mallory@example.com", "ADA@Example.com"]})

    assert [message.to for message in _work()] == [["ada@example.com"]]


def test_look_nobody_up_while_the_page_waits(client, db):
    UserFactory(email="ada@example.com")
    client.post(RESET, {"email": "warm-up@example.com"})
    costs = []

    for email in ("ada@example.com", "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            client.post(RESET, {"email": email})
        assert not any("accounts_user" in query["sql"] for query in queries)
        costs.append(len(queries))

    assert costs[0] == costs[1]


# --- Sign-ups that nobody confirms ---------------------------------------------------------------


def _signed_up(days, **fields):
    joined = timezone.now() - timedelta(days=days)
    user = User.objects.create_user("new@example.com", date_joined=joined, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True)
    return user


def test_free_the_address_of_a_sign_up_that_nobody_confirmed(db):
    _signed_up(days=2)

    unconfirmed_accounts.forget()

    assert not User.objects.exists()


def test_keep_who_may_still_confirm_or_has_done_so(db):
    fresh = _signed_up(days=0)
    confirmed = UserFactory(date_joined=timezone.now() - timedelta(days=9))

    unconfirmed_accounts.forget()

    assert set(User.objects.all()) == {fresh, confirmed}


def test_keep_who_is_expected_in_the_tree(db):
    user = _signed_up(days=2)
    MembershipFactory(user=user, node=OrganizationFactory(), role=Role.VIEWER)

    unconfirmed_accounts.forget()

    assert User.objects.filter(pk=user.pk).exists()


def test_keep_staff(db):
    user = _signed_up(days=2, is_staff=True)

    unconfirmed_accounts.forget()

    assert User.objects.filter(pk=user.pk).exists()
