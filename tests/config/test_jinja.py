"""Jinja2 as the console writes it: what it escapes, refuses, translates, and leaves to Django."""

import re
from io import BytesIO
from pathlib import Path

import jinja2
import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe

from config.components import Components
from config.jinja import OURS, Blank, csrf

TEMPLATES = Path(settings.BASE_DIR / "templates")
MARKS = re.compile(
    r"""(?<![\w.])n?_\("(?P<one>[^"]*)"|(?<!\w)ngettext\("(?P<many>[^"]*)"|{%-? trans\b"""
)


def drawn(source, **context):
    return engines["jinja2"].from_string(source).render(context)


def ours():
    return [name for name in engines["jinja2"].env.list_templates() if name.endswith(".html")]


def test_every_template_of_ours_is_jinja():
    for name in ours():
        engines["jinja2"].env.get_template(name)


def test_every_other_template_is_djangos():
    names = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    others = sorted(name for name in names if name.split("/")[0] not in OURS)

    for name in others:
        engines["django"].get_template(name)

    assert others


@pytest.mark.parametrize("name", ["account/login.html", "admin/index.html", "emails/base.html"])
def test_read_nothing_that_is_djangos(name):
    with pytest.raises(jinja2.TemplateNotFound):
        engines["jinja2"].env.get_template(name)


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }}",
        "{{ ui.badge(name) }}",
        "{{ ui.button(label=name) }}",
        "{% call ui.card(title=name) %}{{ name }}{% endcall %}",
        "{% trans name=name %}You are {{ name }}.{% endtrans %}",
        '{{ _("You are %(name)s.", name=name) }}',
        '{{ ngettext("%(name)s", "%(name)s", 2, name=name) }}',
        '{% set title = _("You are %(name)s.", name=name) %}{{ ui.page_header(title) }}',
    ],
)
@pytest.mark.parametrize("make", [str, lazystr])
def test_escape_wherever_a_name_is_written(source, make):
    html = drawn(source, name=make("<script>"))

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_leave_what_is_safe():
    assert drawn("{{ name }}", name=mark_safe("<b>")) == "<b>"


@pytest.mark.parametrize("source", ["{{ nmae }}", "{% if nmae %}{% endif %}", "{{ ui.crad() }}"])
def test_refuse_a_name_that_means_nothing(source):
    with pytest.raises((jinja2.UndefinedError, jinja2.TemplateNotFound)):
        drawn(source)


def test_write_nothing_in_production_and_a_warning_in_the_log(caplog):
    environment = jinja2.Environment(autoescape=True, undefined=Blank)

    html = environment.from_string("<p>{{ nmae.of }}</p>").render()

    assert html == "<p></p>"
    assert "nmae" in caplog.text


def test_give_a_page_one_token():
    context = csrf(RequestFactory().get("/"))

    assert str(context["csrf_input"]) == str(context["csrf_input"])
    assert str(context["csrf_token"]) == str(context["csrf_token"])


def test_draw_what_is_the_same_for_all_once_in_each_language():
    environment = engines["jinja2"].env
    components = Components(environment)

    drawn = [components.same_for_all("theme_switch") for _time in range(2)]
    with translation.override("it"):
        italian = components.same_for_all("theme_switch")

    assert drawn[0] is drawn[1]
    assert drawn[0] is not italian


def test_extract_every_string(tmp_path):
    """As pybabel does by pyproject.toml, which would leave out what is written unusually."""
    catalog = tmp_path / "canopy.pot"
    command = ["pybabel", "-q", "extract", "-F", "pyproject.toml", "-o", str(catalog), "."]
    CommandLineInterface().run(command)
    found = read_po(BytesIO(catalog.read_bytes()))
    places = {(path, line) for message in found for path, line in message.locations}
    ids = {part for message in found for part in _parts(message.id)}

    for name in ours():
        text = (TEMPLATES / name).read_text() if (TEMPLATES / name).exists() else ""
        for match in MARKS.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            assert (f"templates/{name}", line) in places, (name, line)
            said = match["one"] or match["many"]
            assert not said or said in ids, (name, said)


def _parts(message_id):
    return message_id if isinstance(message_id, tuple) else (message_id,)
