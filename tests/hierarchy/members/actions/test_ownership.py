from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from hierarchy import access, grants
from hierarchy.models import (
    AuditEvent,
    Membership,
    OfferState,
    OutgoingMail,
    OwnershipOffer,
    Status,
)
from hierarchy.roles import Permission, Role
from tests.factories import MembershipFactory, membership_of
from tests.support.acting import memberships, nodes, ownership
from tests.support.refusals import refused


def _only_owner(tree):
    return Membership.objects.at(tree.acme).get(user__email="first@example.com").user


def _owns(user, node):
    access.forget(user)
    return access.can(user, Permission.DELETE_ORGANIZATION, node)


def test_offer_changes_nothing_yet(tree, owner, viewer, recorded):
    offer = ownership.offer(tree.acme, viewer, by=owner)

    assert not _owns(viewer, tree.acme)
    assert recorded() == ["ownership.offer"]
    assert OutgoingMail.objects.get().recipient == viewer.email
    assert f"/ownership/{offer.pk}/" in OutgoingMail.objects.get().context["link"]


def test_accept_makes_an_owner(tree, owner, viewer, recorded):
    offer = ownership.offer(tree.acme, viewer, by=owner)

    ownership.accept(offer, by=viewer)

    assert _owns(viewer, tree.acme)
    assert _owns(owner, tree.acme)
    assert recorded() == ["ownership.offer", "ownership.accept"]
    assert OutgoingMail.objects.get(template="ownership_answer").recipient == owner.email
    assert grants.resync(check=True) == []


def test_accept_lets_the_former_owner_step_down_at_the_same_instant(tree, viewer):
    first = _only_owner(tree)
    offer = ownership.offer(tree.acme, viewer, by=first, becomes=Role.MANAGER)

    ownership.accept(offer, by=viewer)

    assert membership_of(first, tree.acme).role == Role.MANAGER
    assert not _owns(first, tree.acme)
    assert grants.resync(check=True) == []


def test_accept_makes_an_owner_for_good(tree, owner):
    soon = timezone.now() + timedelta(days=1)
    member = MembershipFactory(node=tree.acme, ends_at=soon)

    ownership.accept(ownership.offer(tree.acme, member.user, by=owner), by=member.user)

    assert Membership.objects.effective_owners().filter(pk=member.pk).exists()
    changes = AuditEvent.objects.latest("id").changes
    assert changes["role"] == ["viewer", "owner"]
    assert changes["ends_at"] == [str(soon), None]


def test_decline_what_a_suspended_organization_offers(tree, owner, viewer):
    offer = ownership.offer(tree.acme, viewer, by=owner)
    nodes.suspend(tree.acme, by=owner)

    assert ownership.decline(offer, by=viewer).state == OfferState.DECLINED


def test_an_answer_is_mailed_to_no_account_that_is_not_active(tree, owner, viewer):
    offer = ownership.offer(tree.acme, viewer, by=owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    ownership.decline(offer, by=viewer)

    assert not OutgoingMail.objects.filter(template="ownership_answer").exists()


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_answer_only_for_oneself_and_once(tree, owner, viewer, manager, verb):
    answer = getattr(ownership, verb)
    offer = ownership.offer(tree.acme, viewer, by=owner)

    with refused("not_yours"):
        answer(offer, by=manager)
    answer(offer, by=viewer)
    with refused("decided"):
        answer(offer, by=viewer)


def test_decline_changes_nothing(tree, owner, viewer, recorded):
    ownership.decline(ownership.offer(tree.acme, viewer, by=owner), by=viewer)

    assert not _owns(viewer, tree.acme)
    assert recorded()[-1] == "ownership.decline"
    assert OutgoingMail.objects.latest("id").recipient == owner.email


def test_withdraw(tree, owner, viewer, recorded):
    offer = ownership.offer(tree.acme, viewer, by=owner)

    ownership.withdraw(offer, by=_only_owner(tree))

    with refused("decided"):
        ownership.accept(offer, by=viewer)
    assert recorded()[-1] == "ownership.withdraw"
    assert ownership.offer(tree.acme, viewer, by=owner).is_pending


@pytest.mark.parametrize("end", ["withdraw", "accept", "decline", "leave"])
def test_what_is_over_asks_nobody_any_more(tree, owner, viewer, end):
    offer = ownership.offer(tree.acme, viewer, by=owner)
    ends = {
        "withdraw": lambda: ownership.withdraw(offer, by=owner),
        "accept": lambda: ownership.accept(offer, by=viewer),
        "decline": lambda: ownership.decline(offer, by=viewer),
        "leave": lambda: memberships.leave(membership_of(viewer, tree.acme), by=viewer),
    }

    ends[end]()

    mail = OutgoingMail.objects.get(template="ownership_offer")
    assert (mail.state, mail.context) == ("withheld", {})


def test_only_one_offer_is_open(tree, owner, viewer, manager):
    ownership.offer(tree.acme, viewer, by=owner)

    with refused("duplicate"):
        ownership.offer(tree.acme, manager, by=owner)


def test_an_offer_expires_by_itself(tree, owner, viewer):
    offer = ownership.offer(tree.acme, viewer, by=owner)
    OwnershipOffer.objects.update(expires_at=timezone.now())

    with refused("decided"):
        ownership.accept(offer, by=viewer)
    assert ownership.offer(tree.acme, viewer, by=owner).is_pending
    offer.refresh_from_db()
    assert offer.state == OfferState.EXPIRED


def _demote(member, by):
    memberships.change_role(member, Role.VIEWER, by=by)


@pytest.mark.parametrize(
    ("take_away", "code"),
    [
        (memberships.remove, "decided"),
        (memberships.suspend, "no_owner"),
        (_demote, "no_owner"),
    ],
)
def test_accept_asks_again_whether_the_other_is_an_owner(tree, owner, viewer, take_away, code):
    offer = ownership.offer(tree.acme, viewer, by=owner)
    take_away(membership_of(owner, tree.acme), by=_only_owner(tree))

    with refused(code):
        ownership.accept(offer, by=viewer)


def test_accept_asks_again_whether_one_is_a_member(tree, owner, viewer):
    offer = ownership.offer(tree.acme, viewer, by=owner)
    memberships.suspend(membership_of(viewer, tree.acme), by=owner)

    with refused("no_candidate"):
        ownership.accept(offer, by=viewer)


@pytest.mark.parametrize("actor", ["manager", "maintainer", "viewer", "guest", "outsider"])
def test_it_is_for_owners(tree, owner, viewer, actor, request):
    by = request.getfixturevalue(actor)
    offer = ownership.offer(tree.acme, viewer, by=owner)

    for act in (
        lambda: ownership.offer(tree.acme, viewer, by=by),
        lambda: ownership.withdraw(offer, by=by),
        lambda: ownership.name_successor(tree.acme, viewer, by=by),
    ):
        with refused("not_allowed"):
            act()


def test_staff_hand_nothing_over_that_they_do_not_own(tree, staff, viewer):
    with refused("no_owner"):
        ownership.offer(tree.acme, viewer, by=staff)


@pytest.mark.parametrize("kind", ["owner", "guest", "suspended", "ended"])
def test_only_active_members_who_are_no_owners_are_candidates(tree, owner, guest, kind):
    people = {
        "owner": lambda: _only_owner(tree),
        "guest": lambda: guest,
        "suspended": lambda: MembershipFactory(node=tree.acme, status=Status.SUSPENDED).user,
        "ended": lambda: MembershipFactory(node=tree.acme, ends_at=timezone.now()).user,
    }
    user = people[kind]()

    with refused("no_candidate", "user"):
        ownership.offer(tree.acme, user, by=owner)
    with refused("no_candidate", "user"):
        ownership.name_successor(tree.acme, user, by=owner)


def test_name_a_successor_and_nobody(tree, owner, viewer, recorded):
    assert ownership.name_successor(tree.acme, viewer, by=owner).successor == viewer
    assert ownership.name_successor(tree.acme, viewer, by=owner).successor == viewer
    assert ownership.name_successor(tree.acme, None, by=owner).successor is None

    assert recorded() == ["organization.name_successor"] * 2
    assert not _owns(viewer, tree.acme)
