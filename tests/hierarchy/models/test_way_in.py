"""How somebody came in, in words and in the database."""

import pytest
from django.db import IntegrityError, transaction

from hierarchy.models import Membership, WayIn
from hierarchy.models.way_in import say_way_in
from tests.factories import MembershipFactory


@pytest.mark.parametrize(
    ("way", "who", "detail", "sentence"),
    [
        (WayIn.FOUNDER, "", "", "Founder"),
        (WayIn.INVITATION, "Ada", "", "Invited by Ada"),
        (WayIn.INVITATION, "", "", "Invited"),
        (WayIn.REQUEST, "Ada", "", "Request approved by Ada"),
        (WayIn.REQUEST, "", "", "Request approved"),
        (WayIn.DOMAIN, "", "example.com", "Joined with an address at example.com"),
        (WayIn.STAFF, "Ada", "", "Added by staff: Ada"),
        (WayIn.STAFF, "", "", "Added by staff"),
        (WayIn.RECOVERY, "Ada", "", "Made owner by staff: Ada"),
        (WayIn.TRANSFER, "Ada", "Acme", "Kept by Ada when it was handed over from Acme"),
        (WayIn.TRANSFER, "", "Acme", "Kept when it was handed over from Acme"),
        ("", "Ada", "", "Let in by Ada"),
        ("", "", "", ""),
    ],
)
def test_say_it(way, who, detail, sentence):
    assert say_way_in(way, who, detail) == sentence


def test_a_membership_says_it_with_names(tree, owner):
    assert MembershipFactory(node=tree.shop, invited_by=owner).way_in_words == "Invited by Owner"


def test_a_membership_names_nobody_of_the_staff(tree, staff):
    added = MembershipFactory(node=tree.shop, invited_by=staff, way_in=WayIn.STAFF)

    assert added.way_in_words == "Added by staff"


@pytest.mark.parametrize(
    "lie",
    [
        {"way_in": "window"},
        {"way_in": "domain"},
        {"way_in": "transfer"},
        {"way_in": "invitation", "way_in_detail": "example.com"},
        {"way_in": "", "way_in_detail": "example.com"},
    ],
)
def test_the_database_refuses_ways_that_there_are_not(tree, owner, lie):
    with pytest.raises(IntegrityError, match="way_in"), transaction.atomic():
        Membership.objects.filter(user=owner).update(**lie)
