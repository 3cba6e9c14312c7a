"""Lists of workspaces for a guest, an owner, staff, and people with more or less of everything."""

from django.test import RequestFactory

from hierarchy import visible
from hierarchy.console import paging
from hierarchy.models import Workspace
from hierarchy.roles import Permission
from tests.lab.benchmarks.measuring import compare, note_times, report
from tests.lab.benchmarks.peers import casbin_policy, join
from tests.lab.benchmarks.peers.guardian_project import views as guardian_views
from tests.lab.benchmarks.people import fresh, person
from tests.lab.benchmarks.world import GUEST, HEAVY, OWNER, SEVERAL, STAFF

PEOPLE = {"guest": GUEST, "owner": OWNER, "staff": STAFF, "several": SEVERAL, "heavy": HEAVY}
TARGETS = {"guest": 1.3, "owner": 1.3, "staff": 1.3, "several": 1.6}
# Of whom there are enough rows for a hundredth page; in the small platform it is the last one.
DEEP = ("owner", "staff")


def measure() -> None:
    first = {name: _page(name, 1) for name in PEOPLE}
    deep = {f"{name}.page_100": _page(name, 100) for name in DEEP}
    peers = {"guest.guardian": _guardian, "guest.casbin": _casbin, "guest.join": _join}
    times = compare(first | deep | peers)
    for name, target in TARGETS.items():
        report(f"list.workspaces.{name}.growth", times.growth(name), target)
    for name in DEEP:
        growth = times.growth(f"{name}.page_100")
        report(f"list.workspaces.{name}.page_100.growth", growth, TARGETS[name])
    report("list.workspaces.heavy.vs_guest", times.ratio("heavy", "guest"), 12)
    report("list.workspaces.vs_guardian", times.ratio("guest.guardian", "guest"), 5, at_least=True)
    note_times("list.workspaces", times)


def _page(name: str, number: int):
    """Return the question for a page of somebody's workspaces, by its key as the console does."""

    def seen(user):
        return visible.workspaces_for(user, as_staff=name == "staff")

    def question():
        user = person(PEOPLE[name])
        request = RequestFactory().get("/", {"after": key_of(seen(user), number)})
        return lambda: paging.page(request, seen(fresh(user)))

    return question


def key_of(rows, number: int, by=("name", "id")) -> list:
    """Return the key after which page `number` begins, or the last full page if that is earlier."""
    number = min(number, rows.count() // paging.PAGE_SIZE)
    if number <= 1:
        return []
    before = (number - 1) * paging.PAGE_SIZE - 1
    return list(rows.order_by(*by).values_list(*(name.removeprefix("-") for name in by))[before])


def _guardian():
    user = person(GUEST)
    return lambda: list(guardian_views.workspaces_for(user)[: paging.PAGE_SIZE + 1])


def _casbin():
    """It has no lists: every workspace of the person's organizations is asked about by itself."""
    user = person(GUEST)
    ids = list(user.memberships.values_list("organization_id", flat=True))

    def ask():
        enforcer = casbin_policy.load(user)
        rows = Workspace.objects.with_parents().filter(organization_id__in=ids)
        may = Permission.VIEW_WORKSPACE
        return [row for row in rows if casbin_policy.may(enforcer, user, may, row)]

    return ask


def _join():
    user = person(GUEST)
    return lambda: join.first_workspaces(user)
