"""Audit events, mails and jobs in the admin."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hierarchy import audit, outbox
from hierarchy.models import AuditEvent, Ending, MailState, Organization, OutgoingMail
from hierarchy.roles import Role
from hierarchy.staff.admin import dashboard
from tests.factories import OrganizationFactory, failed_job
from tests.support.acting import invitations, nodes, purge_receipts
from tests.support.admin_forms import list_url, messages, url


@pytest.fixture
def mail(tree, owner):
    """A mail that was given up, with a link in it."""
    mail = invitations.send(tree.shop, "new@example.com", Role.VIEWER, by=owner).mail
    OutgoingMail.objects.filter(pk=mail.pk).update(state=MailState.FAILED, last_error="refused")
    return OutgoingMail.objects.get(pk=mail.pk)


def _listed(browser, model, **query):
    return list(browser.get(list_url(model), query).context["cl"].result_list)


def test_read_an_event_with_before_and_after(admin, tree, owner):
    nodes.edit(tree.shop, by=owner, name="Renamed")
    event = AuditEvent.objects.get()

    page = admin.get(url(event)).content.decode()

    assert "changed the workspace Renamed" in page
    assert "<td>Shop</td><td>Renamed</td>" in page


def test_change_no_event(admin, tree, owner):
    nodes.edit(tree.shop, by=owner, name="Renamed")
    event = AuditEvent.objects.get()

    assert admin.post(url(event), {"action": "x"}).status_code == 403
    assert admin.get(list_url(AuditEvent, "add")).status_code == 403


def test_filter_events(admin, tree, owner, staff):
    other = OrganizationFactory()
    first = audit.record("organization.edit", by=owner, node=tree.acme)
    second = audit.record("workspace.edit", by=staff, node=tree.shop)
    third = audit.record("organization.edit", by=owner, node=other)

    assert _listed(admin, AuditEvent, organization_id=tree.acme.pk) == [second, first]
    assert _listed(admin, AuditEvent, workspace_id=tree.shop.pk) == [second]
    assert _listed(admin, AuditEvent, actor_id=staff.pk) == [second]
    assert _listed(admin, AuditEvent, action="organization.edit") == [third, first]
    today = timezone.localdate()
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert _listed(admin, AuditEvent, created_at_from_0=tomorrow) == []
    assert _listed(admin, AuditEvent, created_at_to_0=today, created_at_to_1="00:00") == []
    assert len(_listed(admin, AuditEvent, created_at_from_0=today, created_at_to_0=tomorrow)) == 3
    for name in ("actor_id", "created_at_from_0"):
        assert admin.get(list_url(AuditEvent), {name: "nonsense"}).status_code == 400


def test_limited_staff_read_the_events_of_their_organizations(enter_admin, tree, manager):
    other = OrganizationFactory()
    mine = audit.record("workspace.edit", by=manager, node=tree.shop)
    foreign = audit.record("organization.edit", by=manager, node=other)
    manager.is_staff = True
    manager.save()
    browser = enter_admin(manager)

    assert _listed(browser, AuditEvent) == [mine]
    assert browser.get(url(mine)).status_code == 200
    assert browser.get(url(foreign)).status_code == 302


def test_show_no_secret_of_a_mail(admin, mail):
    page = admin.get(url(mail)).content.decode()

    assert mail.context["link"] not in page
    assert "•••" in page
    assert "Acme" in page


def test_show_why_a_mail_was_withheld(admin, mail):
    outbox.withhold(mail, Ending.NOT_OFFERED)

    assert str(Ending.NOT_OFFERED.label) in admin.get(url(mail)).content.decode()
    assert str(Ending.NOT_OFFERED.label) in admin.get(list_url(OutgoingMail)).content.decode()


def test_show_a_mail_that_nobody_can_read(admin, mail):
    OutgoingMail.objects.update(sealed="of another key")

    response = admin.get(url(mail))

    assert response.status_code == 200
    assert "Add that key to SECRET_KEY_FALLBACKS" in response.content.decode()


def test_send_a_failed_mail_again(admin, mail):
    response = admin.post(url(mail, "resend"), follow=True)

    mail.refresh_from_db()
    assert mail.state == MailState.QUEUED
    assert messages(response)[0].startswith("Queued again")
    assert AuditEvent.objects.latest("id").action == "mail.resend"


def test_send_many_mails_again(admin, mail):
    data = {"action": "resend_many", "_selected_action": [mail.pk]}

    for _time in range(2):
        response = admin.post(list_url(OutgoingMail), data, follow=True)

    assert messages(response) == ["The e-mail to new@example.com hasn't failed."]


def test_run_a_failed_job_again(admin, db):
    job = failed_job()

    response = admin.post(url(job, "retry"), follow=True)

    job.refresh_from_db()
    assert job.status == "todo"
    assert len(messages(response)) == 1
    assert AuditEvent.objects.get().action == "job.retry"


def test_change_no_job_by_hand(admin, db):
    assert admin.post(url(failed_job()), {"status": "todo"}).status_code == 403
    assert admin.get(list_url(ProcrastinateJob, "add")).status_code == 403


def test_dashboard_counts_and_draws(admin, mail):
    cache.clear()

    page = admin.get("/admin/").content.decode()

    assert "Recorded changes, last 30 days" in page
    assert "new@example.com" in page
    assert ">Acme<" in page


def test_dashboard_counts_days_in_the_zone_of_the_viewer(rf, staff, mail):
    cache.clear()
    request = rf.get("/admin/")
    request.user = staff
    charts = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # never the same day
        with timezone.override(zone):
            charts[zone] = str(dashboard.context(request, {})["growth"])

    assert charts["Pacific/Kiritimati"] != charts["Pacific/Pago_Pago"]


def test_dashboard_counts_days_by_the_pinned_zone_data(rf, staff, mail, time_machine):
    """In Edmonton it is half past midnight; the database, whose data are older, says 23:30."""
    time_machine.move_to(datetime(2026, 12, 1, 6, 30, tzinfo=UTC))
    OrganizationFactory(name="New")
    cache.clear()

    with timezone.override("America/Edmonton"):
        days = dict(dashboard._by_day(Organization))

    assert days[date(2026, 12, 1)] == 1


def test_dashboard_tells_limited_staff_nothing_of_the_others(enter_admin, mail, limited):
    OrganizationFactory(name="Foreign")

    response = enter_admin(limited).get("/admin/")

    page = response.content.decode()
    assert "counts" not in response.context
    assert not any(word in page for word in ("Foreign", "new@example.com", "Acme"))


def test_ask_for_the_reason_and_tell_it_to_the_organization(admin, tree, owner):
    page = url(tree.shop, "suspend")

    without = admin.post(page, {"why": " "})
    assert "This field is required." in without.content.decode()
    assert not AuditEvent.objects.exists()

    admin.post(page, {"why": "Asked for by phone"})

    event = AuditEvent.objects.get()
    assert (event.acted_as, event.reason) == ("staff", "Asked for by phone")
    assert "Asked for by phone" in admin.get(url(event)).content.decode()


def test_refuse_a_reason_with_what_nobody_can_see(admin, tree):
    response = admin.post(url(tree.shop, "suspend"), {"why": "Asked for \u202eby phone"})

    assert "Remove invisible characters" in response.content.decode()
    assert not AuditEvent.objects.exists()


def test_insist_on_no_reason_for_what_no_organization_reads(admin, db):
    job = failed_job()
    page = admin.get(url(job, "retry")).content.decode()

    admin.post(url(job, "retry"), {"why": ""})

    assert "organization sees this" not in page
    assert AuditEvent.objects.get().action == "job.retry"


def test_show_what_a_receipt_counts_in_words(admin):
    purged = OrganizationFactory(name="Globex", deleted_at=timezone.now())
    audit.record("organization.purge", by=None, node=purged)

    page = admin.get(url(purge_receipts.issue(purged))).content.decode()

    assert "Audit events: 1" in page
