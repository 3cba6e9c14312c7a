"""Every decision about an access review: who begins and ends one, and who answers for whom."""

from itertools import product

import pytest
from django.utils import timezone

from hierarchy.models import Membership
from tests.factories import AccessReviewFactory, AccessReviewRowFactory
from tests.properties.decisions.world import ACTORS, DAY, MEMBERS
from tests.properties.reference.reviews import Review
from tests.support.acting import access_reviews

REVIEWED = [("acme", "acme"), ("acme", "web"), ("shop", "shop"), ("shop", "web")]


def _review(world, place, *members):
    review = AccessReviewFactory(node=world.nodes[place], size=len(members))
    waiting = {member.pk: "" for member in members}
    since = review.created_at
    due = review.due_at
    world.reference.reviews[review.pk] = Review(place, due, waiting, since)
    return review


def _judge_answers(world, title, review, member, roles):
    reference = world.reference
    by = world.name
    pk = member.pk
    row = AccessReviewRowFactory(review=review, member=member)
    world.judge(
        f"keep {title}",
        reference.may_keep(by, review.pk, pk),
        lambda user: access_reviews.keep(review, [row], by=user),
    )
    for role in roles:
        world.judge(
            f"make {role} of {title}",
            reference.may_change_in_review(by, review.pk, pk, role),
            lambda user, role=role: access_reviews.change(row, world.real(role), by=user),
        )
    world.judge(
        f"remove {title}",
        reference.may_remove_in_review(by, review.pk, pk),
        lambda user: access_reviews.remove(row, by=user),
    )


@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_an_answer_as_the_reference(world):
    for (reviewed, place), role in world.some(product(REVIEWED, ["owner", "manager", "helper"])):
        with world.aside():
            member = world.join("other", place, role)
            review = _review(world, reviewed, member)
            title = f"the {role} of {place} in a review of {reviewed}"
            _judge_answers(world, title, review, member, ["owner", "viewer"])


@pytest.mark.parametrize("actor", MEMBERS)
@pytest.mark.parametrize("has_colleague", [False, True])
def test_decide_about_an_answer_for_oneself_as_the_reference(world, has_colleague):
    """Only who owns alone keeps what is their own."""
    member = Membership.objects.select_related("user").get(user=world.actor)
    place = world.reference.members[member.pk].node
    if has_colleague:
        world.join("other", world.reference.path(place)[0], "owner")
    for reviewed in world.some([name for name in world.reference.path(place) if name != "web"]):
        with world.aside():
            review = _review(world, reviewed, member)
            _judge_answers(world, "oneself", review, member, ["viewer"])


@pytest.mark.parametrize("actor", ACTORS)
def test_decide_about_a_review_as_the_reference(world):
    member = world.join("other", "shop", "viewer")
    for place in ("acme", "shop", "press", "globex"):
        world.judge(
            f"start a review of {place}",
            world.reference.may_start_review(world.name, place),
            lambda user, place=place: access_reviews.start(
                world.nodes[place], due_at=timezone.now() + DAY, by=user
            ),
        )
    for place, verb in world.some(product(["acme", "shop"], ["finish", "cancel"])):
        with world.aside():
            review = _review(world, place, member)
            world.judge(
                f"{verb} a review of {place}",
                world.reference.may_run_review(world.name, review.pk),
                lambda user, review=review, verb=verb: getattr(access_reviews, verb)(
                    review, by=user
                ),
            )
