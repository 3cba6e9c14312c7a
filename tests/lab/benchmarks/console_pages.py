"""Whole pages of the console about the big organization, through every middleware."""

from datetime import timedelta

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.models import AccessReview, Membership
from hierarchy.roles import Role
from tests.lab.benchmarks.measuring import compare, note_times, report
from tests.lab.benchmarks.people import (
    big_organization,
    person,
    signed_in,
    workspace_of_big_organization,
)
from tests.lab.benchmarks.world import OWNER
from tests.support.acting import access_reviews

SELECTED = 40

PAGES = {
    "home": lambda: f"{reverse('console:home')}?all",
    "switcher": lambda: reverse("console:switcher"),
    "organization": lambda: node_url(big_organization()),
    "workspace": lambda: node_url(workspace_of_big_organization()),
    "roles": lambda: node_url(big_organization(), "role-index"),
    "activity": lambda: node_url(big_organization(), "audit-event-index"),
    "who_may": lambda: (
        f"{node_url(workspace_of_big_organization(), 'access')}?permission=view_workspace"
    ),
    "invite": lambda: node_url(big_organization(), "invitation-send"),
    "review": lambda: reverse("console:access-review-detail", kwargs=_review()),
}


def measure() -> None:
    questions = {name: _page(url_of) for name, url_of in PAGES.items()}
    questions["selection"] = _selection
    times = compare(questions)
    for name in questions:
        report(f"page.{name}.growth", times.growth(name), 1.3)
    note_times("page", times)


def _page(url_of):
    def question():
        client = signed_in(OWNER)
        url = url_of()
        assert client.get(url).status_code == 200
        return lambda: client.get(url).content

    return question


def _review() -> dict[str, object]:
    """Return what the address names of a review of all members, which is started once."""
    node = big_organization()
    review = AccessReview.objects.at(node).first()
    if review is None:
        due_at = timezone.now() + timedelta(days=14)
        review = access_reviews.start(node, due_at=due_at, by=person(OWNER))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as PostgreSQL does by itself within a minute
    return {**node.slugs, "pk": review.pk}


def _selection():
    """What would become of the newest members, if they were suspended; it is tried, and undone."""
    node = big_organization()
    client = signed_in(OWNER)
    rows = Membership.objects.at(node).exclude(role=Role.OWNER).order_by("-created_at", "-id")
    ticked = {"verb": "suspend", "member": list(rows.values_list("pk", flat=True)[:SELECTED])}
    url = node_url(node, "membership-selected")
    assert client.post(url, ticked).status_code == 200
    return lambda: client.post(url, ticked).content
