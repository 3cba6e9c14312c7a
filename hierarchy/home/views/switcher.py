"""Going from one node to another: pinned, recent, and everything else by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hierarchy import access, visible
from hierarchy.console.lookup import named
from hierarchy.console.views.pages import Request, render
from hierarchy.models import Pin
from hierarchy.roles import VIEW, Level

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode

MOST_PINNED = 20
MOST_OF_A_KIND = 6


@dataclass(frozen=True)
class Section:
    title: str
    nodes: list[AnyNode]


@require_safe
def switcher(request: Request) -> HttpResponse:
    """List where one can go; with `q`, what is called so."""
    query = request.GET.get("q", "").strip()
    sections = [] if query else [Section(_("Pinned"), pinned(request.user))]
    if not query:
        sections.append(Section(_("Recent"), recent(request)))
    titles = (_("Organizations"), _("Workspaces"), _("Applications"))
    for title, find in zip(titles, visible.VISIBLE.values(), strict=True):
        rows = find(request.user).filter(named(query)).order_by("name", "id")
        sections.append(Section(title, list(rows[:MOST_OF_A_KIND])))
    return render(
        request,
        "console/switcher/index.html",
        fragment="console/switcher/_list.html",
        q=query,
        places=[section for section in sections if section.nodes],
    )


def pinned(user: User) -> list[AnyNode]:
    """Return the nodes that the person keeps at the top and can still see."""
    pins = Pin.objects.filter(user=user).with_nodes().order_by("id")
    nodes = [pin.node for pin in pins[:MOST_PINNED]]
    return [node for node in nodes if VIEW[node.level] in access.held(user, node)]


def recent(request: Request) -> list[AnyNode]:
    """Return the nodes that the person visited recently and can still see."""
    places = [(Level(level), pk) for level, pk in request.session.get("recent", [])]
    found: dict[tuple[Level, int], AnyNode] = {}
    for level, find in visible.VISIBLE.items():
        ids = [pk for at, pk in places if at is level]
        if ids:
            found |= {(level, node.pk): node for node in find(request.user).filter(pk__in=ids)}
    return [found[place] for place in places if place in found]
