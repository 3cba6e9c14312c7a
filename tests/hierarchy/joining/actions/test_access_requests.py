"""Asking for access, and every answer to it."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from hierarchy import access, asking, grants
from hierarchy.models import (
    AccessRequest,
    AuditEvent,
    BlockedPerson,
    MailState,
    Membership,
    OutgoingMail,
    RequestState,
    Status,
    WayIn,
)
from hierarchy.refusals import NotAllowed
from hierarchy.roles import Permission, Role
from tests.factories import (
    AccessRequestFactory,
    BlockedPersonFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
)
from tests.faults.simultaneous import at_once
from tests.support.acting import access_requests, accounts, blocks, invitations, memberships, nodes
from tests.support.refusals import refused

CHANGE = Permission.CHANGE_WORKSPACE


@pytest.fixture
def open_door(tree):
    """Let anybody ask to join Acme."""
    tree.acme.may_ask_to_join = True
    tree.acme.save()
    return tree.acme


@pytest.fixture
def request_to_join(open_door, outsider):
    return access_requests.ask(open_door, by=outsider)


@pytest.fixture
def request_for_more(tree, owner, guest):
    """The maintainer of Shop asks to change it."""
    return access_requests.ask(tree.shop, by=guest, permission=CHANGE)


def _mails(template):
    return list(
        OutgoingMail.objects.filter(template=template)
        .order_by("id")
        .values_list("recipient", flat=True)
    )


# --- Asking --------------------------------------------------------------------------------------


def test_ask_for_a_permission_on_a_node_that_one_sees(tree, owner, guest, recorded):
    asked = access_requests.ask(tree.shop, by=guest, permission=CHANGE, message=" Please ")

    assert (asked.node, asked.user, asked.permission) == (tree.shop, guest, CHANGE)
    assert (asked.message, asked.state) == ("Please", RequestState.PENDING)
    assert recorded() == ["access_request.ask"]
    assert _mails("access_request") == ["first@example.com", "owner@example.com"]


def test_ask_to_join_where_the_door_is_open(open_door, outsider, recorded):
    asked = access_requests.ask(open_door, by=outsider)

    assert (asked.node, asked.permission) == (open_door, "")
    assert recorded() == ["access_request.ask"]
    assert _mails("access_request") == ["first@example.com"]


def test_ask_mails_a_few_of_those_who_can_give_it(tree, guest):
    for _number in range(9):
        MembershipFactory(node=tree.acme, role=Role.OWNER)

    access_requests.ask(tree.shop, by=guest, permission=CHANGE)

    assert len(_mails("access_request")) == 5


def test_ask_mails_only_who_holds_it(tree, manager, guest):
    access_requests.ask(tree.shop, by=guest, permission=Permission.DELETE_WORKSPACE)

    assert _mails("access_request") == ["first@example.com"]


@pytest.mark.parametrize("name", ["acme", "press", "production"])
def test_ask_refuses_to_join_where_no_door_is_open(tree, outsider, name):
    with refused("not_open"):
        access_requests.ask(getattr(tree, name), by=outsider)


@pytest.mark.parametrize("name", ["shop", "production"])
def test_ask_opens_the_door_of_the_organization_alone(tree, open_door, outsider, name):
    with refused("not_open"):
        access_requests.ask(getattr(tree, name), by=outsider)


def test_ask_refuses_a_permission_on_what_one_does_not_see(tree, guest, outsider):
    for node, person in ((tree.press, guest), (tree.acme, guest), (tree.shop, outsider)):
        with refused("not_open"):
            access_requests.ask(node, by=person, permission=CHANGE)


def test_ask_refuses_what_no_role_on_that_node_grants(tree, viewer):
    with refused("not_open"):
        access_requests.ask(tree.shop, by=viewer, permission=Permission.VIEW_AUDIT_LOG)


def test_ask_refuses_what_one_holds(tree, manager):
    with refused("held_already"):
        access_requests.ask(tree.shop, by=manager, permission=CHANGE)


def test_ask_refuses_members_who_want_to_join(open_door, viewer):
    with refused("already_member"):
        access_requests.ask(open_door, by=viewer)


@pytest.mark.parametrize("name", ["acme", "shop"])
def test_ask_refuses_the_suspended(open_door, tree, outsider, name):
    MembershipFactory(node=open_door, user=outsider, status=Status.SUSPENDED)

    with refused("suspended_member" if name == "acme" else "not_open"):
        access_requests.ask(getattr(tree, name), by=outsider)


def test_ask_refuses_the_blocked(open_door, tree, outsider, guest):
    BlockedPersonFactory(organization=open_door, user=outsider)
    BlockedPersonFactory(organization=open_door, user=guest)

    with refused("blocked"):
        access_requests.ask(open_door, by=outsider)
    with refused("blocked"):
        access_requests.ask(tree.shop, by=guest, permission=CHANGE)


def test_ask_refuses_a_second_request(request_for_more, guest):
    with refused("asked_already"):
        access_requests.ask(request_for_more.node, by=guest, permission=CHANGE)


def test_ask_again_after_a_request_has_expired(request_for_more, guest):
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        again = access_requests.ask(request_for_more.node, by=guest, permission=CHANGE)

    request_for_more.refresh_from_db()
    assert request_for_more.state == RequestState.EXPIRED
    assert again.state == RequestState.PENDING


def test_ask_refuses_a_long_message(open_door, outsider):
    with refused("invalid", "message"):
        access_requests.ask(open_door, by=outsider, message="x" * 501)


def test_ask_refuses_what_is_suspended_or_deleted(open_door, owner, outsider):
    nodes.suspend(open_door, by=owner)
    with refused("suspended"):
        access_requests.ask(open_door, by=outsider)

    nodes.resume(open_door, by=owner)
    nodes.delete(open_door, by=owner)
    with refused("gone"):
        access_requests.ask(open_door, by=outsider)


@pytest.mark.django_db(transaction=True)
def test_ask_ten_times_at_once(tree, guest):
    person = type(guest).objects.get(pk=guest.pk)

    outcomes = at_once(*[lambda: access_requests.ask(tree.shop, by=person, permission=CHANGE)] * 10)

    assert sum(isinstance(outcome, AccessRequest) for outcome in outcomes) == 1
    assert AccessRequest.objects.count() == 1


# --- Where to ask --------------------------------------------------------------------------------


def test_place_to_ask_is_where_a_role_can_grant_it(tree, viewer, guest):
    place = asking.place_to_ask

    assert place(viewer, CHANGE, tree.shop) == tree.shop
    assert place(viewer, Permission.VIEW_AUDIT_LOG, tree.production) == tree.acme
    assert place(guest, Permission.CHANGE_APPLICATION, tree.shop) == tree.shop
    assert place(guest, Permission.VIEW_AUDIT_LOG, tree.shop) is None


# --- Approving -----------------------------------------------------------------------------------


def test_approve_makes_a_member(request_to_join, owner, outsider, recorded):
    membership = access_requests.approve(request_to_join, Role.MAINTAINER, by=owner)

    request_to_join.refresh_from_db()
    assert (membership.user, membership.role) == (outsider, Role.MAINTAINER)
    assert (membership.way_in, membership.invited_by) == (WayIn.REQUEST, owner)
    assert access.can(outsider, Permission.VIEW_ORGANIZATION, request_to_join.organization)
    assert request_to_join.state == RequestState.APPROVED
    assert (request_to_join.decided_by, request_to_join.decided_at is None) == (owner, False)
    assert recorded() == ["access_request.ask", "access_request.approve"]
    assert _mails("access_answer") == [outsider.email]
    assert grants.resync(check=True) == []


def test_approve_changes_the_role_of_a_member(request_for_more, owner, guest, recorded):
    access_requests.approve(request_for_more, Role.MANAGER, by=owner)

    membership = Membership.objects.at(request_for_more.node).get(user=guest)
    assert membership.role == Role.MANAGER
    assert recorded() == ["access_request.ask", "access_request.approve"]
    assert AuditEvent.objects.latest("id").changes == {"role": ["maintainer", "manager"]}
    assert grants.resync(check=True) == []


def test_approve_gives_an_inherited_member_a_role_of_their_own(tree, owner, viewer):
    asked = access_requests.ask(tree.shop, by=viewer, permission=CHANGE)

    access_requests.approve(asked, Role.MANAGER, by=owner)

    roles = Membership.objects.filter(user=viewer).values_list("workspace", "role")
    assert set(roles) == {(None, "viewer"), (tree.shop.pk, "manager")}


def test_approve_gives_never_more_than_one_holds(request_to_join, manager):
    with refused("more_than_you_hold", "role"):
        access_requests.approve(request_to_join, Role.OWNER, by=manager)


def test_approve_refuses_a_role_without_what_is_asked(request_for_more, owner):
    with refused("insufficient", "role"):
        access_requests.approve(request_for_more, Role.VIEWER, by=owner)


def test_approve_refuses_who_may_not_decide(request_for_more, viewer, outsider, maintainer):
    for person in (viewer, outsider, maintainer):
        with pytest.raises(NotAllowed) as caught:
            access_requests.approve(request_for_more, Role.MANAGER, by=person)
        assert caught.value.permission == Permission.CHANGE_WORKSPACE_MEMBER


def test_approve_takes_inviting_for_who_is_no_member(request_to_join, viewer):
    with pytest.raises(NotAllowed) as caught:
        access_requests.approve(request_to_join, Role.VIEWER, by=viewer)

    assert caught.value.permission == Permission.INVITE_ORGANIZATION_MEMBER


def test_approve_refuses_ones_own(tree, manager):
    asked = access_requests.ask(tree.shop, by=manager, permission=Permission.DELETE_WORKSPACE)

    with refused("own"):
        access_requests.approve(asked, Role.OWNER, by=manager)


def test_approve_refuses_a_suspended_member(request_for_more, owner, guest):
    membership = Membership.objects.at(request_for_more.node).get(user=guest)
    memberships.suspend(membership, by=owner)

    with refused("not_in_force"):
        access_requests.approve(request_for_more, Role.MANAGER, by=owner)


def test_approve_lets_in_anew_whose_access_has_ended(open_door, owner, viewer, recorded):
    membership = Membership.objects.get(user=viewer)
    over = timezone.now() - timedelta(days=1)
    Membership.objects.filter(pk=membership.pk).update(ends_at=over)
    grants.derive(viewer, open_door)
    asked = access_requests.ask(open_door, by=viewer)

    access_requests.approve(asked, Role.MAINTAINER, by=owner)

    membership.refresh_from_db()
    event = AuditEvent.objects.get(action="access_request.approve")
    assert (membership.role, membership.ends_at) == (Role.MAINTAINER, None)
    assert list(event.changes) == ["role", "ends_at"]
    assert access.can(viewer, Permission.VIEW_ORGANIZATION, open_door)
    assert recorded() == ["access_request.ask", "access_request.approve"]


def test_approve_anew_is_never_for_less_than_the_former_role(open_door, manager, viewer):
    over = timezone.now() - timedelta(days=1)
    Membership.objects.filter(user=viewer).update(ends_at=over, role=Role.OWNER)
    grants.derive(viewer, open_door)
    asked = access_requests.ask(open_door, by=viewer)

    with refused("more_than_you_hold", "role"):
        access_requests.approve(asked, Role.VIEWER, by=manager)


def test_approve_refuses_who_is_suspended_above(tree, owner, viewer):
    asked = access_requests.ask(tree.shop, by=viewer, permission=CHANGE)
    memberships.suspend(Membership.objects.at(tree.acme).get(user=viewer), by=owner)

    with refused("suspended_member"):
        access_requests.approve(asked, Role.MANAGER, by=owner)


def test_approve_refuses_the_same_role(request_for_more, owner, guest):
    membership = Membership.objects.at(request_for_more.node).get(user=guest)
    memberships.change_role(membership, Role.MANAGER, by=owner)

    with refused("same_role", "role"):
        access_requests.approve(request_for_more, Role.MANAGER, by=owner)


def test_approve_refuses_who_was_deactivated(request_to_join, owner, outsider, staff):
    accounts.deactivate(outsider, by=staff)

    with refused("inactive", "user"):
        access_requests.approve(request_to_join, Role.VIEWER, by=owner)


@pytest.mark.parametrize("verb", ["approve", "decline", "withdraw"])
def test_answer_only_once(request_to_join, owner, outsider, verb):
    access_requests.decline(request_to_join, by=owner)

    with refused("decided"):
        _answer(verb, request_to_join, owner, outsider)


@pytest.mark.parametrize("verb", ["approve", "decline", "withdraw"])
def test_answer_nothing_that_has_expired(request_to_join, owner, outsider, verb):
    with time_machine.travel(request_to_join.created_at + timedelta(days=30)), refused("expired"):
        _answer(verb, request_to_join, owner, outsider)


def _answer(verb, asked, owner, outsider):
    more = {"role": Role.VIEWER} if verb == "approve" else {}
    by = outsider if verb == "withdraw" else owner
    getattr(access_requests, verb)(asked, **more, by=by)


@pytest.mark.django_db(transaction=True)
def test_approve_and_withdraw_at_once(request_to_join, owner, outsider):
    outcomes = at_once(
        lambda: access_requests.approve(request_to_join, Role.VIEWER, by=owner),
        lambda: access_requests.withdraw(request_to_join, by=outsider),
    )

    request_to_join.refresh_from_db()
    is_member = Membership.objects.filter(user=outsider).exists()
    assert is_member is (request_to_join.state == RequestState.APPROVED)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1


def test_offer_the_roles_that_suffice(request_for_more, owner, manager):
    roles = access_requests.roles_to_approve_with

    assert roles(request_for_more, owner) == [Role.OWNER, Role.MANAGER]
    assert roles(request_for_more, manager) == [Role.MANAGER]


# --- Declining, withdrawing, blocking ------------------------------------------------------------


def test_decline_changes_no_access(request_for_more, manager, guest, recorded):
    access_requests.decline(request_for_more, by=manager)

    request_for_more.refresh_from_db()
    assert (request_for_more.state, request_for_more.decided_by) == ("declined", manager)
    assert Membership.objects.get(user=guest).role == Role.MAINTAINER
    assert recorded() == ["access_request.ask", "access_request.decline"]
    assert _mails("access_answer") == [guest.email]


def test_decline_refuses_who_may_not_decide(request_for_more, viewer):
    with pytest.raises(NotAllowed):
        access_requests.decline(request_for_more, by=viewer)


def test_withdraw_ones_own_request(request_to_join, outsider, recorded):
    access_requests.withdraw(request_to_join, by=outsider)

    request_to_join.refresh_from_db()
    assert request_to_join.state == RequestState.WITHDRAWN
    assert recorded() == ["access_request.ask", "access_request.withdraw"]


def test_withdraw_refuses_anybody_else(request_to_join, owner):
    with refused("not_yours"):
        access_requests.withdraw(request_to_join, by=owner)


def test_block_declines_what_the_person_asks_anywhere(request_for_more, tree, owner, guest):
    other = access_requests.ask(
        tree.development, by=guest, permission=Permission.CHANGE_APPLICATION
    )

    blocked = blocks.block(tree.acme, guest, by=owner)

    assert (blocked.user, blocked.blocked_by) == (guest, owner)
    for asked in (request_for_more, other):
        asked.refresh_from_db()
        assert (asked.state, asked.decided_by) == (RequestState.DECLINED, owner)
    assert _mails("access_answer") == []


def test_block_withholds_what_is_queued_about_the_request(tree, owner, outsider, request_to_join):
    queued = OutgoingMail.objects.filter(template="access_request", state=MailState.QUEUED)
    assert queued.exists()

    blocks.block(tree.acme, outsider, by=owner)

    assert not queued.exists()


def test_block_leaves_other_organizations_alone(request_to_join, tree, owner, outsider):
    elsewhere = AccessRequestFactory(user=outsider)

    blocks.block(tree.acme, outsider, by=owner)

    elsewhere.refresh_from_db()
    assert elsewhere.state == RequestState.PENDING


def test_block_refuses_twice_and_oneself(tree, owner, outsider):
    blocks.block(tree.acme, outsider, by=owner)

    with refused("duplicate"):
        blocks.block(tree.acme, outsider, by=owner)
    with refused("own"):
        blocks.block(tree.acme, owner, by=owner)


def test_block_takes_inviting_to_the_organization(tree, outsider):
    workspace_owner = MembershipFactory(node=tree.shop, role=Role.OWNER).user

    with pytest.raises(NotAllowed):
        blocks.block(tree.acme, outsider, by=workspace_owner)


def test_unblock_lets_the_person_ask_again(open_door, owner, outsider, recorded):
    blocked = blocks.block(open_door, outsider, by=owner)

    blocks.unblock(blocked, by=owner)

    access_requests.ask(open_door, by=outsider)
    assert BlockedPerson.objects.count() == 0
    assert recorded()[:2] == ["access_request.block", "access_request.unblock"]


@pytest.mark.parametrize(
    ("level", "is_blocked"), [("acme", False), ("shop", True), ("production", True)]
)
def test_who_is_invited_to_the_organization_again_is_blocked_no_more(
    tree, owner, outsider, level, is_blocked
):
    """Who may invite to a part of it may not unblock: there it stays as it was."""
    blocks.block(tree.acme, outsider, by=owner)
    blocks.block(OrganizationFactory(), outsider, by=UserFactory(is_staff=True, is_superuser=True))
    sent = invitations.send(getattr(tree, level), outsider.email, Role.VIEWER, by=owner)

    invitations.accept(sent, by=outsider)

    assert asking.is_blocked(outsider, tree.acme) is is_blocked
    assert BlockedPerson.objects.exclude(organization=tree.acme).exists()
    event = AuditEvent.objects.get(action="invitation.accept")
    assert event.changes.get("blocked", [True, True]) == [True, is_blocked]
    assert event.changes["role"] == [None, "viewer"]


@pytest.mark.parametrize("let_in", ["accept", "unblock"])
def test_a_block_stays_with_the_account_that_had_the_address(tree, owner, let_in):
    """The mailbox of somebody who is blocked is somebody else's now."""
    former = UserFactory(email="info@corp.example")
    blocks.block(tree.acme, former, by=owner)
    EmailAddress.objects.filter(user=former).update(email="private@example.com")
    type(former).objects.filter(pk=former.pk).update(email="private@example.com")
    present = UserFactory(email="info@corp.example")
    assert asking.is_blocked(present, tree.acme)

    if let_in == "accept":
        sent = invitations.send(tree.acme, present.email, Role.VIEWER, by=owner)
        invitations.accept(sent, by=present)
    else:
        blocks.unblock(blocks.block(tree.acme, present, by=owner), by=owner)

    assert asking.is_blocked(former, tree.acme)
    assert not asking.is_blocked(present, tree.acme)


def test_who_gets_access_again_by_its_extension_asks_for_it_no_more(open_door, owner):
    member = MembershipFactory(
        node=open_door, role=Role.MANAGER, ends_at=timezone.now() - timedelta(days=1)
    )
    asked = access_requests.ask(open_door, by=member.user)
    read = str(access_requests.shown_to_approve(asked, member))

    memberships.extend(member, by=owner)

    member.refresh_from_db()
    asked.refresh_from_db()
    assert asked.state == RequestState.WITHDRAWN
    assert AuditEvent.objects.latest("id").changes["access_requests"] == [[str(open_door)], []]
    assert str(access_requests.shown_to_approve(asked, member)) != read


@pytest.mark.parametrize("change", [{"status": "suspended"}, {"starts_at": timezone.now()}])
def test_approving_notices_whatever_has_changed_about_the_member(tree, owner, change):
    asked = AccessRequestFactory(node=tree.shop, permission="change_workspace")
    member = MembershipFactory(node=tree.shop, user=asked.user)
    read = str(access_requests.shown_to_approve(asked, member))
    Membership.objects.filter(pk=member.pk).update(**change)

    with refused("stale"):
        access_requests.approve(asked, Role.MANAGER, by=owner, version=read)


def test_unblock_refuses_who_may_not_and_what_is_gone(tree, owner, viewer):
    blocked = BlockedPersonFactory(organization=tree.acme)

    with pytest.raises(NotAllowed):
        blocks.unblock(blocked, by=viewer)
    blocks.unblock(blocked, by=owner)
    with refused("gone"):
        blocks.unblock(blocked, by=owner)


def _signs_up_anew(user, email=None):
    email = email or user.email
    accounts.close(user)
    return UserFactory(email=email)


def test_block_outlives_the_account(open_door, owner, outsider):
    blocks.block(open_door, outsider, by=owner)

    again = _signs_up_anew(outsider)

    with refused("blocked"):
        access_requests.ask(open_door, by=again)
    assert access_requests.ask(open_door, by=UserFactory())


def test_block_knows_an_address_that_was_changed_afterwards(open_door, owner, outsider):
    blocks.block(open_door, outsider, by=owner)
    former = outsider.email
    outsider.emailaddress_set.update(email="changed@example.com")

    again = _signs_up_anew(outsider, "changed@example.com")

    assert asking.is_blocked(again, open_door)
    assert asking.is_blocked(UserFactory(email=former), open_door)


def test_block_counts_only_addresses_that_are_verified(open_door, owner, outsider):
    outsider.emailaddress_set.update(verified=False)
    blocks.block(open_door, outsider, by=owner)

    assert not asking.is_blocked(_signs_up_anew(outsider), open_door)


def test_block_holds_under_a_new_secret_key(open_door, owner, outsider, settings):
    blocks.block(open_door, outsider, by=owner)
    again = _signs_up_anew(outsider)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]

    assert asking.is_blocked(again, open_door)


def test_block_stores_no_address(open_door, owner, outsider):
    blocked = blocks.block(open_door, outsider, by=owner)

    accounts.close(outsider)

    blocked.refresh_from_db()
    (one,) = blocked.address_hashes
    assert len(one) == 64
    assert str(blocked) == "A closed account"


def test_block_lets_an_invitation_pass(open_door, owner, outsider):
    blocks.block(open_door, outsider, by=owner)
    again = _signs_up_anew(outsider)

    sent = invitations.send(open_door, again.email, Role.VIEWER, by=owner)

    assert invitations.accept(sent, by=again)


def test_unblock_a_closed_account(open_door, owner, outsider, recorded):
    blocked = blocks.block(open_door, outsider, by=owner)
    again = _signs_up_anew(outsider)

    blocks.unblock(blocked, by=owner)

    assert access_requests.ask(open_door, by=again)
    assert "access_request.unblock" in recorded()


def test_unblock_counts_for_the_former_account_too(open_door, owner, outsider):
    blocks.block(open_door, outsider, by=owner)
    again = _signs_up_anew(outsider)
    blocked = blocks.block(open_door, again, by=owner)

    blocks.unblock(blocked, by=owner)

    assert not asking.is_blocked(again, open_door)


def test_closing_the_account_takes_its_requests_along(request_to_join, outsider):
    accounts.close(outsider)

    assert AccessRequest.objects.count() == 0


def test_requests_of_people_unknown_to_the_node_stay_apart(tree, guest):
    asked = access_requests.ask(tree.shop, by=guest, permission=CHANGE)

    assert asking.has_asked(guest, tree.shop)
    assert not asking.has_asked(guest, tree.production)
    assert not asking.has_asked(UserFactory(), asked.node)
