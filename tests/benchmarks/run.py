"""`make bench`: what access costs, and how it grows. Prints BENCH <name> <value> <target> ok|short.

Two platforms of different size stand side by side in a throw-away PostgreSQL; every question is
asked of both in turn, and only ratios within one run are judged. SIZE=10 makes a quick run.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
CALLS = 60
PAGE = 51
failures = 0


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from config import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="canopy-bench-") as folder:
        Path(folder).chmod(0o711)
        data = Path(folder) / "pg"
        embedded_postgres.start(data, throw_away=True)
        os.environ |= {
            "DATABASE_URL": embedded_postgres.url(data),
            "DEBUG": "true",
            "SECRET_KEY": "x" * 50,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        try:
            measure(int(os.environ.get("SIZE", "100")))
        finally:
            embedded_postgres.stop(data, delete=True)


def measure(size: int) -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.DEBUG = False
    for database, factor in (("small", 1), ("full", size)):
        create(database, factor)
    checks()
    lists()
    storage()
    writing()


def create(database: str, factor: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from tests.benchmarks import world

    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{database}"')
    use(database)
    print(f"Filling {database} (size {factor}) …", file=sys.stderr)
    call_command("migrate", verbosity=0)
    world.build(factor)


def use(database: str) -> None:
    """Ask the other platform from now on."""
    from django.db import connection

    from hierarchy import access

    connection.close()
    connection.settings_dict["NAME"] = database
    access.forget_permission_ids()


def median_ms(ask: Callable[[], object]) -> float:
    """Return the median time of `ask` in milliseconds."""
    times = []
    gc.disable()
    for _call in range(CALLS):
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    gc.enable()
    return statistics.median(times) * 1000


def compare(*questions: Callable[[], Callable[[], object]]) -> dict[str, list[float]]:
    """Return, for each database, the median time of each question, asked in turns.

    A question is prepared once for each visit, so that what it needs is loaded beforehand.
    """
    times: dict[str, list[list[float]]] = {
        name: [[] for _question in questions] for name in ("small", "full")
    }
    for _round in range(ROUNDS):
        for database, samples in times.items():
            use(database)
            for sample, question in zip(samples, questions, strict=True):
                ask = question()
                ask()
                sample.append(median_ms(ask))
    return {
        name: [statistics.median(sample) for sample in samples] for name, samples in times.items()
    }


def report(name: str, value: float, target: float, *, at_least: bool = False) -> None:
    good = value >= target if at_least else value <= target
    sign = "≥" if at_least else "≤"
    print(f"BENCH {name} {value:.2f} {sign}{target:g} {'ok' if good else 'short'}", flush=True)


def person(pk: int):
    from accounts.models import User

    return User.objects.get(pk=pk)


def checks() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from hierarchy import access
    from hierarchy.models import Application, Membership
    from hierarchy.roles import Permission
    from tests.benchmarks import world

    def ours():
        user, application = person(world.GUEST), application_of_the_guest()

        def ask():
            access.forget(user)
            assert user.has_perm(Permission.VIEW_APPLICATION.full_name, application)

        return ask

    def application_of_the_guest():
        workspace_id = Membership.objects.filter(user=world.GUEST).first().workspace_id
        return Application.objects.with_parents().filter(workspace_id=workspace_id).first()

    def join():
        application = application_of_the_guest()
        sql = """
            SELECT 1 FROM hierarchy_membership WHERE user_id = %(user)s AND status = 'active' AND (
              (application_id = %(a)s) OR (workspace_id = %(w)s AND application_id IS NULL) OR
              (organization_id = %(o)s AND workspace_id IS NULL)) LIMIT 1"""
        path = {"a": application.pk, "w": application.workspace_id}
        path |= {"o": application.organization_id, "user": world.GUEST}

        def ask():
            with connection.cursor() as cursor:
                cursor.execute(sql, path)
                assert cursor.fetchone()

        return ask

    def climb():
        from guardian.core import ObjectPermissionChecker

        user, application = person(world.GUEST), application_of_the_guest()

        def ask():
            return any(
                ObjectPermissionChecker(user).has_perm("view_application", node)
                for node in reversed(application.path)
            )

        return ask

    times = compare(ours, join, climb)
    small, full = times["small"], times["full"]
    ask = ours()
    with CaptureQueriesContext(connection) as captured:
        ask()
    report("access.check.queries", len(captured), 1)
    user, application = person(world.GUEST), application_of_the_guest()
    user.has_perm(Permission.VIEW_APPLICATION.full_name, application)
    with CaptureQueriesContext(connection) as captured:
        user.has_perm(Permission.VIEW_APPLICATION.full_name, application)
    report("access.check.again", len(captured), 0)
    report("access.check.vs_join", full[0] / full[1], 1.3)
    report("access.check.vs_guardian", full[2] / full[0], 5, at_least=True)
    report("access.check.growth", full[0] / small[0], 1.3)


def lists() -> None:
    from hierarchy import access
    from tests.benchmarks import world

    def first_page(pk: int, *, as_staff: bool = False):
        def question():
            user = person(pk)

            def ask():
                access.forget(user)
                visible = access.workspaces_for(user, as_staff=as_staff)
                return list(visible.order_by("name", "id")[:PAGE])

            return ask

        return question

    people = {
        "guest": (world.GUEST, 1.3),
        "owner": (world.OWNER, 1.3),
        "staff": (world.STAFF, 1.3),
        "several": (world.SEVERAL, 1.6),
    }
    questions = [first_page(pk, as_staff=name == "staff") for name, (pk, _t) in people.items()]
    times = compare(*questions, first_page(world.HEAVY))
    for index, (name, (_pk, target)) in enumerate(people.items()):
        growth = times["full"][index] / times["small"][index]
        report(f"list.workspaces.{name}.growth", growth, target)
    report("list.workspaces.heavy.vs_guest", times["full"][-1] / times["full"][0], 12)


def storage() -> None:
    from django.db import connection

    use("full")
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT sum(pg_total_relation_size(relid)) FILTER (WHERE relname LIKE '%grant'),
                   sum(pg_total_relation_size(relid)) FILTER (WHERE relname LIKE '%membership')
            FROM pg_stat_user_tables""")
        grants, memberships = cursor.fetchone()
    report("access.storage", float(grants) / float(memberships), 2)


def writing() -> None:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from hierarchy import access
    from hierarchy.actions import memberships
    from hierarchy.models import Membership
    from hierarchy.roles import Role
    from tests.benchmarks import world

    use("full")
    access.grant_map(person(world.OWNER))  # reads the ids of permissions, once per process
    member = Membership.objects.filter(organization=1, workspace=None, role=Role.VIEWER).first()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            memberships.change_role(member, Role.MANAGER, by=person(world.OWNER))
        transaction.set_rollback(True)
    savepoints = sum("SAVEPOINT" in query["sql"] for query in captured.captured_queries)
    report("access.grant.queries", len(captured) - savepoints, 12)


if __name__ == "__main__":
    main()
