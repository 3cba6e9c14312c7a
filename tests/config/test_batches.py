"""One row that fails stops no other, is logged, and is tried again the next time."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import unconfirmed_accounts
from config import batches
from hierarchy import grants, tasks
from hierarchy.models import (
    AccessReview,
    EmailDomain,
    Invitation,
    Membership,
    OrganizationGrant,
    Workspace,
)
from tests.factories import (
    AccessReviewFactory,
    AccessReviewRowFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support.acting import access_review_deadlines, email_domains, nodes, reminders

DAY = timedelta(days=1)


def _break(row):
    """Let the database refuse every change of the row, whoever asks."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'broken row'; END $$;
            CREATE TRIGGER broken_row BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW WHEN (old.id = {row.pk}) EXECUTE FUNCTION refuse_row();
            """
        )
    return table


def _repair(table):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with waiting checks can't change
        cursor.execute(f"DROP TRIGGER broken_row ON {table}; DROP FUNCTION refuse_row()")


def _ending(tree):
    return MembershipFactory(node=tree.shop, ends_at=timezone.now() + DAY * 5)


def _invited(tree):
    since = timezone.now() - DAY * 6
    inviter = MembershipFactory(node=tree.shop, role="owner").user
    return InvitationFactory(
        node=tree.shop, created_at=since, expires_at=timezone.now() + DAY, invited_by=inviter
    )


def _review(due):
    def review(tree):
        made = AccessReviewFactory(
            node=WorkspaceFactory(organization=tree.acme), due_at=timezone.now() + due
        )
        AccessReview.objects.filter(pk=made.pk).update(created_at=timezone.now() - DAY * 30)
        AccessReviewRowFactory(review=made, member=MembershipFactory(node=made.workspace))
        return made

    return review


def _deleted(tree):
    return WorkspaceFactory(organization=tree.acme, deleted_at=timezone.now() - DAY * 31)


def _unconfirmed(tree):
    user = UserFactory(date_joined=timezone.now() - DAY * 2)
    EmailAddress.objects.filter(user=user).update(verified=False)
    return EmailAddress.objects.get(user=user)


# (a row that is to be done, how it is done, those of its kind that are left to do)
EVERY_JOB = {
    "remind_of_ends": (
        _ending,
        reminders.remind_of_ends,
        lambda: Membership.objects.filter(ends_at__isnull=False, reminded_days=None),
    ),
    "remind_of_expiry": (
        _invited,
        reminders.remind_of_expiry,
        lambda: Invitation.objects.filter(reminded_at=None),
    ),
    "remind_of_reviews": (
        _review(DAY * 2),
        access_review_deadlines.remind,
        lambda: AccessReview.objects.filter(reminded_at=None),
    ),
    "escalate_reviews": (
        _review(-DAY),
        access_review_deadlines.escalate,
        lambda: AccessReview.objects.filter(escalated_at=None),
    ),
    "purge_expired": (
        _deleted,
        nodes.purge_expired,
        lambda: Workspace.objects.exclude(deleted_at=None),
    ),
    "recheck": (
        lambda tree: EmailDomainFactory(node=tree.acme),
        email_domains.recheck,
        lambda: EmailDomain.objects.filter(last_checked_at=None),
    ),
    "forget_unconfirmed": (
        _unconfirmed,
        unconfirmed_accounts.forget,
        lambda: EmailAddress.objects.filter(verified=False),
    ),
}


@pytest.mark.parametrize("name", EVERY_JOB)
def test_go_on_after_a_row_that_fails(name, tree, owner, name_server, caplog):
    make, run, left = EVERY_JOB[name]
    rows = [make(tree) for _ in range(3)]
    table = _break(rows[0])

    with pytest.raises(batches.SomeFailed, match=r"^1 of 3 failed; the log names them\.$"):
        run()

    assert list(left()) == [rows[0]]
    assert f"failed for the row {rows[0].pk}." in caplog.text
    _repair(table)
    run()
    assert not left().exists()


def test_resealing_secrets_goes_on_and_says_that_some_failed(db):
    unreadable = UserFactory()
    sound = UserFactory()
    for user in (unreadable, sound):
        TOTP.activate(user, "SECRETSECRETSECRET")
    Authenticator.objects.filter(user=unreadable).update(data={"secret": "of another key"})
    before = Authenticator.objects.get(user=sound).data

    with pytest.raises(CommandError, match="1 of 2 failed"):
        call_command("reseal_secrets")

    assert Authenticator.objects.get(user=sound).data != before


@pytest.mark.django_db(transaction=True)
def test_the_page_of_the_job_says_how_many_failed(tree, owner, staff, client, settings):
    settings.DEBUG = True  # staff without a second factor
    rows = [_ending(tree) for _ in range(2)]
    table = _break(rows[0])
    job = tasks.remind_of_ends.defer(timestamp=0)

    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)

    _repair(table)
    assert ProcrastinateJob.objects.get(pk=job).status == "failed"
    assert list(Membership.objects.filter(reminded_days=7)) == rows[1:]
    client.force_login(staff)
    url = reverse("admin:procrastinate_procrastinatejob_change", args=[job])
    assert "1 of 2 failed" in client.get(url).content.decode()


@pytest.mark.django_db(transaction=True)
def test_stored_permissions_that_differ_fail_the_job_of_the_night(
    tree, owner, staff, client, settings, caplog
):
    settings.DEBUG = True  # staff without a second factor
    OrganizationGrant.objects.filter(user=owner).delete()
    job = tasks.check_permissions.defer(timestamp=0)

    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)

    said = "Stored permissions that differ from memberships: 1. The log names them;"
    drift = f"missing: owner_organization of user {owner.pk} on organization {tree.acme.pk}"
    assert ProcrastinateJob.objects.get(pk=job).status == "failed"
    assert [r.getMessage() for r in caplog.records if r.name == "canopy.grants"] == [
        f"A stored permission differs from its membership. {drift}"
    ]
    client.force_login(staff)
    page = reverse("admin:procrastinate_procrastinatejob_change", args=[job])
    for url in ("/admin/", page):
        assert said in client.get(url).content.decode()


def test_the_job_of_the_night_says_nothing_when_nothing_differs(tree, owner, caplog):
    grants.tell_of_drift()

    assert caplog.records == []


def test_stop_when_the_database_has_gone(db):
    def lose_it(row):
        connection.cursor().execute("SELECT broken")

    seen = []
    rows = (seen.append(pk) or pk for pk in (1, 2, 3))

    with pytest.raises(DatabaseError, match="broken"), transaction.atomic():
        batches.one_by_one(rows, lose_it)

    assert seen == [1]
