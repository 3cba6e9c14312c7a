"""The rules that two people could break together, tried by two people at the same instant."""

import ast
import os
import time
from functools import partial
from itertools import combinations_with_replacement
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.utils import timezone

import hierarchy
from accounts.models import User
from hierarchy import access, grants
from hierarchy.members.actions.membership_batches import Verb
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    AccessReviewRow,
    AuditEvent,
    CustomRole,
    EmailDomain,
    FormerSlug,
    Invitation,
    JoinMode,
    Membership,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    OwnershipRecovery,
    ReviewState,
    State,
    Workspace,
)
from hierarchy.models.invitation import Offer
from hierarchy.models.node import oldest_restorable
from hierarchy.nodes.actions.nodes import GENERAL, shown_to_edit
from hierarchy.refusals import Refused
from hierarchy.roles import Level, Permission, Role
from tests.factories import (
    AccessRequestFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.faults.simultaneous import at_once, dismiss, same_hands
from tests.support.acting import (
    access_requests,
    access_reviews,
    accounts,
    custom_roles,
    email_domains,
    invitation_batches,
    invitation_limits,
    invitations,
    membership_batches,
    memberships,
    nodes,
    organizations,
    ownership,
    ownership_recoveries,
    transfers,
    workspaces,
)
from tests.support.acting import staff as staff_rights
from tests.support.sampling import IS_THOROUGH

ROUNDS = int(os.environ.get("CONCURRENCY_ROUNDS", "10" if IS_THOROUGH else "1"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def permissions(transactional_db):
    """Each test has emptied the tables before: give the permissions of the roles new ids."""
    access.forget_permission_ids()


@pytest.fixture(autouse=True, scope="module")
def hands(django_db_setup):
    """Let all tests use the same connections: each new one has to read the catalogue first."""
    with same_hands():
        yield


@pytest.fixture(autouse=True)
def few_hands(hands):
    """Let go of those that only a test of many at once needs: a database has so many places."""
    yield
    dismiss(but=2)


def pairs_of_owners():
    """Return, for each round, two owners of an organization: all of them are made at once."""
    organizations = Organization.objects.bulk_create(OrganizationFactory.build_batch(ROUNDS))
    people = User.objects.bulk_create(UserFactory.build_batch(2 * ROUNDS))
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people
    )
    first, second = (
        Membership.objects.bulk_create(
            MembershipFactory.build(node=organization, user=user, role=Role.OWNER)
            for organization, user in zip(organizations, half, strict=True)
        )
        for half in (people[::2], people[1::2])
    )
    grants.resync()
    return zip(first, second, strict=True)


def owners(organization):
    return Membership.objects.effective_owners().filter(organization=organization)


def _fresh(membership):
    """Return the membership and its person as a request of its own loads them."""
    return Membership.objects.select_related("user", "organization").get(pk=membership.pk)


def _end_later(own, other):
    ends_at = timezone.now() + timezone.timedelta(days=9)
    return partial(memberships.change_dates, own, starts_at=None, ends_at=ends_at, by=other)


def _with_others(verb):
    """The way through the page of members, where several are ticked."""

    def prepare(own, other, _staff):
        def act():
            role = Role.MANAGER if verb is Verb.CHANGE_ROLE else None
            for outcome in membership_batches.perform([own], verb, by=other, role=role):
                if outcome.problem:
                    raise Refused("batch", outcome.problem)

        return act

    return prepare


def _row_about(own, by):
    """Return the row about a member in the open review of their organization."""
    due_at = timezone.now() + timezone.timedelta(days=1)
    review = AccessReview.objects.at(own.organization).filter(state=ReviewState.OPEN).first()
    review = review or access_reviews.start(own.organization, due_at=due_at, by=by)
    rows = AccessReviewRow.objects.select_related("review__organization")
    return rows.get(review=review, membership_id=own.pk)


def _asked(own):
    """Return what somebody asked for before they were an owner, or another one made them one."""
    return AccessRequestFactory(
        node=own.organization, user=own.user, permission=Permission.VIEW_APPLICATION
    )


def _step_back(own, _other, _staff):
    """The way of an owner whose offer is accepted: there can be one offer at a time."""
    offer = OwnershipOffer.objects.filter(organization=own.organization).first()
    if offer is None:
        heir = MembershipFactory(node=own.organization).user
        offer = ownership.offer(own.organization, heir, by=own.user, becomes=Role.VIEWER)
    return partial(ownership.accept, offer, by=User.objects.get(pk=offer.user_id))


# action: its preparation, which returns what takes away the owner `own`; `other` is the owner who
# remains, for now. What stands after the blank tells apart ways through the same action.
WAYS_TO_GO = {
    "memberships.leave": lambda own, other, staff: partial(memberships.leave, own, by=own.user),
    "memberships.remove": lambda own, other, staff: partial(memberships.remove, own, by=other),
    "memberships.change_role": lambda own, other, staff: partial(
        memberships.change_role, own, Role.MANAGER, by=other
    ),
    "memberships.suspend": lambda own, other, staff: partial(memberships.suspend, own, by=other),
    "memberships.change_dates": lambda own, other, staff: _end_later(own, other),
    "membership_batches.perform role": _with_others(Verb.CHANGE_ROLE),
    "membership_batches.perform suspend": _with_others(Verb.SUSPEND),
    "membership_batches.perform remove": _with_others(Verb.REMOVE),
    "access_reviews.change": lambda own, other, staff: partial(
        access_reviews.change, _row_about(own, other), Role.MANAGER, by=other
    ),
    "access_reviews.remove": lambda own, other, staff: partial(
        access_reviews.remove, _row_about(own, other), by=other
    ),
    "access_requests.approve": lambda own, other, staff: partial(
        access_requests.approve, _asked(own), Role.MAINTAINER, by=other
    ),
    "ownership.accept": _step_back,
    "accounts.deactivate": lambda own, other, staff: partial(
        accounts.deactivate, own.user, by=staff
    ),
    "accounts.close": lambda own, other, staff: partial(accounts.close, own.user),
}
# Other actions that write memberships or lock people out, and why no owner goes by them.
TAKE_NO_OWNER = {
    "memberships.put": "the part that ways of changing a membership share",
    "memberships.end": "the part that ways of going share",
    "memberships.establish": "the part that ways of becoming a member share",
    "memberships.add": "makes a member",
    "memberships.renew": "only what has ended, and such an owner is none",
    "memberships.reactivate": "gives access back",
    "memberships.extend": "only what ends by itself, and such an owner doesn't count",
    "membership_batches.judge": "undoes what it has tried",
    "accounts.reactivate": "gives access back",
    "custom_roles.delete": "holders of a custom role are no owners",
    "email_domains.join": "makes a member",
    "invitations.accept": "makes a member",
    "organizations.create": "makes an owner",
    "ownership_recoveries.complete": "makes an owner",
    "transfers.accept": "ends memberships on workspaces and applications only",
    "moves.move": "the part of a transfer that ends them",
}


def test_know_every_way_to_go():
    """An action that reaches what no change of memberships or accounts can do without is listed."""
    assert {way.split()[0] for way in WAYS_TO_GO} | set(TAKE_NO_OWNER) == _actions_that_reach(
        {"grants.derive", "grants.derive_all", "accounts.erase", "is_active ="}
    )


def _actions_that_reach(ends):
    """Return the public functions of the actions whose code leads to one of `ends`."""
    names = {}
    for path in Path(hierarchy.__file__).parent.glob("*/actions/*.py"):
        tree = ast.parse(path.read_text())
        imported = {
            alias.name: f"{node.module.rpartition('.')[2]}.{alias.name}"
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and ".actions." in node.module
            for alias in node.names
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                defined = node.name
            elif isinstance(node, ast.AnnAssign):  # a table of functions
                defined = node.target.id
            else:
                continue
            names[f"{path.stem}.{defined}"] = {
                imported.get(name, name if "." in name or "=" in name else f"{path.stem}.{name}")
                for name in map(_name_of, ast.walk(node))
            }
    reaching = set(ends)
    while more := {name for name, used in names.items() if used & reaching} - reaching:
        reaching |= more
    return {name for name in reaching - ends if not name.partition(".")[2].startswith("_")}


def _name_of(node):
    """Return what the code names there: `name`, `module.name` or, where it is set, `field =`."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return f"{node.attr} ="
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("one", WAYS_TO_GO)
def test_an_owner_stays_whatever_two_do_at_once(one):
    """One of them is refused; where a third becomes an owner, both may go."""
    staff = UserFactory(is_staff=True, is_superuser=True)
    for two in _from(one, WAYS_TO_GO):
        for first, second in pairs_of_owners():
            organization = first.organization

            outcomes = at_once(
                WAYS_TO_GO[one](_fresh(first), _fresh(second).user, staff),
                WAYS_TO_GO[two](_fresh(second), _fresh(first).user, staff),
            )

            refused = sum(isinstance(outcome, Refused) for outcome in outcomes)
            made = "ownership.accept" in (one, two)
            assert (two, refused == 1 or made) == (two, True)
            assert (two, owners(organization).count()) == (two, refused + made)
        assert (two, grants.resync(check=True)) == (two, [])


def _from(one, ways):
    """Return the way and those that stand after it, so that each pair of ways comes up once.

    All pairs take a thorough run; others take every third, so that each way comes up in some.
    """
    ways = list(ways)
    return ways[ways.index(one) :: 1 if IS_THOROUGH else 3]


@pytest.mark.parametrize("way", WAYS_TO_GO)
def test_an_owner_stays_when_ownership_is_accepted_meanwhile(way):
    """The last owner steps down for somebody who goes, or is sent away, at the same instant."""
    staff = UserFactory(is_staff=True, is_superuser=True)
    for owner, spare in pairs_of_owners():
        organization = owner.organization
        member = MembershipFactory(node=organization)
        offer = ownership.offer(organization, member.user, by=owner.user, becomes=Role.VIEWER)
        memberships.change_role(spare, Role.MANAGER, by=owner.user)

        at_once(
            partial(ownership.accept, offer, by=_fresh(member).user),
            WAYS_TO_GO[way](_fresh(member), _fresh(owner).user, staff),
        )

        assert owners(organization).count() == 1
    assert grants.resync(check=True) == []


# Those that don't lock the node as all others do, or change two people at once.
@pytest.mark.parametrize(
    "way", ["memberships.leave", "ownership.accept", "accounts.deactivate", "accounts.close"]
)
def test_an_owner_can_restore_what_is_deleted_meanwhile(way):
    staff = UserFactory(is_staff=True, is_superuser=True)
    for first, second in pairs_of_owners():
        organization = first.organization

        _gone, deleted = at_once(
            WAYS_TO_GO[way](_fresh(first), _fresh(second).user, staff),
            partial(nodes.delete, Organization.objects.get(pk=organization.pk), by=second.user),
        )

        assert not isinstance(deleted, Refused)
        restored = nodes.restore(Organization.objects.get(pk=organization.pk), by=second.user)
        assert owners(restored).filter(user=second.user).exists()
    assert grants.resync(check=True) == []


# How a superuser goes; `other` is the one who remains, for now.
WAYS_OF_SUPERUSERS = {
    "lower": lambda own, other: staff_rights.change_rights(
        own, by=other, is_staff=True, is_superuser=False, groups=[]
    ),
    "deactivate": lambda own, other: accounts.deactivate(own, by=other),
    "close": lambda own, other: accounts.close(own),
}


@pytest.mark.parametrize(("one", "two"), list(combinations_with_replacement(WAYS_OF_SUPERUSERS, 2)))
def test_a_superuser_stays_whatever_two_do_at_once(one, two):
    for _ in range(ROUNDS):
        User.objects.filter(is_superuser=True).update(is_superuser=False)
        pair = UserFactory.create_batch(2, is_staff=True, is_superuser=True)
        (first, by_first), (second, by_second) = (
            (User.objects.get(pk=user.pk), User.objects.get(pk=user.pk)) for user in pair
        )

        outcomes = at_once(
            partial(WAYS_OF_SUPERUSERS[one], first, by_second),
            partial(WAYS_OF_SUPERUSERS[two], second, by_first),
        )

        assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1


@pytest.mark.parametrize("way", ["deactivate", "close"])
def test_an_owner_stays_when_one_who_joins_is_locked_out(way):
    """The new owner is locked out while the old one, who counts on them, goes."""
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        old = MembershipFactory(node=organization, role=Role.OWNER)
        new = UserFactory()

        def replace(organization=organization, old=old, new=new):
            memberships.add(organization, new, Role.OWNER, by=User.objects.get(pk=staff.pk))
            memberships.leave(_fresh(old), by=old.user)

        def lock_out(new=new):
            person = User.objects.get(pk=new.pk)
            accounts.close(person) if way == "close" else accounts.deactivate(person, by=staff)

        at_once(replace, lock_out)

        assert owners(organization).exists()


@pytest.mark.parametrize("way", ["deactivate", "close"])
def test_who_is_locked_out_founds_no_organization_without_an_owner(way):
    staff = UserFactory(is_staff=True, is_superuser=True)
    for number in range(ROUNDS):
        founder = UserFactory()

        def found(founder=founder, number=number):
            organizations.create(by=founder, name="New", slug=f"new-{number}")

        def lock_out(founder=founder):
            person = User.objects.get(pk=founder.pk)
            accounts.close(person) if way == "close" else accounts.deactivate(person, by=staff)

        at_once(found, lock_out)

    for organization in Organization.objects.all():
        assert owners(organization).exists()


@pytest.mark.parametrize("count", [1, 2])
def test_accept_once_however_often_at_once(count):
    """One person clicks fifty times; or another one, whom the link was forwarded to, as well."""
    inviter = MembershipFactory(role=Role.OWNER)
    people = UserFactory.create_batch(count)
    invitation = InvitationFactory(
        node=inviter.organization, email=people[0].email, invited_by=inviter.user
    )

    def accept(person):
        found = Invitation.objects.select_related("organization").get(pk=invitation.pk)
        return invitations.accept(found, by=User.objects.get(pk=person.pk))

    outcomes = at_once(
        *(lambda person=people[place % count]: accept(person) for place in range(50))
    )

    assert sum(isinstance(outcome, Membership) for outcome in outcomes) == 1
    assert Membership.objects.exclude(pk=inviter.pk).count() == 1
    assert AuditEvent.objects.get().action == "invitation.accept"


# What an inviter does to an invitation while it is being accepted.
TO_INVITATION = {
    "revoke": lambda invitation, by: invitations.revoke(invitation, by=by),
    "change_role": lambda invitation, by: invitations.change_role(invitation, Role.OWNER, by=by),
    "resend": lambda invitation, by: invitations.resend(invitation, by=by),
    "copy_link": lambda invitation, by: invitations.copy_link(invitation, by=by),
}


@pytest.mark.parametrize("verb", TO_INVITATION)
def test_accept_what_was_read_or_nothing(verb):
    """The invitation is accepted as it was read, or it was changed before: never both."""
    for _ in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)
        invited = UserFactory()
        invitation = InvitationFactory(
            node=owner.organization, email=invited.email, invited_by=owner.user
        )

        def fresh(pk=invitation.pk):
            return Invitation.objects.select_related("organization").get(pk=pk)

        accepted, changed = at_once(
            partial(invitations.accept, fresh(), by=invited, version=str(fresh().shown_offer)),
            partial(TO_INVITATION[verb], fresh(), owner.user),
        )

        assert isinstance(accepted, Refused) is not isinstance(changed, Refused)
        role = Membership.objects.filter(user=invited).values_list("role", flat=True).first()
        assert role == (None if isinstance(accepted, Refused) else Role.VIEWER)
        assert (role is None) is not (fresh().state == State.ACCEPTED)
    assert grants.resync(check=True) == []


@pytest.mark.parametrize(("one", "two"), list(combinations_with_replacement([1, 2], 2)))
def test_send_no_more_invitations_than_a_day_has_room_for(one, two):
    """Two send at once where one of them has room: one address, or some."""
    for _ in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)
        organization = owner.organization
        sent = [
            OutgoingMail(
                organization=organization,
                template=invitation_limits.MAIL,
                message_id=f"{organization.slug}-{n}",
            )
            for n in range(invitation_limits.MOST_MAILS_WHILE_YOUNG - max(one, two))
        ]
        OutgoingMail.objects.bulk_create(sent)

        def send(name, number, organization=organization, pk=owner.user_id):
            by = User.objects.get(pk=pk)
            if number == 1:
                return invitations.send(organization, f"{name}@example.com", Role.VIEWER, by=by)
            offers = [Offer(f"{name}{n}@example.com", Role.VIEWER) for n in range(number)]
            return invitation_batches.send(organization, offers, by=by)

        outcomes = at_once(partial(send, "one", one), partial(send, "two", two))

        codes = [getattr(outcome, "code", "") for outcome in outcomes]
        assert sorted(codes) == ["", "too_many"]
        assert (
            invitation_limits.left_today(organization)
            == max(one, two) - (one, two)[codes.index("")]
        )


def test_invite_an_address_once_at_a_time():
    owner = MembershipFactory(role=Role.OWNER)

    def send():
        by = User.objects.get(pk=owner.user_id)
        return invitations.send(owner.organization, "a@example.com", Role.VIEWER, by=by)

    outcomes = at_once(*[send] * 10)

    assert sum(isinstance(outcome, Invitation) for outcome in outcomes) == 1
    assert Invitation.objects.count() == 1


def test_claim_a_slug_once():
    owner = MembershipFactory(role=Role.OWNER)

    def create(slug):
        by = User.objects.get(pk=owner.user_id)
        return workspaces.create(owner.organization, by=by, name="New", slug=slug)

    for number in range(ROUNDS):
        slug = f"same-{number}"

        outcomes = at_once(
            lambda slug=slug: organizations.create(by=UserFactory(), name="One", slug=slug),
            lambda slug=slug: organizations.create(by=UserFactory(), name="Two", slug=slug),
        )
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
        outcomes = at_once(*[lambda slug=slug: create(slug)] * 2)
        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1


def test_a_slug_given_up_goes_to_nobody_else():
    """One organization renames itself while another wants the name."""
    for number in range(ROUNDS):
        one, two = MembershipFactory.create_batch(2, role=Role.OWNER)
        wanted = one.organization.slug

        _given_up, taken = at_once(
            lambda one=one, n=number: nodes.edit(one.organization, by=one.user, slug=f"other-{n}"),
            lambda two=two, slug=wanted: nodes.edit(two.organization, by=two.user, slug=slug),
        )

        assert isinstance(taken, Refused)
        assert FormerSlug.objects.get(slug=wanted).organization_id == one.organization_id


def test_restore_or_purge_but_not_half():
    """The clock of the worker that purges is a little ahead."""
    for _ in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)
        workspace = WorkspaceFactory(organization=owner.organization)
        MembershipFactory(node=workspace)
        almost = oldest_restorable() + timezone.timedelta(seconds=0.05)
        Workspace.objects.filter(pk=workspace.pk).update(deleted_at=almost)
        workspace.refresh_from_db()

        restored, purged = at_once(
            lambda w=workspace, owner=owner: nodes.restore(w, by=owner.user),
            lambda w=workspace: _purge_until_gone_or_alive(w),
        )

        if isinstance(restored, Refused):
            assert purged
            assert not Workspace.objects.filter(pk=workspace.pk).exists()
            assert not Membership.objects.filter(workspace=workspace.pk).exists()
        else:
            assert not purged
            assert Membership.objects.at(workspace).exists()
    assert grants.resync(check=True) == []


def _purge_until_gone_or_alive(workspace):
    while Workspace.objects.filter(pk=workspace.pk, deleted_at__isnull=False).exists():
        if nodes.purge(workspace):
            return True
    return False


def test_events_are_numbered_without_a_gap():
    """Among actions that succeed and others that are refused after they have begun."""
    owner = MembershipFactory(role=Role.OWNER)

    def create(slug):
        return workspaces.create(
            owner.organization, by=User.objects.get(pk=owner.user_id), name="A b", slug=slug
        )

    outcomes = at_once(*(lambda n=n: create(f"slug-{n // 2}") for n in range(40)))

    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 20
    numbers = AuditEvent.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 21))


def test_the_second_to_rename_the_same_node_is_told():
    for _ in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)
        read = str(shown_to_edit(owner.organization, GENERAL[Level.ORGANIZATION]))

        outcomes = at_once(
            *(
                lambda owner=owner, read=read, name=name: nodes.edit(
                    owner.organization, by=owner.user, version=read, name=name
                )
                for name in ("One", "Two")
            )
        )

        assert sorted(getattr(outcome, "code", "") for outcome in outcomes) == ["", "stale"]


def test_the_connection_of_the_tests_is_left_alone():
    """What runs in threads has closed its own connections."""
    dismiss()
    deadline = time.monotonic() + 30  # the server ends a connection after whoever has closed it
    while _connections() > 1 and time.monotonic() < deadline:
        time.sleep(0.05)

    assert _connections() == 1


def _connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


# Each changes something in what is being handed over; `owner` owns both organizations.
MEANWHILE = {
    "accept": lambda w: transfers.accept(w.offer, by=w.owner, keep=[w.member.pk]),
    "withdraw": lambda w: transfers.withdraw(w.offer, by=w.owner),
    "decline": lambda w: transfers.decline(w.offer, by=w.owner),
    "delete": lambda w: nodes.delete(w.shop, by=w.owner),
    "delete-place": lambda w: nodes.delete(w.there, by=w.owner),
    "suspend-place": lambda w: nodes.suspend(w.there, by=w.owner),
    "suspend-member": lambda w: memberships.suspend(w.member, by=w.owner),
    "remove-member": lambda w: memberships.remove(w.member, by=w.owner),
    "invite": lambda w: invitations.send(w.shop, "new@example.com", Role.VIEWER, by=w.owner),
    "move-the-other-way": lambda w: transfers.accept(w.opposite, by=w.owner, keep=[]),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_transfer_is_whole_whatever_happens_meanwhile(meanwhile):
    owner = UserFactory()
    for _ in range(ROUNDS):
        here, there = OrganizationFactory.create_batch(2)
        for organization in (here, there):
            MembershipFactory(node=organization, user=owner, role=Role.OWNER)
        shop, labs = (WorkspaceFactory(organization=place) for place in (here, there))
        world = SimpleNamespace(
            owner=owner,
            shop=shop,
            there=there,
            member=MembershipFactory(node=shop),
            offer=transfers.offer(shop, there, by=owner),
            opposite=transfers.offer(labs, here, by=owner),
        )

        accepted, done = at_once(
            lambda w=world: transfers.accept(w.offer, by=User.objects.get(pk=owner.pk), keep=[]),
            lambda w=world: MEANWHILE[meanwhile](w),
        )

        moved = Workspace.objects.get(pk=shop.pk)
        events = AuditEvent.objects.within(moved).filter(action="transfer.accept")
        assert (moved.organization == there) == (events.count() == 1)
        again = meanwhile == "accept" and not isinstance(done, Refused)
        assert (moved.organization == there) == (again or not isinstance(accepted, Refused))
        if meanwhile in ("accept", "withdraw", "decline"):
            assert isinstance(accepted, Refused) is not isinstance(done, Refused)
        assert not Invitation.objects.filter(workspace=moved, organization=there).exists()
    assert grants.resync(check=True) == []


def test_two_who_remove_the_same_people_at_once():
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        first, second = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)
        members = MembershipFactory.create_batch(3, node=organization)
        mine, theirs = ([_fresh(member) for member in members] for _ in range(2))

        outcomes = at_once(
            lambda rows=mine, by=first.user: membership_batches.perform(rows, Verb.REMOVE, by=by),
            lambda rows=theirs[::-1], by=second.user: membership_batches.perform(
                rows, Verb.REMOVE, by=by
            ),
        )

        refused = [sum(bool(each.problem) for each in outcome) for outcome in outcomes]
        assert sorted(refused) == [0, 3]
    assert grants.resync(check=True) == []


# What two reviewers may answer about the same row at the same instant.
ANSWERS = {
    "keep": lambda row, by: access_reviews.keep(row.review, [row], by=by),
    "change": lambda row, by: access_reviews.change(row, Role.MANAGER, by=by),
    "remove": lambda row, by: access_reviews.remove(row, by=by),
    "finish": lambda row, by: access_reviews.finish(row.review, by=by),
}


@pytest.mark.parametrize(("one", "two"), list(combinations_with_replacement(ANSWERS, 2)))
def test_a_row_is_answered_once_whatever_two_say_at_once(one, two):
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        reviewers = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)
        member = MembershipFactory(node=organization)
        due_at = timezone.now() + timezone.timedelta(days=1)
        review = access_reviews.start(organization, due_at=due_at, by=reviewers[0].user)

        def answer(verb, reviewer, review=review, member=member):
            rows = AccessReviewRow.objects.select_related("review__organization")
            row = rows.get(review=review, membership_id=member.pk)
            return ANSWERS[verb](row, User.objects.get(pk=reviewer.user_id))

        outcomes = at_once(
            lambda answer=answer, by=reviewers[0]: answer(one, by),
            lambda answer=answer, by=reviewers[1]: answer(two, by),
        )

        answers = AuditEvent.objects.within(organization).filter(
            action__in=["access_review.keep", "access_review.change", "access_review.remove"]
        )
        refused = sum(isinstance(outcome, Refused) for outcome in outcomes)
        assert answers.count() <= 1
        assert refused == (0 if "finish" in (one, two) and one != two and answers.count() else 1)
        row = AccessReviewRow.objects.get(review=review, membership_id=member.pk)
        assert bool(row.decision) is answers.exists()
        has_gone = not Membership.objects.filter(pk=member.pk).exists()
        assert has_gone is (row.decision == "remove")
    assert grants.resync(check=True) == []


def test_a_recovery_makes_no_owner_beside_one_who_is_back():
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        gone = MembershipFactory(node=organization, role=Role.OWNER, status="suspended")
        recovery = OwnershipRecovery.objects.create(
            organization=organization, user=UserFactory(), due_at=timezone.now()
        )

        outcomes = at_once(
            lambda recovery=recovery: ownership_recoveries.complete(recovery, by=staff),
            lambda own=gone: memberships.reactivate(
                _fresh(own), by=UserFactory(is_staff=True, is_superuser=True)
            ),
        )

        assert not isinstance(outcomes[1], Refused)
        expected = 1 if isinstance(outcomes[0], Refused) else 2
        assert owners(organization).count() == expected
    assert grants.resync(check=True) == []


def test_complete_a_recovery_once_at_a_time():
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        recovery = OwnershipRecovery.objects.create(
            organization=OrganizationFactory(), user=UserFactory(), due_at=timezone.now()
        )

        outcomes = at_once(*[partial(ownership_recoveries.complete, recovery, by=staff)] * 2)

        assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
        assert owners(recovery.organization).count() == 1


@pytest.mark.parametrize("is_member", [True, False])
@pytest.mark.parametrize("way", ["accounts.deactivate", "accounts.close"])
def test_a_recovery_makes_no_owner_of_who_is_locked_out(way, is_member):
    staff = UserFactory(is_staff=True, is_superuser=True)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        heir = UserFactory()
        if is_member:
            MembershipFactory(node=organization, user=heir)
        recovery = OwnershipRecovery.objects.create(
            organization=organization, user=heir, due_at=timezone.now()
        )
        own = SimpleNamespace(user=User.objects.get(pk=heir.pk))

        completed, gone = at_once(
            partial(ownership_recoveries.complete, recovery, by=staff),
            WAYS_TO_GO[way](own, None, staff),
        )

        assert isinstance(completed, Refused) is not isinstance(gone, Refused)
        assert owners(organization).exists() is not isinstance(completed, Refused)
    assert grants.resync(check=True) == []


# What ends a request to become a member; `owner` answers, or the person changes their mind.
ENDS_OF_REQUEST = {
    "approve": lambda request, owner: access_requests.approve(request, Role.VIEWER, by=owner),
    "decline": lambda request, owner: access_requests.decline(request, by=owner),
    "withdraw": lambda request, owner: access_requests.withdraw(request, by=request.user),
}


@pytest.mark.parametrize(("one", "two"), list(combinations_with_replacement(ENDS_OF_REQUEST, 2)))
def test_a_request_is_answered_once_whatever_two_say_at_once(one, two):
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        deciders = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)
        request = AccessRequestFactory(node=organization)

        def end(verb, decider, pk=request.pk):
            found = AccessRequest.objects.select_related("user", "organization").get(pk=pk)
            return partial(ENDS_OF_REQUEST[verb], found, User.objects.get(pk=decider.user_id))

        outcomes = at_once(end(one, deciders[0]), end(two, deciders[1]))

        codes = [getattr(outcome, "code", "") for outcome in outcomes]
        assert sorted(codes) == ["", "decided"]
        done = (one, two)[codes.index("")]
        request.refresh_from_db()
        assert request.state == {"approve": "approved", "decline": "declined"}.get(
            done, "withdrawn"
        )
        assert Membership.objects.filter(user=request.user).exists() is (done == "approve")
    assert grants.resync(check=True) == []


# Ways in by which somebody becomes a member who closes their account at the same instant.
WAYS_IN = {
    "approve": lambda w: partial(
        access_requests.approve,
        AccessRequestFactory(node=w.organization, user=w.user),
        Role.VIEWER,
        by=w.owner,
    ),
    "accept": lambda w: partial(
        invitations.accept,
        InvitationFactory(node=w.organization, email=w.user.email, invited_by=w.owner),
        by=User.objects.get(pk=w.user.pk),
    ),
    "join": lambda w: partial(
        email_domains.join,
        EmailDomainFactory(node=w.organization, domain=w.user.email.partition("@")[2]),
        by=User.objects.get(pk=w.user.pk),
    ),
}


@pytest.mark.parametrize("way", ["accounts.deactivate", "accounts.close"])
@pytest.mark.parametrize("way_in", WAYS_IN)
def test_who_is_locked_out_becomes_no_member(way_in, way):
    """They become one before, and it is ended with the account or kept for their return; or not."""
    staff = UserFactory(is_staff=True, is_superuser=True)
    for number in range(ROUNDS):
        owner = MembershipFactory(role=Role.OWNER)
        user = UserFactory(email=f"new@domain{number}.example")
        world = SimpleNamespace(organization=owner.organization, owner=owner.user, user=user)
        own = SimpleNamespace(user=User.objects.get(pk=user.pk))

        entered, gone = at_once(WAYS_IN[way_in](world), WAYS_TO_GO[way](own, None, staff))

        is_member = Membership.objects.filter(user=user).exists()
        assert not (isinstance(entered, Refused) and isinstance(gone, Refused))
        assert not is_member or not isinstance(entered, Refused)
        assert not is_member or way == "accounts.deactivate" or isinstance(gone, Refused)
    assert grants.resync(check=True) == []


def test_start_a_review_once_at_a_time():
    due_at = timezone.now() + timezone.timedelta(days=1)
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        starters = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)

        outcomes = at_once(
            *(
                partial(access_reviews.start, organization, due_at=due_at, by=_fresh(own).user)
                for own in starters
            )
        )

        assert sorted(getattr(outcome, "code", "") for outcome in outcomes) == ["", "open"]
        assert AccessReviewRow.objects.filter(review__organization=organization).count() == 2


# Where a role can be given that is being deleted.
GIVINGS = {
    "change_role": lambda w: partial(memberships.change_role, w.member, w.role, by=w.owner),
    "invite": lambda w: partial(
        invitations.send, w.organization, "new@example.com", w.role, by=w.owner
    ),
    "approve": lambda w: partial(
        access_requests.approve, AccessRequestFactory(node=w.organization), w.role, by=w.owner
    ),
    "domain": lambda w: partial(
        email_domains.edit,
        EmailDomainFactory(node=w.organization),
        mode=JoinMode.AUTOMATIC,
        role=w.role,
        by=w.owner,
    ),
}


@pytest.mark.parametrize("giving", GIVINGS)
def test_nobody_gets_a_role_that_is_deleted_meanwhile(giving):
    for _ in range(ROUNDS):
        organization = OrganizationFactory()
        owners_of_it = MembershipFactory.create_batch(2, node=organization, role=Role.OWNER)
        world = SimpleNamespace(
            organization=organization,
            owner=_fresh(owners_of_it[0]).user,
            member=_fresh(MembershipFactory(node=organization)),
            role=CustomRoleFactory(organization=organization),
        )

        given, deleted = at_once(
            GIVINGS[giving](world),
            partial(custom_roles.delete, world.role, by=_fresh(owners_of_it[1]).user),
        )

        # A domain that gave it gives another role then; people have to be thought of first.
        assert isinstance(given, Refused) is not isinstance(deleted, Refused) or giving == "domain"
        is_gone = not CustomRole.objects.in_use().filter(pk=world.role.pk).exists()
        assert is_gone is not isinstance(deleted, Refused)
        for model in (Membership, Invitation, EmailDomain):
            assert not (is_gone and model.objects.filter(custom_role=world.role).exists())
    assert grants.resync(check=True) == []


def test_resync_waits_for_what_is_being_changed():
    """Or it would compare memberships from before a commit with grants from after it."""
    membership = MembershipFactory()
    repairing = Thread(target=lambda: (grants.resync(), connection.close()))

    with transaction.atomic():
        memberships.leave(_fresh(membership), by=membership.user)
        repairing.start()
        repairing.join(0.5)
        assert repairing.is_alive()

    repairing.join()
    assert grants.resync(check=True) == []
