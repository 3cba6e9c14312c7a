"""Asking whether before asking what."""

import pytest

from accounts.models import User
from hierarchy.console.existence import exist
from hierarchy.models import Organization
from tests.factories import OrganizationFactory


@pytest.fixture
def questions(db):
    OrganizationFactory(slug="acme")
    named = Organization.objects.filter
    return [
        named(slug="acme"),
        named(slug="other"),
        named(slug__in=[]),  # nothing can be so
        named(slug__in=["acme", "100%"]),
        User.objects.order_by("email"),
    ]


def test_answer_each_question(questions):
    assert exist(*questions) == [question.exists() for question in questions]
    assert exist(*questions) == [True, False, False, True, False]


def test_ask_once(questions, django_assert_num_queries):
    with django_assert_num_queries(1):
        exist(*questions)


def test_ask_nothing_that_can_only_be_denied(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert exist() == []
        assert exist(Organization.objects.none(), Organization.objects.filter(pk__in=[])) == [
            False,
            False,
        ]
