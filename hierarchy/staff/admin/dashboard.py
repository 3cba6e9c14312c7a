"""The first page of the admin: what there is, how it grows, and what needs a hand."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db import connection
from django.db.models import (
    Count,
    DateTimeField,
    Func,
    IntegerField,
    Model,
    OuterRef,
    Subquery,
    Value,
)
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.jobs import Status

from accounts.models import User
from config.periodic_task import outcome_of
from hierarchy.access import Anybody
from hierarchy.console import drawings
from hierarchy.models import (
    Application,
    AuditEvent,
    MailState,
    Organization,
    OutgoingMail,
    Workspace,
)
from hierarchy.roles import Permission

COUNTED: tuple[type[Model], ...] = (Organization, Workspace, Application, User)
EXACT_UP_TO = 10_000  # beyond that the planner's estimate says enough
DAYS = 30
LATEST = 8
KEPT_FOR = 5 * 60  # seconds: a dashboard need not be newer


def context(request: HttpRequest, page: dict[str, object]) -> dict[str, object]:
    """Return Unfold's context of the page with what the person may see."""
    user: Anybody = request.user
    page["newest"] = _newest(request)
    if user.has_perm("hierarchy.view_outgoingmail"):
        failed = OutgoingMail.objects.filter(state=MailState.FAILED).order_by("-id")
        page["failed_mails"] = failed[:LATEST]
    if user.has_perm("procrastinate.view_procrastinatejob"):
        page["failed_jobs"] = _failed_jobs()
    if user.has_perm(Permission.VIEW_ORGANIZATION.full_name):
        page |= _figures()
    return page


def _newest(request: HttpRequest) -> object:
    organizations = admin.site.get_model_admin(Organization).get_queryset(request)
    return organizations.order_by("-created_at", "-id")[:LATEST]


def _failed_jobs() -> list[tuple[ProcrastinateJob, str]]:
    """Return the latest jobs that failed, each with what it said at its end."""
    failures = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), type="failed")
    failed = ProcrastinateJob.objects.filter(status=Status.FAILED.value).order_by("-id")
    failed = failed.annotate(failed_at=Subquery(failures.order_by("-at").values("at")[:1]))
    return [(job, outcome_of(job.pk)) for job in failed[:LATEST]]


def _figures() -> dict[str, object]:
    """Return the counts and charts of the whole installation."""
    # Its words are of a language, and its days of a zone.
    key = f"admin-dashboard-{get_language()}-{timezone.get_current_timezone_name()}"
    figures: Any = cache.get_or_set(key, _count_everything, KEPT_FOR)
    return {
        "counts": [(model._meta.verbose_name_plural, figures[model.__name__]) for model in COUNTED],
        "growth": drawings.chart(_labelled(figures["growth"]), _("New organizations")),
        "activity": drawings.chart(_labelled(figures["activity"]), _("Recorded changes")),
    }


def _count_everything() -> dict[str, object]:
    figures: dict[str, object] = {model.__name__: _about(model) for model in COUNTED}
    return figures | {"growth": _by_day(Organization), "activity": _by_day(AuditEvent)}


def _about(model: type[Model]) -> str:
    """Return how many rows there are: exactly, or as the planner estimates where they are many."""
    number = model._default_manager.order_by()[: EXACT_UP_TO + 1].count()
    if number <= EXACT_UP_TO:
        return formats.number_format(number, force_grouping=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT GREATEST(reltuples, %s)::bigint FROM pg_class WHERE oid = %s::regclass",
            [EXACT_UP_TO, model._meta.db_table],
        )
        return _("about %(number)s") % {
            "number": formats.number_format(cursor.fetchone()[0], force_grouping=True)
        }


def _by_day(model: type[Model]) -> list[tuple[object, int]]:
    """Return (day, how many rows were created) for each of the last days, today included."""
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    # Where days begin is computed here: the database has zone data of its own, of another age.
    begins = [timezone.make_aware(datetime.combine(day, time.min)) for day in days]
    number = Func(
        "created_at",
        Value(begins, ArrayField(DateTimeField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    rows = model._default_manager.filter(created_at__gte=begins[0]).order_by()
    counted = rows.values(place=number).annotate(rows=Count("pk"))
    found = dict(counted.values_list("place", "rows"))
    return [(day, found.get(number, 0)) for number, day in enumerate(days, start=1)]


def _labelled(points: list[tuple[Any, int]]) -> list[tuple[str, int]]:
    return [(formats.date_format(day, "MONTH_DAY_FORMAT"), number) for day, number in points]
