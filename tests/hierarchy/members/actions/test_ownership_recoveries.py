import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission as DjangoPermission
from django.template.loader import render_to_string
from django.utils import timezone

from hierarchy import access, grants
from hierarchy.models import (
    AuditEvent,
    Membership,
    OutgoingMail,
    OwnershipRecovery,
    RecoveryState,
    WayIn,
)
from hierarchy.refusals import NotAllowed
from hierarchy.roles import Permission, Role
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.support.acting import ownership_recoveries as recoveries
from tests.support.refusals import refused


@pytest.fixture
def orphan(db):
    """An organization without an owner: what is left is a manager and a viewer."""
    organization = OrganizationFactory(name="Orphan", email="office@example.com")
    MembershipFactory(node=organization, user__email="keeper@example.com", role=Role.MANAGER)
    MembershipFactory(node=organization, user__email="heir@example.com")
    return organization


@pytest.fixture
def heir(orphan):
    return Membership.objects.get(user__email="heir@example.com").user


def _start(orphan, user, by):
    return recoveries.start(orphan, user, reason="The owner has died.", by=by)


def _wait():
    OwnershipRecovery.objects.update(due_at=timezone.now())


def _owns(user, node):
    access.forget(user)
    return access.can(user, Permission.DELETE_ORGANIZATION, node)


def test_start_changes_nothing_and_tells_who_is_concerned(orphan, heir, staff, recorded):
    _start(orphan, heir, staff)

    assert not _owns(heir, orphan)
    assert recorded() == ["ownership_recovery.start"]
    assert {mail.recipient for mail in OutgoingMail.objects.all()} == {
        "office@example.com",
        "keeper@example.com",
        "heir@example.com",
    }


def test_start_links_only_whom_the_page_is_there_for(orphan, staff):
    outsider = UserFactory(email="outsider@example.com")

    _start(orphan, outsider, staff)

    mails = OutgoingMail.objects.all()
    links = {mail.recipient: mail.context["link"] for mail in mails}
    assert links["outsider@example.com"] == ""
    assert links["keeper@example.com"].endswith(f"/o/{orphan.slug}/")


def test_complete_only_after_the_waiting_period(orphan, heir, staff, settings, recorded):
    recovery = _start(orphan, heir, staff)
    assert recovery.due_at - recovery.created_at >= timedelta(days=settings.RECOVERY_DAYS) - (
        timedelta(minutes=1)
    )

    with refused("too_early"):
        recoveries.complete(recovery, by=staff)
    _wait()
    recoveries.complete(recovery, by=staff)

    assert _owns(heir, orphan)
    assert Membership.objects.effective_owners().filter(organization=orphan).count() == 1
    assert recorded()[-1] == "ownership_recovery.complete"
    assert grants.resync(check=True) == []


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_mail_runs_into_nothing_after_a_reason_without_a_full_stop(kind):
    facts = {"person": "Ann", "organization": "Acme", "reason": "Bought it"}
    facts["due_at"] = timezone.now().isoformat()

    mail = render_to_string(f"emails/ownership_recovery.{kind}", facts)

    assert re.search(r"before then\. Their reason: Bought it\s*(</p>|$)", mail)


def test_complete_makes_somebody_from_outside_a_member(orphan, staff):
    outsider = UserFactory()
    recovery = _start(orphan, outsider, staff)
    _wait()

    membership = recoveries.complete(recovery, by=staff)

    assert _owns(outsider, orphan)
    assert (membership.way_in, membership.invited_by) == (WayIn.RECOVERY, staff)


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"status": "suspended"}, {"role", "status"}),
        ({"ends_at": timezone.now() + timedelta(days=9)}, {"role", "ends_at"}),
        ({"status": "suspended", "role": Role.OWNER}, {"status"}),
    ],
)
def test_complete_makes_an_owner_for_good(orphan, staff, fields, changed):
    joined = {"way_in": WayIn.DOMAIN, "way_in_detail": "example.com"}
    member = MembershipFactory(node=orphan, **joined, **fields)
    recovery = _start(orphan, member.user, staff)
    _wait()

    recoveries.complete(recovery, by=staff)

    member.refresh_from_db()
    assert (member.way_in, member.way_in_detail, member.invited_by) == ("recovery", "", staff)
    assert Membership.objects.effective_owners().filter(pk=member.pk).exists()
    assert set(AuditEvent.objects.latest("id").changes) == changed
    assert grants.resync(check=True) == []


def test_nothing_where_there_is_an_owner(tree, viewer, staff):
    with refused("owned"):
        _start(tree.acme, viewer, staff)


def test_nothing_where_an_owner_is_back(orphan, heir, staff):
    recovery = _start(orphan, heir, staff)
    _wait()
    MembershipFactory(node=orphan, role=Role.OWNER)

    with refused("owned"):
        recoveries.complete(recovery, by=staff)


def test_an_owner_who_is_back_may_cancel(orphan, heir, staff, recorded):
    recovery = _start(orphan, heir, staff)
    back = MembershipFactory(node=orphan, role=Role.OWNER).user

    recoveries.cancel(recovery, by=back)

    recovery.refresh_from_db()
    assert recovery.state == RecoveryState.CANCELLED
    assert recorded()[-1] == "ownership_recovery.cancel"
    with refused("decided"):
        recoveries.complete(recovery, by=staff)


def test_what_is_cancelled_is_announced_to_nobody_any_more(orphan, heir, staff):
    recovery = _start(orphan, heir, staff)

    recoveries.cancel(recovery, by=staff)

    assert {mail.state for mail in OutgoingMail.objects.all()} == {"withheld"}


def test_nobody_else_may(orphan, heir, staff):
    keeper = Membership.objects.get(user__email="keeper@example.com").user
    recovery = _start(orphan, heir, staff)
    _wait()

    for person in (keeper, heir):
        with pytest.raises(NotAllowed):
            recoveries.cancel(recovery, by=person)
        with pytest.raises(NotAllowed):
            recoveries.complete(recovery, by=person)
        with pytest.raises(NotAllowed):
            _start(orphan, heir, person)


def test_staff_with_the_permission_may(orphan, heir):
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(DjangoPermission.objects.get(codename="transfer_organization"))

    assert _start(orphan, heir, clerk).is_running


def test_rights_of_staff_end_with_being_staff(orphan, heir):
    clerk = UserFactory()
    clerk.user_permissions.add(DjangoPermission.objects.get(codename="transfer_organization"))

    with refused("not_allowed"):
        _start(orphan, heir, clerk)


def test_nobody_for_themselves(orphan, staff):
    with refused("own", "user"):
        _start(orphan, staff, staff)


def test_nobody_whose_account_may_be_deleted_before(orphan, heir, staff):
    EmailAddress.objects.filter(user=heir).update(verified=False)

    with refused("unconfirmed", "user"):
        _start(orphan, heir, staff)


def test_nobody_who_is_inactive(orphan, heir, staff):
    recovery = _start(orphan, heir, staff)
    _wait()
    heir.is_active = False
    heir.save()

    with refused("inactive", "user"):
        recoveries.complete(recovery, by=staff)


def test_a_reason_and_once_at_a_time(orphan, heir, staff):
    with refused("no_reason", "reason"):
        recoveries.start(orphan, heir, reason="  ", by=staff)
    for unseen in ("\u200d", "\u2800", "Died\u202e"):
        with refused("invalid", "reason"):
            recoveries.start(orphan, heir, reason=unseen, by=staff)
    _start(orphan, heir, staff)
    with refused("duplicate"):
        _start(orphan, heir, staff)
