"""Jinja2, the language of the console's templates: docs/decisions/console-in-jinja2.md.

Django's own language draws what Django, allauth and unfold bring. A name says which: the folders
and files of `OURS` are Jinja2's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import django.forms
import jinja2
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext
from django_htmx.jinja import django_htmx_script
from markupsafe import Markup

from config.components import Components
from config.page_urls import page_url

logger = logging.getLogger(__name__)

OURS = {
    "429.html",
    "base.html",
    "components",
    "console",
    "dev",
    "django",
    "entrance.html",
    "errors",
    "forms",
}
WIDGETS = Path(django.forms.__file__).parent / "jinja2"


class Loader(jinja2.FileSystemLoader):
    """Loader of the templates that are written in Jinja2, and of no other."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        if template.split("/")[0] not in OURS:
            raise jinja2.TemplateNotFound(template)
        return super().get_source(environment, template)

    def list_templates(self) -> list[str]:
        return [name for name in super().list_templates() if name.split("/")[0] in OURS]


class Refused(jinja2.StrictUndefined):
    """Name that means nothing: an error, but where a dictionary is asked whether it has a key."""

    def __bool__(self) -> bool:  # type: ignore[override]  # the base class never returns
        return False if isinstance(self._undefined_obj, dict) else super().__bool__()


Blank = jinja2.make_logging_undefined(logger, base=jinja2.ChainableUndefined)


def environment(
    *,
    strict: bool,
    pieces: Mapping[str, str],
    filters: Mapping[str, str],
    loader: jinja2.FileSystemLoader,
    auto_reload: bool,
    **_defaults: object,
) -> jinja2.Environment:
    """Return Jinja2 as the console writes it.

    `pieces` and `filters` name what the rooms add, by dotted name. What a template says of a name
    that means nothing is an error if `strict`; otherwise nothing, and a warning in the log.
    """
    made = jinja2.Environment(
        autoescape=True,
        auto_reload=auto_reload,
        extensions=["jinja2.ext.i18n"],
        loader=Loader([*loader.searchpath, WIDGETS]),
        undefined=Refused if strict else Blank,
    )
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.globals |= {
        "_": say,
        "gettext": say,
        "ngettext": say_number,
        "ui": Components(made),
        "url": page_url,
        "static": static,
        "django_htmx_script": django_htmx_script,
        "get_language": get_language,
        "get_language_bidi": get_language_bidi,
        **{name: import_string(path) for name, path in pieces.items()},
    }
    made.filters |= {name: import_string(path) for name, path in filters.items()}
    return made


def say(message: str, /, **values: object) -> Markup:
    """Return the translation of a string of a template, filled in; found once in each language."""
    said = _translated(message, get_language())
    return said % values if "%" in said else said


def say_number(one: str, many: str, number: int, /, **values: object) -> Markup:
    """Return the one or the other translation, by the number, filled in."""
    return Markup(ngettext(one, many, number)) % ({"num": number} | values)  # noqa: S704 - ours


@cache
def _translated(message: str, _language: str | None) -> Markup:
    return Markup(gettext(message))  # noqa: S704 - what templates say is ours


def csrf(request: HttpRequest) -> dict[str, object]:
    """Give a page one token, made when it is first asked for (a context processor)."""
    return {
        "csrf_token": SimpleLazyObject(lambda: get_token(request)),
        "csrf_input": SimpleLazyObject(lambda: csrf_input(request)),
    }
