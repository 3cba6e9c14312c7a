"""/healthz: this process answers. /readyz: what it needs to serve people is there.

Answered before anything that needs a known host, HTTPS or a session, because a load balancer asks
by address. Neither tells a version or a cause.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from config import clock
from config.web.middleware import GetResponse

# A worker reports three times before it counts as dead.
WORKER_SILENCE = timedelta(seconds=1.5 * settings.WORKER_DEAD_SECONDS)


def health(get_response: GetResponse) -> GetResponse:
    """Answer the two health addresses, pass on everything else."""
    answers = {"/healthz": _alive, "/readyz": _ready}

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = answers.get(request.path)
        if answer is None:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return answer()

    return middleware


def _alive() -> HttpResponse:
    return JsonResponse({"status": "alive"})


def _ready() -> HttpResponse:
    failed = failed_checks()
    if failed:
        return JsonResponse({"status": "unavailable", "failed": failed}, status=503)
    return JsonResponse({"status": "ready"})


def failed_checks() -> list[str]:
    """Return the names of the checks that failed; without a database the others can't be asked."""
    if not _passes(_database_answers):
        return ["database"]
    checks = {"migrations": has_all_migrations, "worker": has_live_worker}
    return [name for name, check in checks.items() if not _passes(check)]


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Error:
        return False


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def has_all_migrations() -> bool:
    """Return whether the database has every migration that this code knows."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def has_live_worker() -> bool:
    """Return whether some worker has reported recently, and not at a time that is still to come."""
    lately = timezone.now() - WORKER_SILENCE
    reported = ProcrastinateWorker.objects.filter(last_heartbeat__gt=lately)
    return reported.filter(last_heartbeat__lte=clock.latest()).exists()
