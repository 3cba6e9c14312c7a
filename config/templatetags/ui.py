"""The words of the design system: `{% load ui %}` and docs/design-system.md.

A tag is here when a plain include would be clumsy: it chooses by a value, or wraps a body. The
markup of the latter is in templates/components/.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import cache, lru_cache
from typing import Any
from zlib import crc32

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from config import wall_clock

register = template.Library()

AVATAR_COLOURS = 8

NODE_ICONS = {"organization": "building-2", "workspace": "boxes", "application": "app-window"}
PLATFORM_ICONS = {"web": "globe", "mobile": "smartphone", "desktop": "monitor", "server": "server"}
ENVIRONMENT_ICONS = {"production": "rocket", "staging": "flask-conical", "development": "wrench"}

ENVIRONMENT_TONES = {"production": "danger", "staging": "warning", "development": "info"}
# What is longer, such as the name of a custom role, may break into lines inside its badge.
LONGEST_WORD = 24
ROLE_TONES = {"owner": "accent", "manager": "info"}
STATUS_TONES = {
    "active": "success",
    "accepted": "success",
    "sent": "success",
    "finished": "success",
    "pending": "warning",
    "queued": "info",
    "open": "info",
    "suspended": "warning",
    "failed": "danger",
}


# --- Small marks ---------------------------------------------------------------------------------


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return a decorative icon of the sprite: whatever it says must stand beside it in words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("icons/sprite.svg"),
        name,
    )


@register.simple_tag
def node_icon(node: object) -> SafeString:
    """Return the icon of a node's kind; of its platform when it is an application."""
    by_platform = PLATFORM_ICONS.get(getattr(node, "platform", ""))
    return icon(by_platform or NODE_ICONS.get(getattr(node, "level", ""), "folder-tree"))


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """Return someone's picture, or their initials on a colour that stays theirs.

    `person` is anyone with `email`, `initials` and `avatar`; None means the system.
    """
    css = f" avatar-{size}" if size else ""
    if person is None:
        return format_html('<span class="avatar{}">{}</span>', css, icon("server"))
    if person.avatar:
        markup = '<span class="avatar{}"><img src="{}" alt=""></span>'
        return format_html(markup, css, person.avatar_url)
    colour = crc32(person.email.encode()) % AVATAR_COLOURS
    markup = '<span class="avatar avatar-{}{}" aria-hidden="true">{}</span>'
    return format_html(markup, colour, css, person.initials)


@register.inclusion_tag("components/person.html")
def person(person: object, note: str = "") -> dict[str, object]:
    """Show someone by picture, name and e-mail address; `note` follows the name."""
    return {"person": person, "note": note}


@register.simple_tag
def badge(label: object, tone: str = "", icon_name: str = "") -> SafeString:
    """Return a short word on a tone: success, warning, danger, info, accent, or none."""
    css = f"badge tone-{tone}" if tone else "badge"
    mark = icon(icon_name) if icon_name else ""
    if len(str(label)) > LONGEST_WORD:
        css = f"{css} badge-long"
    return format_html('<span class="{}">{}{}</span>', css, mark, label)


@register.simple_tag
def role_badge(role: str, label: object) -> SafeString:
    """Return the badge of a role: `{% role_badge m.role m.role_label %}`."""
    return badge(label, ROLE_TONES.get(role, ""))


@register.simple_tag
def status_badge(status: str, label: object) -> SafeString:
    """Return the badge of the state of a membership, an invitation, a review or a mail."""
    return badge(label, STATUS_TONES.get(status, ""))


@register.simple_tag
def environment_badge(environment: str, label: object) -> SafeString:
    """Return the badge of an environment: a colour, an icon and the word."""
    return badge(label, ENVIRONMENT_TONES[environment], ENVIRONMENT_ICONS[environment])


@register.inclusion_tag("components/environment_banner.html")
def environment_banner(environment: str, label: object, may_change: bool) -> dict[str, object]:
    """Show across the page in which environment one works, and whether one changes it."""
    return {
        "label": label,
        "tone": ENVIRONMENT_TONES[environment],
        "icon": ENVIRONMENT_ICONS[environment],
        "is_production": environment == "production",
        "may_change": may_change,
    }


@register.simple_tag
def moment(value: datetime | None, otherwise: object = "") -> SafeString:
    """Return an instant in the viewer's zone, with the exact one in a tooltip.

    Shows `otherwise`, or "never", when there is no instant.
    """
    if value is None:
        return format_html('<span class="muted">{}</span>', otherwise or gettext("never"))
    return _moment(value, timezone.get_current_timezone(), get_language())


@lru_cache(maxsize=10_000)
def _moment(value: datetime, zone: tzinfo, language: str | None) -> SafeString:
    """Word an instant once for all who read it in that zone and language: it takes 0.1 ms."""
    try:
        local = value.astimezone(zone)
    except OverflowError:  # at either end of the calendar, where a zone has no such instant
        local = value
    # Never a zone's name: browsers, and versions of the data, call the same zone differently.
    offset = f" ({wall_clock.offset(local)})"
    exact = date_format(local, pgettext("exact instant", "l j F Y, H:i:s"))
    shown = date_format(local, pgettext("instant", "j M Y, H:i"))
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        exact + offset,
        shown + offset if wall_clock.is_repeated(local) else shown,
    )


# --- Pieces with a body --------------------------------------------------------------------------


@register.simple_block_tag
def page_header(content: str, title: object, description: object = "") -> str:
    """Open a page: its title, what it is for, and its one primary action as the body."""
    return _piece("page_header", content, title=title, description=description)


@register.simple_block_tag
def card(
    content: str, title: object = "", description: object = "", flush: bool = False, tone: str = ""
) -> str:
    """Frame a section; `flush` lets a table or a list reach the edges; tone "danger" warns."""
    values = {"title": title, "description": description, "flush": flush, "tone": tone}
    return _piece("card", content, **values)


@register.simple_block_tag
def alert(content: str, tone: str = "info", title: object = "") -> str:
    """Say something in its place on the page: info, success, warning or danger."""
    return _piece("alert", content, tone=tone, title=title)


@register.simple_block_tag
def empty(content: str, icon: str, title: object, description: object = "") -> str:
    """Say what would stand here, and offer the first step as the body."""
    return _piece("empty", content, icon=icon, title=title, description=description)


@register.simple_block_tag
def dialog(content: str, id: str, title: object) -> str:  # noqa: A002 - the attribute's name
    """Hold what a link with `data-open="<id>"` shows on top of the page."""
    return _piece("dialog", content, id=id, title=title)


@register.simple_block_tag
def menu(content: str, label: object) -> str:
    """Hide the links and buttons of a row behind three dots; `label` says whose they are."""
    return _piece("menu", content, label=label)


@register.simple_block_tag
def danger_row(content: str, title: object, description: object) -> str:
    """Name one thing of the danger zone, with what it destroys, and its button as the body."""
    return _piece("danger_row", content, title=title, description=description)


@register.simple_block_tag
def toolbar(content: str, query: str, placeholder: object, clear_url: str = "") -> str:
    """Search a list by GET; the body holds further filters as fields."""
    return _piece("toolbar", content, query=query, placeholder=placeholder, clear_url=clear_url)


def _piece(name: str, content: str, **values: object) -> str:
    # A block's body was rendered by the template engine: what was unsafe in it is escaped already.
    context = {"content": SafeString(content.strip()), **values}
    return render_to_string(f"components/{name}.html", context)
