"""The words of the design system, which templates write as `ui.…`: see docs/design-system.md.

A function is here when it chooses by a value and is short; whatever has markup of some length is a
macro of templates/components/, in the file of its name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from typing import Any
from zlib import crc32

from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext
from jinja2 import Environment
from markupsafe import Markup

from config import wall_clock

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


class Components:
    """Everything that templates find under `ui`: the marks below, and each macro by its name."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._drawn: dict[tuple[str, str | None], Markup] = {}
        vars(self).update({mark.__name__: mark for mark in MARKS})

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        """Return the macro `name` of the file of that name; a process reads it once."""
        module = self._environment.get_template(f"components/{name}.html").module
        macro: Callable[..., Markup] = getattr(module, name)
        if not self._environment.auto_reload:
            setattr(self, name, macro)
        return macro

    def same_for_all(self, name: str) -> Markup:
        """Return what the macro `name`, which takes nothing, draws in the language of the reader.

        A process draws it once for each language.
        """
        draw: Callable[[], Markup] = getattr(self, name)
        if self._environment.auto_reload:
            return draw()
        key = (name, get_language())
        if key not in self._drawn:
            self._drawn[key] = draw()
        return self._drawn[key]


# --- Small marks ---------------------------------------------------------------------------------


@cache
def icon(name: str) -> SafeString:
    """Return a decorative icon of the sprite: whatever it says must stand beside it in words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("icons/sprite.svg"),
        name,
    )


def node_icon(node: object) -> SafeString:
    """Return the icon of a node's kind; of its platform when it is an application."""
    by_platform = PLATFORM_ICONS.get(getattr(node, "platform", ""))
    return icon(by_platform or NODE_ICONS.get(getattr(node, "level", ""), "folder-tree"))


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
    return _initials(crc32(person.email.encode()) % AVATAR_COLOURS, css, person.initials)


@lru_cache(maxsize=1_000, typed=True)
def _initials(colour: int, css: str, initials: str) -> SafeString:
    markup = '<span class="avatar avatar-{}{}" aria-hidden="true">{}</span>'
    return format_html(markup, colour, css, initials)


def badge(label: object, tone: str = "", icon_name: str = "") -> SafeString:
    """Return a short word on a tone: success, warning, danger, info, accent, or none."""
    return _badge(label if isinstance(label, str) else str(label), tone, icon_name)


@lru_cache(maxsize=1_000, typed=True)  # by type, since a word that is markup equals one that isn't
def _badge(label: str, tone: str, icon_name: str) -> SafeString:
    css = f"badge tone-{tone}" if tone else "badge"
    mark = icon(icon_name) if icon_name else ""
    if len(label) > LONGEST_WORD:
        css = f"{css} badge-long"
    return format_html('<span class="{}">{}{}</span>', css, mark, label)


def role_badge(role: str, label: object) -> SafeString:
    """Return the badge of a role: `ui.role_badge(member.role, member.role_label)`."""
    return badge(label, ROLE_TONES.get(role, ""))


def status_badge(status: str, label: object) -> SafeString:
    """Return the badge of the state of a membership, an invitation, a review or a mail."""
    return badge(label, STATUS_TONES.get(status, ""))


def environment_badge(environment: str, label: object) -> SafeString:
    """Return the badge of an environment: a colour, an icon and the word."""
    return badge(label, ENVIRONMENT_TONES[environment], ENVIRONMENT_ICONS[environment])


def environment_tone(environment: str) -> str:
    """Return the tone of an environment: danger where mistakes reach people."""
    return ENVIRONMENT_TONES[environment]


def environment_icon(environment: str) -> str:
    """Return the name of the icon of an environment."""
    return ENVIRONMENT_ICONS[environment]


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


MARKS: list[Any] = [
    icon,
    node_icon,
    avatar,
    badge,
    role_badge,
    status_badge,
    environment_badge,
    environment_tone,
    environment_icon,
    moment,
]
