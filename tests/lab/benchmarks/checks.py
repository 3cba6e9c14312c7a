"""May this person see this application, which they hold from the workspace above it?"""

from django.db import connection

from hierarchy.roles import Permission
from tests.lab.benchmarks.databases import FULL, count_queries, use
from tests.lab.benchmarks.measuring import compare, note, note_times, report
from tests.lab.benchmarks.peers import casbin_policy, join
from tests.lab.benchmarks.peers.guardian_project import models, views
from tests.lab.benchmarks.people import application_of_guest, fresh, person
from tests.lab.benchmarks.world import GUEST, OWNER

VIEW = Permission.VIEW_APPLICATION


def measure() -> None:
    use(FULL)
    _agree()
    times = compare({name: _question(name) for name in WAYS} | {"canopy_again": _again})
    use(FULL)
    report("access.check.queries", count_queries(_question("canopy")()), 1)
    report("access.check.again", count_queries(_again()), 0)
    report("access.check.vs_join", times.ratio("canopy", "join"), 1.3)
    report("access.check.vs_guardian", times.ratio("guardian", "canopy"), 5, at_least=True)
    report("access.check.vs_casbin", times.ratio("casbin", "canopy"), 1, at_least=True)
    report("access.check.growth", times.growth("canopy"), 1.3)
    note("access.check.guardian.queries", count_queries(_question("guardian")()), "queries")
    note_times("access.check", times)
    _storage()


def _canopy(user, application) -> bool:
    return fresh(user).has_perm(VIEW.full_name, application)


def _casbin(user, application) -> bool:
    return casbin_policy.may(casbin_policy.load(user), user, VIEW, application)


WAYS = {"canopy": _canopy, "guardian": views.climb, "casbin": _casbin, "join": join.may_see}


def _agree() -> None:
    """See that everybody lets the guest in, and nobody the owner of another organization."""
    for name in WAYS:
        assert _prepared(name, GUEST)(), name
        assert not _prepared(name, OWNER)(), name


def _question(name: str):
    return lambda: _prepared(name, GUEST)


def _prepared(name: str, pk: int):
    user = person(pk)
    application = application_of_guest()
    if name == "guardian":
        loaded = models.Application.objects.select_related("workspace__organization")
        application = loaded.get(pk=application.pk)
    return lambda: WAYS[name](user, application)


def _again():
    user = person(GUEST)
    application = application_of_guest()
    user.has_perm(VIEW.full_name, application)
    return lambda: user.has_perm(VIEW.full_name, application)


def _storage() -> None:
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
