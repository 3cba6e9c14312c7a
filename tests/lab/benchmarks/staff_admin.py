"""The staff admin, whose longest table has 1,000,000 rows in one platform, 10,000 in the other."""

from django.urls import reverse

from hierarchy.models import AuditEvent, Membership
from tests.lab.benchmarks.measuring import compare, note_times, report
from tests.lab.benchmarks.people import (
    application_of_guest,
    signed_in,
    workspace_of_big_organization,
)
from tests.lab.benchmarks.world import STAFF


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


def measure() -> None:
    times = compare({name: _page(url_of) for name, url_of in PAGES.items()})
    for name in PAGES:
        report(f"admin.{name}.growth", times.growth(name), 1.3)
    note_times("admin", times)


def _page(url_of):
    def question():
        client = signed_in(STAFF)
        url = url_of()
        assert client.get(url).status_code == 200
        return lambda: client.get(url).content

    return question
