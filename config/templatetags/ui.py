"""Tags with which Django's templates write the pieces of the design system: `{% load ui %}`.

Each piece is drawn by the function or macro that Jinja2's templates call by the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import template
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from markupsafe import Markup

from config.components import Components
from config.navigation import Navigation

register = template.Library()

MARKS = ["badge", "button", "copy", "icon", "moment"]
WITH_A_BODY = ["alert", "card", "empty", "menu", "page_header"]


def _ui() -> Components:
    engine = cast(Jinja2, engines["jinja2"])
    return cast(Components, engine.env.globals["ui"])


def _tag(name: str) -> Callable[..., str]:
    def tag(*values: Any, **named: Any) -> str:
        return SafeString(getattr(_ui(), name)(*values, **named))

    return tag


def _block_tag(name: str) -> Callable[..., str]:
    def tag(content: str, *values: Any, **named: Any) -> str:
        # A block's body was rendered by the engine: what was unsafe in it is escaped already.
        body = Markup(content.strip())  # noqa: S704
        return SafeString(getattr(_ui(), name)(*values, caller=lambda: body, **named))

    return tag


for _name in MARKS:
    register.simple_tag(_tag(_name), name=_name)
for _name in WITH_A_BODY:
    register.simple_block_tag(_block_tag(_name), name=_name)


@register.simple_block_tag
def part(content: str) -> str:
    """Keep a part of a page for `frame`: `{% part as title %}…{% endpart %}`."""
    return SafeString(content.strip())


@register.simple_tag(takes_context=True)
def frame(context: Context, name: str, **parts: str) -> str:
    """Return a whole page: the parts of one of Django's, in the frame of the pages in Jinja2."""
    shell = {"node": None, "navigation": context.get("navigation") or Navigation([])}
    return SafeString(render_to_string(name, shell | parts, context["request"]))
