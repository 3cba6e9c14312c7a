"""Picture of an organization's tree, on its overview: the first workspaces and applications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hierarchy import visible
from hierarchy.console import drawings
from hierarchy.console.navigation import node_url
from hierarchy.models import Application, Organization, Workspace

if TYPE_CHECKING:
    from hierarchy.access import Anybody

# A picture of more would no longer be an overview; the list beneath it has them all.
MOST_WORKSPACES = 8
MOST_APPLICATIONS = 6


def first_of(workspaces: QuerySet[Workspace]) -> list[Workspace]:
    """Return as many as are drawn, and one more to show that there is more."""
    return list(workspaces.order_by("name", "id")[: MOST_WORKSPACES + 1])


def draw(user: Anybody, organization: Organization, first: Sequence[Workspace]) -> SafeString:
    """Return the picture of the first workspaces; of few, with their applications."""
    drawn = first[:MOST_WORKSPACES]
    is_all = len(first) == len(drawn)
    beneath = _first_applications(user, drawn) if is_all else {}
    children = [
        drawings.Node(
            workspace.name, node_url(workspace), "workspace", _boxes(beneath.get(workspace.pk, []))
        )
        for workspace in drawn
    ]
    if not is_all:
        children.append(drawings.Node(_("and more, listed below"), "", "more"))
    root = drawings.Node(organization.name, node_url(organization), "organization", children)
    return drawings.tree(root)


def _first_applications(
    user: Anybody, workspaces: Sequence[Workspace]
) -> dict[int, list[Application]]:
    """Return the first applications of each workspace, and one more to show that there is more."""
    place = Window(RowNumber(), partition_by=F("workspace_id"), order_by=("name", "id"))
    seen = visible.applications_for(user).filter(workspace__in=workspaces)
    first = seen.annotate(place=place).filter(place__lte=MOST_APPLICATIONS + 1)
    found: dict[int, list[Application]] = {}
    for application in first.order_by("name", "id"):
        found.setdefault(application.workspace_id, []).append(application)
    return found


def _boxes(applications: Sequence[Application]) -> list[drawings.Node]:
    boxes = [
        drawings.Node(
            application.name,
            node_url(application),
            application.environment,
            note=str(application.get_environment_display()),
        )
        for application in applications[:MOST_APPLICATIONS]
    ]
    if len(applications) > MOST_APPLICATIONS:
        boxes.append(drawings.Node(_("and more"), "", "more"))
    return boxes
