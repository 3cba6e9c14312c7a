"""What holds for every action: one event, in the same transaction, or nothing at all."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from config.batches import SomeFailed
from hierarchy import audit, refused_attempts
from hierarchy.activity.actions import files_taken
from hierarchy.models import (
    AuditEvent,
    Ending,
    Identity,
    MailState,
    Membership,
    OutgoingMail,
    OwnershipOffer,
    OwnershipRecovery,
    PurgeReceipt,
    ReviewState,
    Status,
    Transfer,
    path_of,
)
from hierarchy.models.email_domain import oldest_bearable
from hierarchy.models.node import oldest_restorable
from hierarchy.origins import parse_rule
from hierarchy.roles import VIEW, Level, Role
from hierarchy.setting_definitions import Group as SettingGroup
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    ApplicationFactory,
    BlockedPersonFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    TrustedOriginFactory,
    UserFactory,
    WorkspaceFactory,
    failed_job,
)
from tests.support.acting import (
    access_requests,
    access_review_deadlines,
    access_review_erasures,
    access_reviews,
    accounts,
    applications,
    blocks,
    custom_roles,
    email_domains,
    invitations,
    jobs,
    mails,
    memberships,
    nodes,
    organizations,
    ownership,
    ownership_recoveries,
    settings,
    staff,
    transfers,
    trusted_origins,
    workspaces,
)
from tests.support.planted import planted
from tests.support.refusals import snapshot

NODES = {"organization": "acme", "workspace": "shop", "application": "production"}
APPLICATION = {"name": "Kiosk", "slug": "kiosk", "platform": "web", "environment": "staging"}
VALUES = {"time_zone": "UTC", "hour_cycle": "12"}
SOME = [VIEW[Level.WORKSPACE]]
RULE = parse_rule("example.com")


def _tomorrow():
    return timezone.now() + timedelta(days=1)


# action: (which thing of the world it is done to, what must be true of it before, how)
SCENARIOS = {
    "organization.create": (
        "owner",
        {},
        lambda by, w: organizations.create(by=by, name="New", slug="new-1"),
    ),
    "workspace.create": (
        "acme",
        {},
        lambda n, w: workspaces.create(n, by=w.owner, name="New", slug="new-1", time_zone="UTC"),
    ),
    "application.create": (
        "shop",
        {},
        lambda n, w: applications.create(n, by=w.owner, **APPLICATION),
    ),
    "membership.add": (
        "shop",
        {},
        lambda n, w: memberships.add(n, w.somebody, Role.OWNER, by=w.staff),
    ),
    "membership.change_role": (
        "membership",
        {},
        lambda m, w: memberships.change_role(m, Role.MANAGER, by=w.owner),
    ),
    "membership.change_dates": (
        "membership",
        {},
        lambda m, w: memberships.change_dates(
            m, starts_at=None, ends_at=timezone.now() + timedelta(days=1), by=w.owner
        ),
    ),
    "membership.suspend": ("membership", {}, lambda m, w: memberships.suspend(m, by=w.owner)),
    "membership.reactivate": (
        "membership",
        {"status": Status.SUSPENDED},
        lambda m, w: memberships.reactivate(m, by=w.owner),
    ),
    "membership.remove": ("membership", {}, lambda m, w: memberships.remove(m, by=w.owner)),
    "membership.leave": ("membership", {}, lambda m, w: memberships.leave(m, by=m.user)),
    "organization.name_successor": (
        "acme",
        {},
        lambda n, w: ownership.name_successor(n, w.member, by=w.owner),
    ),
    "ownership.offer": ("acme", {}, lambda n, w: ownership.offer(n, w.member, by=w.owner)),
    "ownership.withdraw": ("ownership", {}, lambda o, w: ownership.withdraw(o, by=w.owner)),
    "ownership.accept": ("ownership", {}, lambda o, w: ownership.accept(o, by=w.member)),
    "ownership.decline": ("ownership", {}, lambda o, w: ownership.decline(o, by=w.member)),
    "transfer.offer": ("shop", {}, lambda n, w: transfers.offer(n, w.other, by=w.owner)),
    "transfer.withdraw": ("transfer", {}, lambda t, w: transfers.withdraw(t, by=w.owner)),
    "transfer.decline": ("transfer", {}, lambda t, w: transfers.decline(t, by=w.owner)),
    "transfer.accept": ("transfer", {}, lambda t, w: transfers.accept(t, by=w.owner, keep=[])),
    "transfer.lapse": ("takeover", {}, lambda t, w: transfers.accept(t, by=w.owner, keep=[])),
    "transfer.leave": ("departure", {}, lambda t, w: transfers.accept(t, by=w.owner, keep=[])),
    "ownership_recovery.start": (
        "orphan",
        {},
        lambda n, w: ownership_recoveries.start(n, w.member, reason="Left.", by=w.staff),
    ),
    "ownership_recovery.cancel": (
        "recovery",
        {},
        lambda r, w: ownership_recoveries.cancel(r, by=w.staff),
    ),
    "ownership_recovery.complete": (
        "recovery",
        {},
        lambda r, w: ownership_recoveries.complete(r, by=w.staff),
    ),
    "custom_role.create": (
        "acme",
        {},
        lambda n, w: custom_roles.create(n, name="Other", permissions=SOME, by=w.owner),
    ),
    "custom_role.edit": (
        "role",
        {},
        lambda r, w: custom_roles.edit(r, name="Other", permissions=SOME, by=w.owner),
    ),
    "custom_role.delete": ("role", {}, lambda r, w: custom_roles.delete(r, by=w.owner)),
    "invitation.send": (
        "acme",
        {},
        lambda n, w: invitations.send(n, "a@example.com", Role.OWNER, by=w.owner),
    ),
    "invitation.resend": ("invitation", {}, lambda i, w: invitations.resend(i, by=w.owner)),
    "invitation.copy_link": ("invitation", {}, lambda i, w: invitations.copy_link(i, by=w.owner)),
    "invitation.extend": ("invitation", {}, lambda i, w: invitations.extend(i, by=w.owner)),
    "invitation.change_role": (
        "invitation",
        {},
        lambda i, w: invitations.change_role(i, Role.MANAGER, by=w.owner),
    ),
    "invitation.revoke": ("invitation", {}, lambda i, w: invitations.revoke(i, by=w.owner)),
    "invitation.accept": ("invitation", {}, lambda i, w: invitations.accept(i, by=w.somebody)),
    "invitation.decline": ("invitation", {}, lambda i, w: invitations.decline(i, by=w.somebody)),
    "access_request.ask": (
        "somebody",
        {},
        lambda u, w: access_requests.ask(w.acme, by=u),
    ),
    "access_request.approve": (
        "asked",
        {},
        lambda a, w: access_requests.approve(a, Role.VIEWER, by=w.owner),
    ),
    "access_request.decline": ("asked", {}, lambda a, w: access_requests.decline(a, by=w.owner)),
    "access_request.withdraw": ("asked", {}, lambda a, w: access_requests.withdraw(a, by=a.user)),
    "access_request.block": (
        "somebody",
        {},
        lambda u, w: blocks.block(w.acme, u, by=w.owner),
    ),
    "access_request.unblock": (
        "blocked",
        {},
        lambda b, w: blocks.unblock(b, by=w.owner),
    ),
    "access_review.start": (
        "shop",
        {},
        lambda n, w: access_reviews.start(n, due_at=_tomorrow(), by=w.owner),
    ),
    "access_review.keep": (
        "review",
        {},
        lambda r, w: access_reviews.keep(r, [w.row], by=w.owner),
    ),
    "access_review.change": (
        "row",
        {},
        lambda r, w: access_reviews.change(r, Role.MANAGER, by=w.owner),
    ),
    "access_review.remove": ("row", {}, lambda r, w: access_reviews.remove(r, by=w.owner)),
    "access_review.finish": ("review", {}, lambda r, w: access_reviews.finish(r, by=w.owner)),
    "access_review.cancel": ("review", {}, lambda r, w: access_reviews.cancel(r, by=w.owner)),
    "access_review.escalate": (
        "review",
        {"due_at": timezone.now()},
        lambda r, w: access_review_deadlines.escalate(),
    ),
    "access_review.export": (
        "review",
        {},
        lambda r, w: files_taken.note(
            "access_review.export", r.node, rows=1, form="CSV", by=w.owner, target=r
        ),
    ),
    "activity.export": (
        "acme",
        {},
        lambda n, w: files_taken.note("activity.export", n, rows=1, form="CSV", by=w.owner),
    ),
    "access.refuse": (
        "acme",
        {},
        lambda n, w: refused_attempts.note_refusal(n, "delete_organization", by=w.member),
    ),
    "membership.join": ("domain", {}, lambda d, w: email_domains.join(d, by=w.somebody)),
    "email_domain.add": (
        "acme",
        {},
        lambda n, w: email_domains.add(n, "acme.example", by=w.owner),
    ),
    "email_domain.edit": (
        "domain",
        {},
        lambda d, w: email_domains.edit(d, mode="off", role=Role.MANAGER, by=w.owner),
    ),
    "email_domain.verify": (
        "domain",
        {"verified_at": None},
        lambda d, w: email_domains.verify(d, by=w.owner),
    ),
    "email_domain.lose": (
        "domain",
        {"failing_since": oldest_bearable(), "token": "another"},
        lambda d, w: email_domains.recheck(),
    ),
    "email_domain.remove": ("domain", {}, lambda d, w: email_domains.remove(d, by=w.owner)),
    "settings.change": (
        "shop",
        {},
        lambda n, w: settings.change(n, SettingGroup.LOCALIZATION, VALUES, by=w.owner),
    ),
    "trusted_origin.add": ("production", {}, lambda n, w: trusted_origins.add(n, RULE, by=w.owner)),
    "trusted_origin.edit": ("origin", {}, lambda o, w: trusted_origins.edit(o, RULE, by=w.owner)),
    "trusted_origin.remove": ("origin", {}, lambda o, w: trusted_origins.remove(o, by=w.owner)),
    "account.deactivate": ("somebody", {}, lambda u, w: accounts.deactivate(u, by=w.staff)),
    "account.reactivate": (
        "somebody",
        {"is_active": False},
        lambda u, w: accounts.reactivate(u, by=w.staff),
    ),
    "account.change_staff_rights": (
        "somebody",
        {},
        lambda u, w: staff.change_rights(
            u, by=w.staff, is_staff=True, is_superuser=False, groups=[]
        ),
    ),
    "account.take_factor": ("factor", {}, lambda f, w: staff.take_factor(f, by=w.staff)),
    "staff_group.create": (
        "staff",
        {},
        lambda by, w: staff.save_group(Group(), name="Clerks", permissions=[], by=by),
    ),
    "staff_group.edit": (
        "group",
        {},
        lambda g, w: staff.save_group(g, name="Clerks", permissions=[], by=w.staff),
    ),
    "staff_group.delete": ("group", {}, lambda g, w: staff.delete_group(g, by=w.staff)),
    "mail.resend": (
        "mail",
        {"state": MailState.FAILED},
        lambda m, w: mails.resend(m, by=w.staff),
    ),
    "job.retry": ("job", {}, lambda j, w: jobs.retry(j, by=w.staff)),
    "account.erase": ("somebody", {}, lambda u, w: accounts.erase(u, by=w.staff)),
    "identity.erase": (
        "unknown",
        {},
        lambda identity, w: accounts.erase_address(identity, by=w.staff),
    ),
    "access_review.redact": (
        "review",
        {"state": ReviewState.FINISHED, "ended_at": timezone.now()},
        lambda r, w: access_review_erasures.forget(w.reviewed, []),
    ),
    "account.close": ("somebody", {}, lambda u, w: accounts.close(u)),
}
for _level, _name in NODES.items():
    SCENARIOS |= {
        f"{_level}.edit": (
            _name,
            {},
            lambda n, w: nodes.edit(n, by=w.owner, name="Other", slug="other"),
        ),
        f"{_level}.suspend": (_name, {}, lambda n, w: nodes.suspend(n, by=w.owner)),
        f"{_level}.resume": (
            _name,
            {"suspended_at": timezone.now()},
            lambda n, w: nodes.resume(n, by=w.owner),
        ),
        f"{_level}.delete": (_name, {}, lambda n, w: nodes.delete(n, by=w.owner)),
        f"{_level}.restore": (
            _name,
            {"deleted_at": timezone.now()},
            lambda n, w: nodes.restore(n, by=w.owner),
        ),
        f"{_level}.purge": (
            _name,
            {"deleted_at": oldest_restorable()},
            lambda n, w: nodes.purge(n),
        ),
    }
EVERY_ACTION = pytest.mark.parametrize("action", SCENARIOS)


def _prepare(world, action):
    """Return a function that performs the action, its precondition being true."""
    name, state, act = SCENARIOS[action]
    thing = getattr(world, name)
    if state:
        type(thing).objects.filter(pk=thing.pk).update(**state)
        thing.refresh_from_db()
    return lambda: act(thing, world)


@pytest.fixture
def world(tree, owner, staff, name_server):
    beside = (tree.acme.pk, owner.pk, staff.pk)
    world = planted("of every action", lambda: _world(tree, owner, staff), beside=beside)
    name_server.records[world.domain.challenge_name] = [[world.domain.challenge_value]]
    return world


def _world(tree, owner, staff):
    domain = EmailDomainFactory(node=tree.acme, domain="example.com")
    tree.acme.may_ask_to_join = True
    tree.acme.save()
    somebody = UserFactory(email="somebody@example.com")
    mail = OutgoingMail.objects.create(recipient=somebody.email, message_id="1")
    member = UserFactory()
    other = OrganizationFactory()
    for node in (tree.acme, other):
        MembershipFactory(node=node, user=member)
    MembershipFactory(node=other, user=owner, role=Role.OWNER)
    reviewed = MembershipFactory(node=tree.press)
    review = AccessReviewFactory(node=tree.press, size=1)
    sought = WorkspaceFactory(organization=tree.acme)
    _transfer(ApplicationFactory(), sought, by=owner)
    return SimpleNamespace(
        **vars(tree),
        member=member,
        review=review,
        row=AccessReviewRowFactory(review=review, member=reviewed),
        reviewed=reviewed.user,
        unknown=Identity.objects.create(email="unknown@example.com"),
        other=other,
        orphan=OrganizationFactory(),
        recovery=OwnershipRecovery.objects.create(
            organization=OrganizationFactory(), user=member, due_at=timezone.now()
        ),
        transfer=_transfer(tree.development, tree.press, by=owner),
        departure=_transfer(tree.press, other, by=owner),
        takeover=_transfer(sought, other, by=owner),
        ownership=OwnershipOffer.objects.create(organization=other, user=member, offered_by=owner),
        owner=owner,
        staff=staff,
        somebody=somebody,
        role=CustomRoleFactory(organization=tree.acme),
        membership=MembershipFactory(node=tree.shop),
        invitation=InvitationFactory(
            node=tree.shop, email=somebody.email, invited_by=owner, mail=mail
        ),
        asked=AccessRequestFactory(node=tree.shop),
        domain=domain,
        blocked=BlockedPersonFactory(organization=tree.acme),
        origin=TrustedOriginFactory(node=tree.production),
        mail=mail,
        job=failed_job(),
        group=Group.objects.create(name="Support"),
        factor=Authenticator.objects.create(user=somebody, type=Authenticator.Type.TOTP, data={}),
    )


def _transfer(node, place, *, by):
    to = {"to_organization": place.organization, "to_workspace": getattr(place, "workspace", None)}
    return Transfer.objects.create(**path_of(node), **to, offered_by=by)


def test_try_every_action():
    assert set(audit.ACTIONS) == set(SCENARIOS)


@EVERY_ACTION
def test_record_exactly_one_event_in_each_organization(world, action):
    _prepare(world, action)()

    if action == "organization.purge":  # it is counted in what is left
        assert PurgeReceipt.objects.get().events == 1
        assert not AuditEvent.objects.exists()
        return
    event = AuditEvent.objects.get(action=action)
    others = AuditEvent.objects.exclude(pk=event.pk)  # one more only for another organization
    assert not others.filter(organization_id=event.organization_id).exists()
    assert others.count() == {"transfer.leave": 1, "transfer.lapse": 2}.get(action, 0)
    assert "%" not in audit.describe(event)
    assert (event.actor_id is None) is action.endswith(
        (".purge", ".lose", ".escalate", ".lapse", ".redact")
    )
    assert (event.number, event.organization_id is None) in ((1, False), (None, True))


@EVERY_ACTION
def test_change_nothing_when_the_event_cannot_be_written(world, action):
    perform = _prepare(world, action)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
            CREATE TRIGGER broken BEFORE INSERT ON hierarchy_auditevent EXECUTE FUNCTION fail();
            """
        )
    before = snapshot()

    with pytest.raises((DatabaseError, SomeFailed), match=r"broken|1 of 1"), transaction.atomic():
        perform()

    assert snapshot() == before


def test_withhold_the_mail_of_a_decided_invitation(world):
    for verb in ("revoke", "resend", "copy_link"):
        sent = invitations.send(world.acme, f"{verb}@example.com", Role.VIEWER, by=world.owner)
        getattr(invitations, verb)(sent, by=world.owner)

        sent.mail.refresh_from_db()
        assert (sent.mail.state, sent.mail.context) == (MailState.WITHHELD, {})


@pytest.mark.parametrize(
    ("begin", "action"),
    [
        ("access_request.ask", "access_request.approve"),
        ("access_request.ask", "access_request.decline"),
        ("access_request.ask", "access_request.withdraw"),
        ("access_request.ask", "access_request.block"),
        ("access_request.ask", "membership.join"),
        ("access_request.ask", "account.close"),
        ("ownership.offer", "ownership.withdraw"),
        ("ownership.offer", "ownership.accept"),
        ("ownership.offer", "ownership.decline"),
        ("ownership.offer", "membership.leave"),
        ("transfer.offer", "transfer.withdraw"),
        ("transfer.offer", "transfer.accept"),
        ("transfer.offer", "transfer.decline"),
    ],
)
def test_withhold_the_mails_that_ask_for_what_is_over(world, begin, action):
    name, _state, act = SCENARIOS[begin]
    made = act(getattr(world, name), world)
    asking = OutgoingMail.objects.exclude(about="")
    asked = set(asking.values_list("pk", flat=True))
    thing = made
    if action.startswith(("access_request.block", "membership.join", "account")):
        thing = world.domain if action == "membership.join" else world.somebody
    elif action == "membership.leave":
        thing = Membership.objects.get(user=world.member, organization=world.acme)
    elif action in ("ownership.accept", "ownership.decline"):
        world.member = made.user

    SCENARIOS[action][2](thing, world)

    assert asked
    columns = ("state", "withheld_because", "sealed")
    states = set(OutgoingMail.objects.filter(pk__in=asked).values_list(*columns))
    assert states == {(MailState.WITHHELD.value, Ending.DECIDED.value, "")}


def test_know_every_level():
    assert set(NODES) == set(Level)


def test_staff_need_only_a_global_permission(world):
    clerk = UserFactory(is_staff=True)
    for codename in ("change_organization", "view_organization"):
        clerk.user_permissions.add(Permission.objects.get(codename=codename))

    assert nodes.edit(world.acme, by=clerk, name="New name").name == "New name"
