"""The words with which templates speak of nodes: `{% load nodes %}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.templatetags.ui import node_icon
from hierarchy.console import navigation

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

register = template.Library()


@register.simple_tag
def node_url(node: AnyNode, name: str = "detail", **more: object) -> str:
    """Return the address of the page `name` of a node: `{% node_url workspace "edit" %}`."""
    return navigation.node_url(node, name, **more)


@register.simple_tag
def node_mark(node: AnyNode | None) -> SafeString:
    """Return the node's logo, or else the icon of its kind; decorative, as icons are."""
    if node is None or not getattr(node, "logo", None):
        return node_icon(node)
    url = f"{navigation.node_url(node, 'logo')}?v={node.version}"
    return format_html('<img src="{}" alt="" width="32" height="32">', url)


@register.filter
def ancestors(node: AnyNode) -> str:
    """Return where the node stands: "Acme / Shop", or its kind at the top."""
    above = " / ".join(part.name for part in node.path[:-1])
    return above or str(node._meta.verbose_name).capitalize()
