"""The staff admin, whose longest table has 1,000,000 rows in one platform, 10,000 in the other."""

import time

from django.urls import reverse

from hierarchy.models import AuditEvent, Membership
from tests.lab.benchmarks.databases import FULL, use
from tests.lab.benchmarks.measuring import (
    compare,
    median_ratio,
    note,
    note_times,
    report,
    take_turns,
)
from tests.lab.benchmarks.people import (
    application_of_guest,
    signed_in_to_the_admin,
    workspace_of_big_organization,
)


def _change(model: str, pk: int) -> str:
    return reverse(f"admin:hierarchy_{model}_change", args=[pk])


def _list(model: str, **query: str) -> str:
    return reverse(f"admin:hierarchy_{model}_changelist", query=query)


def _autocomplete(term: str) -> str:
    field = {"app_label": "hierarchy", "model_name": "membership", "field_name": "workspace"}
    return reverse("admin:autocomplete", query=field | {"term": term})


PAGES = {
    "changelist": lambda: _list("auditevent"),
    "filtered": lambda: _list("auditevent", organization_id="1"),
    "search": lambda: _list("workspace", q="workspace"),
    "detail": lambda: _change("auditevent", AuditEvent.objects.order_by("id")[5000].pk),
    "change_form": lambda: _change("application", application_of_guest().pk),
    "membership_form": lambda: _change("membership", Membership.objects.order_by("id")[2000].pk),
    "autocomplete": lambda: _autocomplete("workspace"),
    "autocomplete.few": lambda: _autocomplete(workspace_of_big_organization().name),
}
# Lists that Django's own admin shows, too, with the same rows and columns (peers/plain_admin.py).
LISTS = ("organization", "membership")
BYTES_BEFORE = 281_000  # of the list of organizations, when Unfold drew its rows
RATIO_BEFORE = 0.33  # how much of our processor time Django's own admin took then


def measure() -> None:
    times = compare({name: _page(url_of) for name, url_of in PAGES.items()})
    for name in PAGES:
        report(f"admin.{name}.growth", times.growth(name), 1.3)
    note_times("admin", times)
    _measure_beside_django()


def _measure_beside_django() -> None:
    """Compare the processor time of lists of 50 rows, whoever else uses the machine."""
    use(FULL)
    sites = ("admin", "plain")
    urls = {(s, m): reverse(f"{s}:hierarchy_{m}_changelist") for s in sites for m in LISTS}
    asks = {place: _page(lambda url=url: url)() for place, url in urls.items()}
    samples = take_turns(asks, time.process_time)
    for model in LISTS:
        name = "admin.changelist" if model == LISTS[0] else f"admin.changelist.{model}"
        ours, plain = samples["admin", model], samples["plain", model]
        report(f"{name}.vs_django", median_ratio(plain, ours), 0.6, at_least=True)
        kilobytes = f"{len(asks['admin', model]()) / 1000:.0f} KB"
        note(
            name, min(ours), f"ms of the processor ({min(plain):.3g} of Django's own), {kilobytes}"
        )
    report("admin.changelist.bytes", len(asks["admin", LISTS[0]]()) / BYTES_BEFORE, 0.25)
    note("admin.changelist.vs_django before", RATIO_BEFORE, "(organizations)")


def _page(url_of):
    def question():
        client = signed_in_to_the_admin()
        url = url_of()
        assert client.get(url).status_code == 200
        return lambda: client.get(url).content

    return question
