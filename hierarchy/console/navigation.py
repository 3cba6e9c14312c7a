"""Navigation in the console: addresses of nodes, breadcrumbs, side bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from config.components import ENVIRONMENT_ICONS, PLATFORM_ICONS
from config.navigation import Item, Navigation, Section
from config.page_urls import page_url
from hierarchy import access, visible
from hierarchy.access import Anybody
from hierarchy.models import Application, Environment, Organization, Workspace
from hierarchy.roles import VIEW, ByLevel, Level

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from hierarchy.models.node import AnyNode


# How many workspaces or applications the side bar lists; the overview has them all.
MOST_NEAR = 8


def node_url(node: AnyNode, name: str = "detail", **more: object) -> str:
    """Return the address of the page `name` of a node: the same name serves all three levels."""
    return page_url(f"console:{name}", **node.slugs, **more)


def navigation(
    user: Anybody,
    node: AnyNode | None,
    section: str,
    channel: list[Application] | None = None,
) -> Navigation:
    """Return the shell of the page `section` of `node`, with only what `user` may open.

    `channel` is what `channel_of` returns, if that is known already.
    """
    sections = [_personal(section)]
    if node is not None:
        sections = [_of_node(user, node, section), _near(user, node, channel), *sections]
    return Navigation(
        breadcrumbs=_breadcrumbs(user, node),
        sections=[part for part in sections if part.items],
        switcher_url=reverse("console:switcher"),
        current_label=node.name if node else _("Go to …"),
        current_kind=str(node._meta.verbose_name) if node else _("All organizations"),
    )


def _breadcrumbs(user: Anybody, node: AnyNode | None) -> list[tuple[str, str | None]]:
    """Name the path down to the node; what the person may not open is named without a link."""
    if node is None:
        return []
    return [
        (label_of(part), node_url(part) if VIEW[part.level] in access.held(user, part) else None)
        for part in node.path
    ]


def label_of(node: AnyNode) -> str:
    """Return the node's name; an application's with its environment."""
    if isinstance(node, Application):
        return f"{node.name} · {node.get_environment_display()}"
    return node.name


def _personal(section: str) -> Section:
    # "all": a person with a single place would be led back to it.
    home = f"{reverse('console:home')}?all"
    items = [
        Item(_("Home"), home, "house", section == "home", "h"),
        Item(_("Trash"), reverse("console:trash"), "trash-2", section == "trash"),
    ]
    return Section(_("Yours"), items)


@dataclass(frozen=True)
class Page:
    """Page that every node, or every node of some levels, has in its side bar."""

    place: int  # among the others, from the top
    section: str
    name: str
    label: StrOrPromise
    icon: str
    permission: ByLevel
    go: str = ""
    levels: frozenset[Level] = frozenset(Level)


_pages: list[Page] = []


def declare(*pages: Page) -> None:
    """Give every node these pages in its side bar: each room does it where its addresses are.

    Those are read before the first page is, since it needs them itself.
    """
    _pages.extend(pages)
    _pages.sort(key=lambda page: page.place)


def _of_node(user: Anybody, node: AnyNode, section: str) -> Section:
    held = access.held(user, node)
    items = [
        Item(
            str(page.label), node_url(node, page.name), page.icon, page.section == section, page.go
        )
        for page in _pages
        if node.level in page.levels and page.permission[node.level] in held
    ]
    return Section(str(node._meta.verbose_name).capitalize(), items)


def _near(user: Anybody, node: AnyNode, channel: list[Application] | None) -> Section:
    """Return the nodes beneath the node; for an application, its other environments."""
    if isinstance(node, Organization):
        workspaces = visible.beneath(user, node).order_by("name", "id")
        return Section(
            _("Workspaces"),
            [Item(found.name, node_url(found), "boxes") for found in workspaces[:MOST_NEAR]],
        )
    if isinstance(node, Workspace):
        channels = visible.beneath(user, node).order_by("slug", "id").distinct("slug")[:MOST_NEAR]
        return Section(
            _("Applications"),
            [
                Item(found.name, node_url(found), PLATFORM_ICONS[found.platform])
                for found in visible.hung_on(node, channels)
            ],
        )
    return Section(
        _("Other environments"),
        [
            Item(
                found.get_environment_display(),
                node_url(found),
                ENVIRONMENT_ICONS[found.environment],
            )
            for found in channel or channel_of(user, node)
            if found.pk != node.pk
        ],
    )


def channel_of(user: Anybody, application: Application) -> list[Application]:
    """Return the application in all its environments that `user` may see, production first."""
    workspace = application.workspace
    # Each environment is named, so that the index of slugs leads to them.
    channel = {"environment__in": Environment.values, "slug": application.slug}
    found = visible.hung_on(
        workspace, visible.beneath(user, workspace).filter(**channel).order_by()
    )
    return sorted(found, key=lambda each: Environment.values.index(each.environment))
