"""Whole pages of the console about the big organization, through every middleware."""

import json
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from hierarchy.console import lookup
from hierarchy.console.navigation import node_url
from hierarchy.models import AccessReview, Membership
from hierarchy.roles import Role
from tests.lab.benchmarks.databases import FULL, SMALL, use
from tests.lab.benchmarks.measuring import compare, note, note_times, report
from tests.lab.benchmarks.people import (
    application_of_big_organization,
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
    "application": lambda: node_url(application_of_big_organization()),
    "app_settings": lambda: node_url(application_of_big_organization(), "edit"),
    "app_members": lambda: node_url(application_of_big_organization(), "membership-index"),
    "app_invite": lambda: node_url(application_of_big_organization(), "invitation-send"),
    "app_delete": lambda: node_url(application_of_big_organization(), "delete"),
    "roles": lambda: node_url(big_organization(), "role-index"),
    "activity": lambda: node_url(big_organization(), "audit-event-index"),
    "who_may": lambda: (
        f"{node_url(workspace_of_big_organization(), 'access')}?permission=view_workspace"
    ),
    "invite": lambda: node_url(big_organization(), "invitation-send"),
    "review": lambda: reverse("console:access-review-detail", kwargs=_review()),
}


TARGET = 1.3
TARGETS = {"application": 1.1, "app_settings": 1.1}


def measure() -> None:
    questions = {name: _page(url_of) for name, url_of in PAGES.items()}
    questions["selection"] = _selection
    times = compare(questions)
    for name in questions:
        report(f"page.{name}.growth", times.growth(name), TARGETS.get(name, TARGET))
    note_times("page", times)
    small, full = (_buffers(database) for database in (SMALL, FULL))
    for name, buffers in full.items():
        report(f"address.{name}.buffers", buffers / small[name], 2)
        note(f"address.{name}", buffers, f"buffers to find it ({small[name]} when small)")


def _buffers(database: str) -> dict[str, int]:
    """Return how many pages of the database are read to find a node of each level by its address.

    They are counted, so they tell of growth what no noise hides.
    """
    use(database)
    node = application_of_big_organization()
    return {part.level.value: _read(lookup._at(part.slugs).with_parents()) for part in node.path}


def _read(rows: QuerySet) -> int:
    plan = json.loads(rows.explain(format="json", analyze=True, buffers=True))[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


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
