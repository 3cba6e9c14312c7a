"""What can be known of rows from before, by the activity."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from hierarchy import grants
from tests.support.acting import (access_requests, access_reviews, email_domains, invitations, memberships, organizations, ownership_recoveries, transfers)
from hierarchy.models import (AccessReview, Membership, Organization, OwnershipRecovery, WayIn)
from hierarchy.roles import Role
from tests.factories import EmailDomainFactory, MembershipFactory, UserFactory

MIGRATION = import_module("hierarchy.migrations.0018_read_ways_in_from_the_activity")


def _read():
    with connection.schema_editor(atomic=False) as editor:
        MIGRATION.read(apps, editor)


def _ways():
    """Return {address: (way, detail, who let them in)}, as it is stored."""
    rows = Membership.objects.values_list("user__email", "way_in", "way_in_detail", "invited_by")
    return {email: tuple(facts) for email, *facts in rows}


@pytest.fixture
def people(db):
    names = ("founder", "invited", "asking", "joining", "added", "heir")
    return {name: UserFactory(email=f"{name}@old.example") for name in names}


@pytest.fixture
def history(people, staff, settings):
    """An organization that people have come into by every way that there is."""
    founder = people["founder"]
    acme = organizations.create(by=founder, name="Old Acme", slug="old-acme")
    Organization.objects.update(may_ask_to_join=True)
    acme.refresh_from_db()
    invitation = invitations.send(acme, people["invited"].email, Role.VIEWER, by=founder)
    invitations.accept(invitation, by=people["invited"])
    asked = access_requests.ask(acme, by=people["asking"])
    access_requests.approve(asked, Role.VIEWER, by=founder)
    domain = EmailDomainFactory(node=acme, domain="old.example")
    email_domains.join(domain, by=people["joining"])
    memberships.add(acme, people["added"], Role.VIEWER, by=staff)
    Membership.objects.filter(user=founder).update(status="suspended")
    recovery = ownership_recoveries.start(acme, people["heir"], reason="Lost", by=staff)
    OwnershipRecovery.objects.update(due_at=timezone.now())
    ownership_recoveries.complete(recovery, by=staff)
    Membership.objects.filter(user=founder).update(status="active")
    grants.derive(founder, acme)  # the database took their access away by itself
    return acme


def test_read_every_way_from_the_activity(history):
    MembershipFactory(node=history, user__email="unknown@old.example", way_in="")
    before = _ways()
    assert {way for way, *_more in before.values()} == {*WayIn, ""} - {WayIn.TRANSFER}
    Membership.objects.update(way_in="", way_in_detail="")

    for _ in range(2):  # to do it again changes nothing
        _read()

        assert _ways() == before


def test_read_who_was_kept_and_what_a_review_was_of(history, people, tree, owner):
    member = MembershipFactory(node=tree.shop)
    inside = MembershipFactory(node=tree.production)
    due_at = timezone.now() + timedelta(days=9)
    review = access_reviews.start(tree.shop, due_at=due_at, by=owner)
    kept = [member.pk, inside.pk]
    founder = people["founder"]
    offer = transfers.offer(tree.shop, history, by=owner)
    moved = transfers.accept(offer, by=founder, keep=kept)
    later = MembershipFactory(node=moved, user__email="later@old.example")
    before = _ways()
    Membership.objects.exclude(pk=later.pk).update(way_in="", way_in_detail="", invited_by=None)
    AccessReview.objects.update(former_workspace="")

    _read()

    for each in (member, inside):
        assert _ways()[each.user.email] == (WayIn.TRANSFER, "Acme", founder.pk)
    assert _ways()[later.user.email] == before[later.user.email]
    assert AccessReview.objects.get(pk=review.pk).former_workspace == "Shop"


def test_read_nothing_of_an_earlier_membership_of_the_same_person(history, people):
    Membership.objects.filter(user=people["invited"]).delete()
    again = timezone.now() + timedelta(hours=1)
    MembershipFactory(node=history, user=people["invited"], way_in="", created_at=again)

    _read()

    assert _ways()["invited@old.example"][0] == ""
