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
    from hierarchy.models.path import PathQuerySet

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
    pins = pins_of(user).with_nodes().order_by("id")
    nodes = [pin.node for pin in pins[:MOST_PINNED]]
    return [node for node in nodes if VIEW[node.level] in access.held(user, node)]


def pins_of(user: User) -> PathQuerySet[Pin]:
    """Return what the person has pinned, be it still there for them or not."""
    return Pin.objects.filter(user=user)


def recent(request: Request) -> list[AnyNode]:
    """Return the nodes that the person visited recently and can still see.

    From the applications up: whatever stands above one of them is loaded along with it.
    """
    user = request.user
    places = [(Level(level), pk) for level, pk in request.session.get("recent", [])]
    found: dict[tuple[Level, int], AnyNode] = {}
    for level, find in reversed(visible.VISIBLE.items()):
        ids = [pk for at, pk in places if at is level and (at, pk) not in found]
        for node in find(user).filter(pk__in=ids) if ids else []:
            found |= {
                (part.level, part.pk): part
                for part in node.path
                if VIEW[part.level] in access.held(user, part)
            }
    return [found[place] for place in places if place in found]
