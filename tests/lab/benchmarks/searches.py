"""Searching by the beginning of a name, as members do in the console and staff in the admin."""

from django.urls import reverse

from tests.lab.benchmarks.measuring import compare, note, note_times, report
from tests.lab.benchmarks.people import application_of_guest, signed_in
from tests.lab.benchmarks.world import GUEST, OWNER, STAFF


def measure() -> None:
    questions = {
        f"{name}.{kind}": question(term)
        for name, question in {"guest": _as(GUEST), "owner": _as(OWNER), "staff": _as_staff}.items()
        for kind, term in {"many": _many, "few": _few}.items()
    }
    times = compare(questions)
    for name in questions:
        if name.startswith("owner"):  # what is visible grows with the organization
            note(f"search.{name}.growth", times.growth(name), "times")
        else:
            report(f"search.{name}.growth", times.growth(name), 1.5)
    note_times("search", times)


def _many() -> str:
    return "application"


def _few() -> str:
    return application_of_guest().name


def _as(pk: int):
    return lambda term: lambda: _page(signed_in(pk), reverse("console:search"), term())


def _as_staff(term):
    changelist = "admin:hierarchy_application_changelist"
    return lambda: _page(signed_in(STAFF), reverse(changelist), term())


def _page(client, url: str, term: str):
    return lambda: client.get(url, {"q": term}).content
