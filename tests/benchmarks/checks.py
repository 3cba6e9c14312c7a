"""May this person see this application, which they hold from the workspace above it?"""

from django.db import connection

from hierarchy.roles import Permission
from tests.benchmarks.databases import FULL, count_queries, use
from tests.benchmarks.measuring import compare, note, note_times, report
from tests.benchmarks.peers import casbin_policy, join
from tests.benchmarks.peers.guardian_project import models, views
from tests.benchmarks.people import application_of_guest, fresh, person
from tests.benchmarks.world import GUEST

VIEW = Permission.VIEW_APPLICATION


def measure() -> None:
    times = compare(
        {
            "canopy": _ours,
            "canopy_again": _again,
            "guardian": _guardian,
            "casbin": _casbin,
            "join": _join,
        }
    )
    use(FULL)
    report("access.check.queries", count_queries(_ours()), 1)
    report("access.check.again", count_queries(_again()), 0)
    report("access.check.vs_join", times.ratio("canopy", "join"), 1.3)
    report("access.check.vs_guardian", times.ratio("guardian", "canopy"), 5, at_least=True)
    report("access.check.vs_casbin", times.ratio("casbin", "canopy"), 1, at_least=True)
    report("access.check.growth", times.growth("canopy"), 1.3)
    note("access.check.guardian.queries", count_queries(_guardian()), "queries")
    note_times("access.check", times)
    _storage()


def _ours():
    user, application = person(GUEST), application_of_guest()
    return lambda: _sure(fresh(user).has_perm(VIEW.full_name, application))


def _again():
    user, application = person(GUEST), application_of_guest()
    user.has_perm(VIEW.full_name, application)
    return lambda: _sure(user.has_perm(VIEW.full_name, application))


def _guardian():
    user = person(GUEST)
    loaded = models.Application.objects.select_related("workspace__organization")
    application = loaded.get(pk=application_of_guest().pk)
    return lambda: _sure(views.climb(user, application))


def _casbin():
    user, application = person(GUEST), application_of_guest()
    return lambda: _sure(casbin_policy.may(casbin_policy.load(user), user, VIEW, application))


def _join():
    user, application = person(GUEST), application_of_guest()
    return lambda: _sure(join.may_see(user, application))


def _sure(answer: bool) -> None:
    """Everybody must come to the same answer before it counts how quickly."""
    assert answer


def _storage() -> None:
    sizes = {}
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT relname, pg_total_relation_size(relid) / 1000000.0 FROM pg_stat_user_tables
            WHERE relname LIKE 'hierarchy_%grant' OR relname LIKE '%membership'
               OR relname = 'guardian_userobjectpermission'""")
        sizes = {name: float(megabytes) for name, megabytes in cursor.fetchall()}
    grants = sum(size for name, size in sizes.items() if name.endswith("grant"))
    report("access.storage", grants / sizes["hierarchy_membership"], 2)
    note("access.storage.grants", grants, "MB")
    note("access.storage.memberships", sizes["hierarchy_membership"], "MB")
    note("access.storage.guardian", sizes["guardian_userobjectpermission"], "MB")
