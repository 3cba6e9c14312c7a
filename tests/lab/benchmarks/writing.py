"""What it takes to give a role, to take it away, and to invite as many as a day allows."""

from datetime import timedelta

from django.utils import timezone

from hierarchy.joining.actions.invitation_limits import MOST_MAILS, YOUNG
from hierarchy.models import Membership, Organization
from hierarchy.models.invitation import Offer
from hierarchy.roles import Role
from tests.lab.benchmarks.databases import FULL, count_queries, undone, use
from tests.lab.benchmarks.measuring import note, report
from tests.lab.benchmarks.people import big_organization, fresh, person
from tests.lab.benchmarks.world import BIG_ORGANIZATION, OWNER
from tests.support.acting import invitation_batches, memberships


def measure() -> None:
    use(FULL)
    with undone():
        report("access.grant.queries", _queries_of_a_role(), 12)
    with undone():
        queries = _queries_of_inviting(MOST_MAILS)
    report("bulk.invite", queries / MOST_MAILS, 3)
    note("bulk.invite.queries", queries, f"queries ({MOST_MAILS} invitations)")


def _queries_of_a_role() -> int:
    """Return the more of giving and of taking one role, of people who have no other there."""
    by = fresh(person(OWNER))
    node = big_organization()
    others = Membership.objects.within(node).exclude(workspace=None).values("user")
    rows = Membership.objects.at(node).with_nodes().filter(role=Role.VIEWER)
    first, last = rows.exclude(user__in=others).order_by("id")[:2]
    changed = count_queries(lambda: memberships.change_role(first, Role.MANAGER, by=by))
    removed = count_queries(lambda: memberships.remove(last, by=by))
    return max(changed, removed)


def _queries_of_inviting(number: int) -> int:
    """Return the queries of one batch, of an organization that is old enough for so many."""
    since = timezone.now() - YOUNG - timedelta(days=1)
    Organization.objects.filter(pk=BIG_ORGANIZATION).update(created_at=since)
    offers = [Offer(f"invited-{n}@example.com", Role.VIEWER) for n in range(number)]
    by = person(OWNER)
    node = big_organization()
    return count_queries(lambda: invitation_batches.send(node, offers, by=by))
