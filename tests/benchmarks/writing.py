"""What it takes to give a role, and to take it away, with its audit event."""

from hierarchy.actions import memberships
from hierarchy.models import Membership
from hierarchy.roles import Role
from tests.benchmarks.databases import FULL, count_queries, undone, use
from tests.benchmarks.measuring import report
from tests.benchmarks.people import big_organization, fresh, person
from tests.benchmarks.world import OWNER


def measure() -> None:
    use(FULL)
    by = fresh(person(OWNER))
    rows = Membership.objects.at(big_organization()).with_nodes().filter(role=Role.VIEWER)
    first, last = rows.first(), rows.last()
    with undone():
        changed = count_queries(lambda: memberships.change_role(first, Role.MANAGER, by=by))
        removed = count_queries(lambda: memberships.remove(last, by=by))
    report("access.grant.queries", max(changed, removed), 12)
