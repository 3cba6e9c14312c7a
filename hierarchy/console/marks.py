"""Marks of nodes, and words for where they stand, as templates show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.components import node_icon
from hierarchy import audit
from hierarchy.console import navigation

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


def node_mark(node: AnyNode | None) -> SafeString:
    """Return the node's logo, or else the icon of its kind; decorative, as icons are."""
    if node is None or not getattr(node, "logo", None):
        return node_icon(node)
    url = f"{navigation.node_url(node, 'logo')}?v={node.version}"
    return format_html('<img src="{}" alt="" width="32" height="32">', url)


def ancestors(node: AnyNode) -> str:
    """Return where the node stands: "Acme / Shop", or its kind at the top."""
    above = " / ".join(part.name for part in node.path[:-1])
    return above or str(node._meta.verbose_name).capitalize()


def who(person: User) -> str:
    """Return who changed something: of staff members not the name, as in the activity."""
    return str(audit.STAFF if person.is_staff else person)
