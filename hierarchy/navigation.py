"""Where somebody is and where they can go: addresses of nodes, breadcrumbs, side bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from hierarchy import access
from hierarchy.roles import VIEW, VIEW_MEMBER, VIEW_SETTINGS, Level, Permission

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class Item:
    """A link of the side bar; `go` is the key that follows "g" to it."""

    label: str
    url: str
    icon: str
    is_current: bool = False
    go: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    items: list[Item]


@dataclass(frozen=True)
class Navigation:
    """What the shell around every console page shows."""

    breadcrumbs: list[tuple[str, str | None]]
    sections: list[Section]
    switcher_url: str
    current_label: str
    current_kind: str


def node_url(node: AnyNode, name: str = "detail", **more: Any) -> str:
    """Return the address of the page `name` of a node: the same name serves all three levels."""
    return reverse(f"console:{name}", kwargs=node.slugs | more)


def navigation(user: Any, node: AnyNode | None, section: str) -> Navigation:
    """Return the shell of the page `section` of `node`, with only what `user` may open."""
    sections = [_personal(section)] if node is None else [_of_node(user, node, section)]
    return Navigation(
        breadcrumbs=_breadcrumbs(user, node),
        sections=sections,
        switcher_url=reverse("console:switcher"),
        current_label=node.name if node else _("Choose an organization"),
        current_kind=str(node._meta.verbose_name) if node else "",
    )


def _breadcrumbs(user: Any, node: AnyNode | None) -> list[tuple[str, str | None]]:
    """Name the path down to the node; what the person may not open is named without a link."""
    if node is None:
        return []
    return [
        (part.name, node_url(part) if VIEW[part.level] in access.held(user, part) else None)
        for part in node.path
    ]


def _personal(section: str) -> Section:
    items = [
        Item(_("Home"), reverse("console:home"), "house", section == "home", "o"),
        Item(_("Trash"), reverse("console:trash"), "trash-2", section == "trash"),
    ]
    return Section(_("Yours"), items)


def _of_node(user: Any, node: AnyNode, section: str) -> Section:
    held = access.held(user, node)
    pages: list[tuple[str, str, str, str, str, Permission]] = [
        ("overview", "detail", _("Overview"), "layout-dashboard", "o", VIEW[node.level]),
        ("members", "membership-index", _("Members"), "users", "m", VIEW_MEMBER[node.level]),
    ]
    if node.level is Level.ORGANIZATION:
        pages.append(("roles", "role-index", _("Roles"), "shield", "", VIEW_MEMBER[node.level]))
    if node.level is Level.APPLICATION:
        settings = VIEW_SETTINGS[node.level]
        pages.append(
            ("origins", "trusted-origin-index", _("Trusted origins"), "globe", "", settings)
        )
    pages += [
        (
            "activity",
            "audit-event-index",
            _("Activity"),
            "scroll-text",
            "a",
            Permission.VIEW_AUDIT_LOG,
        ),
        ("settings", "edit", _("Settings"), "settings", "s", VIEW_SETTINGS[node.level]),
    ]
    items = [
        Item(label, node_url(node, name), icon, section == key, go)
        for key, name, label, icon, go, permission in pages
        if permission in held
    ]
    return Section(str(node._meta.verbose_name).capitalize(), items)
