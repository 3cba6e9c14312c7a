"""The members page of the organization that has 5,000 of them, and of a workspace within."""

from django.test import RequestFactory
from django.urls import reverse

from hierarchy.console import paging
from hierarchy.console.navigation import node_url
from hierarchy.models import Membership
from tests.lab.benchmarks.lists import key_of
from tests.lab.benchmarks.measuring import compare, note_times, report
from tests.lab.benchmarks.peers.guardian_project import models as guardian_models
from tests.lab.benchmarks.peers.guardian_project import views as guardian_views
from tests.lab.benchmarks.people import big_organization, signed_in, workspace_of_big_organization
from tests.lab.benchmarks.world import OWNER

NEWEST = ("-created_at", "-id")


def measure() -> None:
    pages = {
        "organization": _page(big_organization, 1),
        "organization.page_50": _page(big_organization, 50),
        "workspace": _page(workspace_of_big_organization, 1),
    }
    rows = {"rows": _rows(1), "rows.page_50": _rows(50)}
    peer = {"workspace.guardian": _guardian}
    times = compare(pages | rows | {"by_name": _by_name} | peer)
    for name in pages | rows:
        report(f"list.members.{name}.growth", times.growth(name), 1.3)
    report("list.members.by_name.growth", times.growth("by_name"), 40)
    note_times("list.members", times)


def _page(find, number: int):
    def question():
        node = find()
        client = signed_in(OWNER)
        query = {"after": key_of(Membership.objects.at(node), number, NEWEST)}
        url = reverse("console:membership-index", kwargs=node.slugs, query=query)
        return lambda: client.get(url).content

    return question


def _rows(number: int):
    """Return the question for the rows alone, without what the page around them costs."""

    def question():
        members = Membership.objects.at(big_organization()).select_related("user")
        request = RequestFactory().get("/", {"after": key_of(members, number, NEWEST)})
        return lambda: paging.page(request, members, by=NEWEST)

    return question


def _by_name():
    """No page sorts by name, since it would read the whole organization; a search by name does."""
    client = signed_in(OWNER)
    url = node_url(big_organization(), "membership-index")
    return lambda: client.get(url, {"q": "p123"}).content


def _guardian():
    workspace = guardian_models.Workspace.objects.get(pk=1)
    return lambda: list(guardian_views.people_of(workspace))
