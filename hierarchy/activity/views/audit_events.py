"""Activity on a node and beneath it: to read, to search, and to download as a file."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Max, Model, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from hierarchy import audit
from hierarchy.activity import event_files
from hierarchy.activity.actions import files_taken
from hierarchy.activity.forms.audit_events import AuditEventFilterForm
from hierarchy.console import lookup, paging
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, render
from hierarchy.exports import FORMATS
from hierarchy.models import Application, AuditEvent, Workspace
from hierarchy.roles import Level, Permission

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

MOST_SEARCHED = 50_000  # events, the newest ones, in which a page looks for a person
MOST_CHILDREN = 100  # that a list to choose from offers


@require_safe
def index(request: Request, **path: str) -> HttpResponse:
    """Tell who did what, when, from where, and what it was before."""
    node = lookup.get_node(request.user, path, to=Permission.VIEW_AUDIT_LOG)
    filters = _filters(request, node)
    events, is_cut = _searched(node, filters)
    page = paging.page(request, events, by=("-id",))
    told = audit.tell(page.rows)
    people = User.objects.in_bulk({one.actor_id for one in told if one.actor_id})
    return render(
        request,
        "console/audit_events/index.html",
        fragment="console/audit_events/_events.html",
        node=node,
        section="activity",
        filters=filters,
        is_filtered=any(filters.cleaned_data.values()),
        most_searched=MOST_SEARCHED if is_cut else 0,
        page=page,
        rows=[_row(one, people) for one in told],
        exports=[
            (
                form.label,
                f"{node_url(node, 'audit-event-export', form=name)}?{request.GET.urlencode()}",
            )
            for name, form in FORMATS.items()
        ],
    )


@require_safe
def export(request: Request, form: str, **path: str) -> StreamingHttpResponse:
    """Send what the page lists under the same filters, whatever its length, as it is read."""
    node = lookup.get_node(request.user, path, to=Permission.VIEW_AUDIT_LOG)
    if form not in FORMATS:
        raise Http404
    filters = _filters(request, node)
    events = _of_person(_filtered(node, filters), filters, node)
    newest = AuditEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
    events = events.filter(id__lte=newest).order_by("-id")  # as many as the event of it says
    if request.method == "GET":
        files_taken.note(
            "activity.export",
            node,
            rows=events.count(),
            form=FORMATS[form].label,
            by=request.user,
            filters=_noted(filters),
        )
    lines = FORMATS[form].write(event_files.COLUMNS, event_files.rows(events))
    response = StreamingHttpResponse(lines, content_type=FORMATS[form].content_type)
    name = f"activity-{'-'.join(node.slugs.values())}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _noted(filters: AuditEventFilterForm) -> dict[str, str]:
    """Return the filters as the event of an export keeps them: not whom was searched for.

    What is typed there is someone's name, and an event names nobody.
    """
    used = {name: value for name, value in filters.cleaned_data.items() if value}
    return {name: "…" if name == "q" else str(value) for name, value in used.items()}


def _filters(request: Request, node: AnyNode) -> AuditEventFilterForm:
    """Return the filters of the address; what can't be read filters nothing."""
    filters = AuditEventFilterForm(request.GET, beneath=_children(node))
    filters.is_valid()
    return filters


def _children(node: AnyNode) -> QuerySet[Model] | None:
    """Return what to choose from; of too many nothing, since each has a page of its own."""
    children: QuerySet[Model]
    if node.level is Level.ORGANIZATION:
        children = Workspace.objects.alive().filter(organization=node.pk).order_by("name")
    elif node.level is Level.WORKSPACE:
        in_workspace = Application.objects.alive().filter(workspace=node.pk)
        children = in_workspace.order_by("name", "environment")
    else:
        return None
    return children if paging.number_up_to(children, MOST_CHILDREN) <= MOST_CHILDREN else None


def _filtered(node: AnyNode, filters: AuditEventFilterForm) -> QuerySet[AuditEvent]:
    wanted = filters.cleaned_data
    events = AuditEvent.objects.within(wanted.get("beneath") or node).with_people()
    if wanted.get("action"):
        events = events.filter(action=wanted["action"])
    if wanted.get("since"):
        events = events.filter(created_at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        events = events.filter(created_at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return events


def _searched(node: AnyNode, filters: AuditEventFilterForm) -> tuple[QuerySet[AuditEvent], bool]:
    """Return the events that the page lists, and whether older ones were left out of the search.

    No index finds a part of a name: without a bound, one that nobody has would read the whole log.
    """
    events = _filtered(node, filters)
    if not filters.cleaned_data.get("q"):
        return events, False
    newest = events.order_by("-id").values_list("id", flat=True)
    first_left_out = newest[MOST_SEARCHED : MOST_SEARCHED + 1].first()
    found = _of_person(events, filters, node)
    if first_left_out is None:
        return found, False
    return found.filter(id__gt=first_left_out), True


def _of_person(
    events: QuerySet[AuditEvent], filters: AuditEventFilterForm, node: AnyNode
) -> QuerySet[AuditEvent]:
    name = filters.cleaned_data.get("q")
    return events.filter(audit.done_by(name, node.organization_id)) if name else events


def _midnight(day: date) -> datetime:
    """Return the beginning of a day in the viewer's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _row(told: audit.Told, people: dict[int, User]) -> dict[str, object]:
    return {
        "told": told,
        "event": told.event,
        "actor": people.get(told.actor_id or 0),
        "sentence": told.sentence,
        "changes": told.changes_in_words,
    }
