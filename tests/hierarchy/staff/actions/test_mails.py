import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from hierarchy.models import MailState, OutgoingMail
from tests.support.acting import mails
from tests.support.refusals import refused


@pytest.fixture
def mail(tree):
    return OutgoingMail.objects.create(
        organization=tree.acme,
        recipient="ada@example.com",
        template="invitation",
        context={"link": "https://example.com/"},
        state=MailState.FAILED,
        attempts=10,
        last_error="SMTPServerDisconnected: gone",
        message_id="1",
    )


def test_resend_queues_the_mail_again(mail, staff):
    mails.resend(mail, by=staff)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.QUEUED, 0, "")
    assert mail.context == {"link": "https://example.com/"}
    assert ProcrastinateJob.objects.filter(args={"mail_id": mail.pk}).count() == 1


def test_resend_locks_the_organization_before_the_mail(mail, staff):
    with CaptureQueriesContext(connection) as queries:
        mails.resend(mail, by=staff)

    locks = [query["sql"] for query in queries if " FOR " in query["sql"]]
    assert 'FROM "hierarchy_organization"' in locks[0]
    assert 'FROM "hierarchy_outgoingmail"' in locks[1]


@pytest.mark.parametrize("state", [MailState.QUEUED, MailState.SENDING, MailState.WITHHELD])
def test_resend_refuses_what_has_not_failed(mail, staff, state):
    OutgoingMail.objects.filter(pk=mail.pk).update(state=state)

    with refused("not_failed"):
        mails.resend(mail, by=staff)


def test_resend_refuses_who_may_not_change_mails(mail, owner):
    with refused("not_allowed"):
        mails.resend(mail, by=owner)
