"""Proving a domain, losing it, and joining by an address there."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts import former_addresses
from hierarchy import access, audit, grants
from hierarchy.models import (
    AuditEvent,
    BlockedPerson,
    EmailDomain,
    JoinMode,
    Membership,
    OutgoingMail,
    RequestState,
    Status,
    WayIn,
)
from hierarchy.refusals import NotAllowed
from hierarchy.roles import Permission, Role
from tests.factories import (
    BlockedPersonFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    MembershipFactory,
    UserFactory,
)
from tests.faults.simultaneous import at_once
from tests.support.acting import (
    access_requests,
    accounts,
    custom_roles,
    email_domains,
    memberships,
    nodes,
)
from tests.support.refusals import refused


@pytest.fixture
def listed(tree, owner):
    """A domain that waits for its proof."""
    return email_domains.add(tree.acme, "acme.example", by=owner)


@pytest.fixture
def open_domain(tree):
    return EmailDomainFactory(node=tree.acme, domain="acme.example")


@pytest.fixture
def colleague(db):
    return UserFactory(email="colleague@acme.example")


def _prove(name_server, domain):
    name_server.records[domain.challenge_name] = [["other"], [domain.challenge_value]]


# --- Adding, changing, removing ------------------------------------------------------------------


def test_add_lets_nobody_in(tree, owner, colleague, recorded):
    added = email_domains.add(tree.acme, " @ACME.example ", by=owner)

    assert (added.domain, added.mode, added.role) == ("acme.example", JoinMode.OFF, Role.VIEWER)
    assert not added.is_verified
    assert len(added.token) >= 32
    assert email_domains.open_for(colleague) == []
    assert recorded() == ["email_domain.add"]


@pytest.mark.parametrize("domain", ["gmail.com", "co.uk", "nonsense", "127.0.0.1", ""])
def test_add_refuses_what_is_nobodys_own(tree, owner, domain):
    with refused("invalid", "domain"):
        email_domains.add(tree.acme, domain, by=owner)


def test_add_refuses_the_same_twice(listed, tree, owner):
    with refused("duplicate", "domain"):
        email_domains.add(tree.acme, "acme.example", by=owner)


def test_add_does_not_tell_what_others_have(open_domain, owner):
    other = MembershipFactory(role=Role.OWNER)

    added = email_domains.add(other.organization, "acme.example", by=other.user)

    assert not added.is_verified


@pytest.mark.parametrize("verb", ["add", "edit", "verify", "remove"])
def test_only_owners_decide(tree, listed, manager, viewer, outsider, name_server, verb):
    _prove(name_server, listed)
    act = {
        "add": lambda by: email_domains.add(tree.acme, "other.example", by=by),
        "edit": lambda by: email_domains.edit(listed, mode="off", role=Role.VIEWER, by=by),
        "verify": lambda by: email_domains.verify(listed, by=by),
        "remove": lambda by: email_domains.remove(listed, by=by),
    }[verb]

    for person in (manager, viewer, outsider):
        with pytest.raises(NotAllowed):
            act(person)
    assert name_server.asked == []


def test_edit_says_who_may_join_as_what(listed, owner, recorded):
    email_domains.edit(listed, mode="automatic", role=Role.MAINTAINER, by=owner)

    listed.refresh_from_db()
    assert (listed.mode, listed.role) == (JoinMode.AUTOMATIC, Role.MAINTAINER)
    assert recorded() == ["email_domain.add", "email_domain.edit"]


def test_edit_takes_a_custom_role(listed, tree, owner, name_server, colleague):
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_organization"])
    _prove(name_server, listed)
    email_domains.verify(listed, by=owner)

    email_domains.edit(listed, mode="automatic", role=role, by=owner)
    membership = email_domains.join(listed, by=colleague)

    assert membership.given_role == role
    assert grants.resync(check=True) == []


@pytest.fixture
def given_role(tree, open_domain):
    """A custom role that joining gives."""
    role = CustomRoleFactory(organization=tree.acme, permissions=["view_organization"])
    EmailDomain.objects.update(role=Role.CUSTOM, custom_role=role)
    return role


def test_a_role_that_joining_gives_is_edited_by_owners(given_role, tree, owner):
    permissions = [Permission.VIEW_ORGANIZATION, Permission.MANAGE_CUSTOM_ROLES]
    permissions += [Permission.CHANGE_ORGANIZATION, Permission.CHANGE_ORGANIZATION_MEMBER]
    composers = CustomRoleFactory(organization=tree.acme, permissions=permissions)
    composer = MembershipFactory(node=tree.acme, role=Role.CUSTOM, custom_role=composers).user
    change = {"name": "Door", "permissions": [Permission.CHANGE_ORGANIZATION]}

    with pytest.raises(NotAllowed):
        custom_roles.edit(given_role, **change, by=composer)
    assert custom_roles.edit(given_role, **change, by=owner).name == "Door"


def test_a_role_that_is_deleted_is_given_no_more(given_role, owner, open_domain, colleague):
    custom_roles.delete(given_role, by=owner)

    assert email_domains.join(open_domain, by=colleague).given_role == Role.VIEWER


def test_edit_records_nothing_when_nothing_differs(listed, owner, recorded):
    email_domains.edit(listed, mode="off", role=Role.VIEWER, by=owner)

    assert recorded() == ["email_domain.add"]


def test_edit_makes_no_owners(listed, owner):
    with refused("owner", "role"):
        email_domains.edit(listed, mode="automatic", role=Role.OWNER, by=owner)


def test_edit_refuses_a_role_of_another_organization(listed, owner):
    foreign = CustomRoleFactory(permissions=["view_organization"])

    with refused("unfit_role", "role"):
        email_domains.edit(listed, mode="automatic", role=foreign, by=owner)


def test_remove_leaves_who_came(open_domain, owner, colleague):
    email_domains.join(open_domain, by=colleague)

    email_domains.remove(open_domain, by=owner)

    assert EmailDomain.objects.count() == 0
    assert Membership.objects.get(user=colleague).role == Role.VIEWER


@pytest.mark.parametrize("verb", ["edit", "remove", "verify"])
def test_change_nothing_that_is_gone(listed, owner, name_server, verb):
    _prove(name_server, listed)
    EmailDomain.objects.all().delete()
    more = {"mode": "off", "role": Role.VIEWER} if verb == "edit" else {}

    with refused("gone"):
        getattr(email_domains, verb)(listed, **more, by=owner)


# --- Verifying -----------------------------------------------------------------------------------


def test_verify_finds_the_record(listed, owner, name_server, recorded):
    _prove(name_server, listed)

    email_domains.verify(listed, by=owner)

    listed.refresh_from_db()
    assert listed.is_verified
    assert listed.last_checked_at is not None
    assert name_server.asked == ["_canopy-challenge.acme.example"]
    assert recorded() == ["email_domain.add", "email_domain.verify"]


def test_verify_again_records_nothing(listed, owner, name_server, recorded):
    _prove(name_server, listed)
    first = email_domains.verify(listed, by=owner)

    again = email_domains.verify(listed, by=owner)

    assert again.verified_at == first.verified_at
    assert recorded() == ["email_domain.add", "email_domain.verify"]


def test_verify_refuses_without_a_record(listed, owner, name_server):
    with refused("no_record"):
        email_domains.verify(listed, by=owner)


def test_verify_refuses_another_record(listed, owner, name_server):
    wrong = [listed.challenge_value + "x"], ["v=spf1 -all"], [listed.token]
    name_server.records[listed.challenge_name] = wrong

    with refused("mismatch"):
        email_domains.verify(listed, by=owner)


def test_verify_refuses_the_record_of_another_organization(listed, owner, name_server):
    rival = EmailDomainFactory(domain="acme.example", verified_at=None)
    name_server.records[listed.challenge_name] = [[rival.challenge_value]]

    with refused("mismatch"):
        email_domains.verify(listed, by=owner)


@pytest.mark.parametrize("trouble", ["is_silent", "fails"])
def test_verify_refuses_when_the_dns_does_not_answer(listed, owner, name_server, trouble):
    setattr(name_server, trouble, True)

    with refused("no_reply"):
        email_domains.verify(listed, by=owner)


def test_verify_holds_a_domain_for_one_organization(listed, owner, name_server):
    EmailDomainFactory(domain="acme.example")
    _prove(name_server, listed)

    with refused("duplicate"):
        email_domains.verify(listed, by=owner)


@pytest.mark.django_db(transaction=True)
def test_verify_for_two_organizations_at_once(listed, owner, name_server):
    rival = EmailDomainFactory(domain="acme.example", verified_at=None)
    other = MembershipFactory(node=rival.organization, role=Role.OWNER).user
    values = [[listed.challenge_value], [rival.challenge_value]]
    name_server.records[listed.challenge_name] = values

    at_once(
        lambda: email_domains.verify(listed, by=owner),
        lambda: email_domains.verify(rival, by=other),
    )

    assert EmailDomain.objects.verified().count() == 1


# --- Checking again ------------------------------------------------------------------------------


def test_recheck_keeps_what_is_proved(open_domain, name_server):
    _prove(name_server, open_domain)

    assert email_domains.recheck() == 0
    open_domain.refresh_from_db()
    assert open_domain.is_verified
    assert open_domain.last_checked_at is not None
    assert OutgoingMail.objects.count() == 0


def test_recheck_loses_a_domain_after_a_week(open_domain, owner, name_server, recorded):
    start = timezone.now()
    for day in range(7):
        with time_machine.travel(start + timedelta(days=day)):
            assert email_domains.recheck() == 0
    open_domain.refresh_from_db()
    assert open_domain.is_verified
    assert _mails() == ["email_domain_failing"] * 2  # there are two owners

    with time_machine.travel(start + timedelta(days=7, minutes=1)):
        assert email_domains.recheck() == 1

    open_domain.refresh_from_db()
    assert not open_domain.is_verified
    assert _mails() == ["email_domain_failing"] * 2 + ["email_domain_lost"] * 2
    assert recorded() == ["email_domain.lose"]


def test_recheck_forgives_when_the_record_comes_back(open_domain, name_server):
    email_domains.recheck()
    _prove(name_server, open_domain)

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert email_domains.recheck() == 0
    open_domain.refresh_from_db()
    assert (open_domain.is_verified, open_domain.failing_since) == (True, None)


def test_recheck_leaves_what_is_not_verified(listed, name_server):
    assert email_domains.recheck() == 0
    assert name_server.asked == []


def test_recheck_goes_on_after_one_that_fails(open_domain, name_server):
    other = EmailDomainFactory(domain="zebra.example")
    _prove(name_server, other)

    email_domains.recheck()

    other.refresh_from_db()
    open_domain.refresh_from_db()
    assert (other.failing_since, open_domain.failing_since is None) == (None, False)


def _mails():
    return list(OutgoingMail.objects.order_by("id").values_list("template", flat=True))


# --- Joining -------------------------------------------------------------------------------------


def test_join_gives_the_role_of_the_domain(open_domain, colleague, recorded):
    membership = email_domains.join(open_domain, by=colleague)

    assert (membership.node, membership.role) == (open_domain.organization, Role.VIEWER)
    assert (membership.way_in, membership.way_in_detail) == (WayIn.DOMAIN, open_domain.domain)
    assert access.can(colleague, Permission.VIEW_ORGANIZATION, open_domain.organization)
    assert recorded() == ["membership.join"]
    assert grants.resync(check=True) == []


@pytest.mark.parametrize(
    "email",
    [
        "somebody@example.com",
        "a@mail.acme.example",
        "a@notacme.example",
        "a@acme.example.org",
        "acme.example@example.com",
    ],
)
def test_join_takes_an_address_of_the_domain_itself(open_domain, email):
    person = UserFactory(email=email)

    with refused("not_open"):
        email_domains.join(open_domain, by=person)


def test_join_takes_a_verified_address(open_domain, colleague):
    EmailAddress.objects.filter(user=colleague).update(verified=False)

    with refused("not_open"):
        email_domains.join(open_domain, by=colleague)


@pytest.mark.parametrize(
    "state", [{"verified_at": None}, {"mode": JoinMode.OFF}, {"mode": JoinMode.REQUEST}]
)
def test_join_takes_an_open_domain(open_domain, colleague, state):
    EmailDomain.objects.update(**state)

    with refused("not_open"):
        email_domains.join(open_domain, by=colleague)


def test_join_refuses_members_suspended_or_not(open_domain, colleague):
    membership = MembershipFactory(node=open_domain.organization, user=colleague)
    for status in Status:
        Membership.objects.filter(pk=membership.pk).update(status=status)

        code = "suspended_member" if status == Status.SUSPENDED else "already_member"
        with refused(code):
            email_domains.join(open_domain, by=colleague)


def test_join_leads_whose_access_has_ended_to_ask(open_domain, colleague):
    over = timezone.now() - timedelta(days=1)
    MembershipFactory(node=open_domain.organization, user=colleague, ends_at=over)

    with refused("ended"):
        email_domains.join(open_domain, by=colleague)


def test_join_refuses_the_blocked(open_domain, colleague):
    BlockedPersonFactory(organization=open_domain.organization, user=colleague)

    with refused("blocked"):
        email_domains.join(open_domain, by=colleague)
    assert email_domains.open_for(colleague) == []


def test_join_answers_what_one_has_asked(open_domain, colleague):
    EmailDomain.objects.update(mode=JoinMode.REQUEST)
    asked = access_requests.ask(open_domain.organization, by=colleague)
    EmailDomain.objects.update(mode=JoinMode.AUTOMATIC)

    email_domains.join(open_domain, by=colleague)

    asked.refresh_from_db()
    assert asked.state == RequestState.WITHDRAWN


@pytest.mark.django_db(transaction=True)
def test_join_ten_times_at_once(open_domain, colleague):
    outcomes = at_once(*[lambda: email_domains.join(open_domain, by=colleague)] * 10)

    assert sum(isinstance(outcome, Membership) for outcome in outcomes) == 1


def test_removing_a_member_keeps_them_out(open_domain, owner, colleague):
    membership = email_domains.join(open_domain, by=colleague)

    memberships.remove(membership, by=owner)

    assert BlockedPerson.objects.get().user == colleague
    with refused("blocked"):
        email_domains.join(open_domain, by=colleague)


@pytest.mark.parametrize("end", [memberships.remove, memberships.leave])
def test_say_in_the_event_that_who_goes_is_blocked(open_domain, owner, colleague, end):
    EmailDomain.objects.update(role=Role.MAINTAINER)
    membership = MembershipFactory(node=open_domain.organization, user=colleague)

    end(membership, by=owner if end is memberships.remove else colleague)

    event = AuditEvent.objects.latest("id")
    changes = [(change.label, change.before, change.after) for change in audit.changes_of(event)]
    assert changes == [("Role", "Viewer", "none"), ("Blocked", "No", "Yes")]


def test_say_nothing_of_a_block_that_was_there(open_domain, owner, colleague):
    BlockedPersonFactory(organization=open_domain.organization, user=colleague)
    membership = MembershipFactory(node=open_domain.organization, user=colleague)

    memberships.remove(membership, by=owner)

    assert list(AuditEvent.objects.latest("id").changes) == ["role"]


def test_closing_the_account_raises_nobody_who_signs_up_anew(open_domain, colleague):
    MembershipFactory(
        node=open_domain.organization, user=colleague, status=Status.SUSPENDED, role=Role.VIEWER
    )
    email = colleague.email

    accounts.close(colleague)

    again = UserFactory(email=email)
    assert email_domains.open_for(again) == []
    with refused("blocked"):
        email_domains.join(open_domain, by=again)


@pytest.mark.parametrize(("begins", "is_blocked"), [(-1, False), (1, True)])
def test_who_leaves_is_blocked_before_their_beginning_alone(
    open_domain, colleague, begins, is_blocked
):
    starts_at = timezone.now() + timedelta(days=begins)
    membership = MembershipFactory(
        node=open_domain.organization, user=colleague, starts_at=starts_at
    )

    memberships.leave(membership, by=colleague)

    assert BlockedPerson.objects.exists() is is_blocked


def test_leaving_lets_one_join_again_as_what_one_was(open_domain, colleague):
    membership = email_domains.join(open_domain, by=colleague)

    memberships.leave(membership, by=colleague)

    assert email_domains.join(open_domain, by=colleague).given_role == membership.given_role


@pytest.mark.parametrize(
    "less",
    [
        {"role": Role.VIEWER},
        {"ends_at": timezone.now() + timedelta(days=1)},
        {"starts_at": timezone.now() + timedelta(days=1)},
        {"status": Status.SUSPENDED},
    ],
)
def test_leaving_raises_nobody_who_joins_again(open_domain, colleague, less):
    EmailDomain.objects.update(role=Role.MAINTAINER)
    open_domain.refresh_from_db()
    membership = email_domains.join(open_domain, by=colleague)
    Membership.objects.filter(pk=membership.pk).update(**less)

    memberships.leave(membership, by=colleague)

    assert BlockedPerson.objects.get().user == colleague
    with refused("blocked"):
        email_domains.join(open_domain, by=colleague)


def _change_address(user, email):
    """Do as allauth does when the new address is confirmed."""
    former = EmailAddress.objects.get(user=user)
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    user.email = email
    user.save()
    former_addresses.remember(user=user, from_email_address=former)


@pytest.mark.parametrize("end", ["leave", "remove"])
def test_changing_the_address_for_a_while_raises_nobody(open_domain, owner, colleague, end):
    """They leave, or are removed, under another address, and change back to join."""
    membership = email_domains.join(open_domain, by=colleague)
    memberships.suspend(membership, by=owner)
    first = colleague.email
    _change_address(colleague, "elsewhere@example.org")
    membership = Membership.objects.select_related("user").get(pk=membership.pk)

    getattr(memberships, end)(membership, by=colleague if end == "leave" else owner)
    _change_address(colleague, first)

    with refused("blocked"):
        email_domains.join(open_domain, by=colleague)


def test_the_address_that_a_member_had_opens_no_second_way_in(open_domain, owner, colleague):
    """A second account with it joins not by itself: somebody had suspended the first."""
    memberships.suspend(email_domains.join(open_domain, by=colleague), by=owner)
    first = colleague.email
    _change_address(colleague, "elsewhere@example.org")
    again = UserFactory(email=first)

    with refused("former_address"):
        email_domains.join(open_domain, by=again)

    assert access_requests.ask(open_domain.organization, by=again).is_pending


def test_who_is_kept_out_is_so_by_the_addresses_they_had(open_domain, owner, colleague):
    membership = email_domains.join(open_domain, by=colleague)
    first = colleague.email
    _change_address(colleague, "elsewhere@example.org")
    memberships.remove(Membership.objects.select_related("user").get(pk=membership.pk), by=owner)
    again = UserFactory(email=first)

    with refused("blocked"):
        email_domains.join(open_domain, by=again)


def test_removing_somebody_else_blocks_nobody(open_domain, tree, owner, viewer, colleague):
    memberships.remove(Membership.objects.get(user=viewer), by=owner)
    memberships.remove(MembershipFactory(node=tree.shop, user=colleague), by=owner)

    assert BlockedPerson.objects.count() == 0


def test_leaving_lets_one_return_as_less(open_domain, colleague):
    membership = email_domains.join(open_domain, by=colleague)
    Membership.objects.filter(pk=membership.pk).update(role=Role.MAINTAINER)

    memberships.leave(membership, by=colleague)

    assert email_domains.join(open_domain, by=colleague).role == Role.VIEWER


def test_ask_through_a_domain_of_requests(open_domain, colleague, outsider):
    EmailDomain.objects.update(mode=JoinMode.REQUEST)

    with refused("not_open"):
        access_requests.ask(open_domain.organization, by=outsider)
    assert access_requests.ask(open_domain.organization, by=colleague).user == colleague


# --- What is open to somebody --------------------------------------------------------------------


def test_open_for_lists_what_one_can_join(open_domain, colleague, outsider):
    EmailDomainFactory(domain="other.example")

    assert email_domains.open_for(colleague) == [open_domain]
    assert email_domains.open_for(outsider) == []


def test_open_for_leaves_out_members_and_who_has_asked(open_domain, colleague):
    EmailDomain.objects.update(mode=JoinMode.REQUEST)
    asked = access_requests.ask(open_domain.organization, by=colleague)
    assert email_domains.open_for(colleague) == []

    access_requests.withdraw(asked, by=colleague)
    assert email_domains.open_for(colleague) == [open_domain]

    MembershipFactory(node=open_domain.organization, user=colleague)
    assert email_domains.open_for(colleague) == []


@pytest.mark.parametrize("verb", ["suspend", "delete"])
def test_open_for_leaves_out_what_cannot_be_joined(open_domain, owner, colleague, verb):
    getattr(nodes, verb)(open_domain.organization, by=owner)

    assert email_domains.open_for(colleague) == []
