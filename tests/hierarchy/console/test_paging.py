import pytest
from django.http import QueryDict
from django.test import RequestFactory

from hierarchy.console import paging
from hierarchy.models import Organization
from tests.factories import OrganizationFactory


def _request(query=""):
    return RequestFactory().get("/list/", QueryDict(query))


def _walk(rows, query="", **options):
    """Return the names on each page, following the addresses of the next ones."""
    pages = []
    request = RequestFactory().get(f"/list/?{query}")
    while True:
        page = paging.page(request, rows, **options)
        pages.append([row.name for row in page.rows])
        if page.is_all:
            return pages
        request = RequestFactory().get(page.next_url)


def test_page_walks_through_equal_names_without_gap_or_repetition(db):
    for name in ("Bay", "Ash", "Bay", "Bay", "Elm"):
        OrganizationFactory(name=name)

    assert _walk(Organization.objects.all(), size=2) == [["Ash", "Bay"], ["Bay", "Bay"], ["Elm"]]


def test_page_walks_downwards(db):
    for name in ("Ash", "Bay", "Cedar"):
        OrganizationFactory(name=name)

    walked = _walk(Organization.objects.all(), by=("-created_at", "-id"), size=2)

    assert walked == [["Cedar", "Bay"], ["Ash"]]


def test_page_keeps_search_and_filters_in_the_next_address(db):
    OrganizationFactory.create_batch(2)

    page = paging.page(_request("q=a%26b"), Organization.objects.all(), size=1)

    assert page.next_url.startswith("/list/?q=a%26b&after=")


def test_page_tells_two_lists_apart(db):
    first = OrganizationFactory(name="Ash")
    second = OrganizationFactory(name="Bay")
    request = RequestFactory().get(f"/list/?other=Ash&other={first.pk}")

    assert paging.page(request, Organization.objects.all()).rows == [first, second]
    assert paging.page(request, Organization.objects.all(), parameter="other").rows == [second]


@pytest.mark.parametrize("query", ["after=Ash", "after=Ash&after=x", "after=a&after=b&after=c"])
def test_page_shows_the_first_page_for_an_address_without_sense(db, query):
    only = OrganizationFactory(name="Ash")

    page = paging.page(RequestFactory().get(f"/list/?{query}"), Organization.objects.all())

    assert page.rows == [only]


def test_page_reads_rows_that_are_mappings(db):
    OrganizationFactory(slug="ash")
    OrganizationFactory(slug="bay")

    page = paging.page(_request(), Organization.objects.values("slug"), by=("slug",), size=1)

    assert (page.rows, page.next_url) == ([{"slug": "ash"}], "/list/?after=ash")


@pytest.mark.parametrize(("most", "words"), [(3, "3"), (2, "2+")])
def test_count_up_to_stops_counting(db, most, words):
    OrganizationFactory.create_batch(3)

    assert paging.count_up_to(Organization.objects.all(), most) == words
