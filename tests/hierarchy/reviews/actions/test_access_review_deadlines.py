"""Who is told when an access review is nearly due, and when it is late."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from hierarchy import outbox
from hierarchy.models import AccessReview, AuditEvent, Membership, OutgoingMail
from tests.factories import AccessReviewRowFactory, MembershipFactory
from tests.support.acting import access_review_deadlines, access_reviews, nodes

DAY = timedelta(days=1)


@pytest.fixture
def review(tree, owner, manager):
    """A review of two weeks, with one row that waits."""
    MembershipFactory(node=tree.shop)
    started = access_reviews.start(tree.shop, due_at=timezone.now() + DAY * 14, by=owner)
    OutgoingMail.objects.all().delete()
    return started


def _set(review, **fields):
    AccessReview.objects.filter(pk=review.pk).update(**fields)


def _sent():
    mails = OutgoingMail.objects.filter(template__startswith="access_review")
    return sorted(mails.values_list("template", "recipient"))


def _to(template, *names):
    return [(template, f"{name}@example.com") for name in names]


def test_remind_once_those_who_can_answer(review, maintainer):
    _set(review, due_at=timezone.now() + DAY * 2, created_at=timezone.now() - DAY * 12)

    assert [access_review_deadlines.remind() for _ in range(2)] == [1, 0]
    assert _sent() == _to("access_review_reminder", "first", "manager", "owner")


def test_remind_not_too_early_and_not_of_a_short_one(review):
    assert access_review_deadlines.remind() == 0
    _set(review, due_at=timezone.now() + DAY * 3)

    assert access_review_deadlines.remind() == 0


def test_remind_of_nothing_that_is_late_already(review):
    _set(review, due_at=timezone.now(), created_at=timezone.now() - DAY * 12)

    assert access_review_deadlines.remind() == 0


def test_escalate_once_to_the_owners(review):
    _set(review, due_at=timezone.now())

    assert [access_review_deadlines.escalate() for _ in range(2)] == [1, 0]
    assert _sent() == _to("access_review_overdue", "first", "owner")
    event = AuditEvent.objects.get(action="access_review.escalate")
    assert event.changes == {"unanswered": [None, 1]}
    assert OutgoingMail.objects.first().context["waiting"] == 1


def test_escalate_nothing_before_its_time(review):
    assert access_review_deadlines.escalate() == 0


@pytest.mark.parametrize("way", ["answered", "ended", "cancelled", "deleted", "in the trash"])
def test_tell_nobody_when_nothing_waits(tree, owner, review, way):
    if way == "answered":
        access_reviews.keep(review, list(review.rows.all()), by=owner)
    elif way == "ended":
        Membership.objects.at(tree.shop).update(ends_at=timezone.now())
    elif way == "cancelled":
        access_reviews.cancel(review, by=owner)
    elif way == "in the trash":
        Membership.objects.at(tree.shop).delete()
        AccessReviewRowFactory(review=review, member__node=tree.production)
        assert review.unanswered().exists()
        nodes.delete(tree.production, by=owner)
    else:
        nodes.delete(tree.shop, by=owner)
    _set(review, due_at=timezone.now(), created_at=timezone.now() - DAY * 12)

    assert access_review_deadlines.remind() == access_review_deadlines.escalate() == 0
    assert _sent() == []


@pytest.mark.parametrize("waiting", [1, 7])
@pytest.mark.parametrize(
    ("template", "subject"),
    [
        ("access_review", "Who still needs access to Shop?"),
        ("access_review_reminder", "The access review of Shop is due soon"),
        ("access_review_overdue", "The access review of Shop is overdue"),
    ],
)
def test_mails_say_how_much_waits_and_lead_there(review, owner, template, subject, waiting):
    access_reviews.mail(template, review, [owner], waiting=waiting)

    outbox.deliver(OutgoingMail.objects.get().pk)

    (sent,) = mail.outbox
    html = sent.alternatives[0][0]
    assert sent.subject == subject
    for body in (sent.body, html):
        assert f"{waiting} membership" in body
        assert f"/o/acme/w/shop/access/reviews/{review.pk}/" in body
        assert "Shop belongs to Acme." in body
