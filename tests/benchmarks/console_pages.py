"""Whole pages of the console about the big organization, through every middleware."""

from django.urls import reverse

from hierarchy.navigation import node_url
from tests.benchmarks.measuring import compare, note_times, report
from tests.benchmarks.people import big_organization, signed_in, workspace_of_big_organization
from tests.benchmarks.world import OWNER

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
}


def measure() -> None:
    times = compare({name: _page(url_of) for name, url_of in PAGES.items()})
    for name in PAGES:
        report(f"page.{name}.growth", times.growth(name), 1.3)
    note_times("page", times)


def _page(url_of):
    def question():
        client, url = signed_in(OWNER), url_of()
        assert client.get(url).status_code == 200
        return lambda: client.get(url).content

    return question
