"""The tags of the design system, and what its files promise to each other."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.template import engines
from django.utils import timezone
from markupsafe import escape

from accounts.models import User

SOURCES = [settings.BASE_DIR / name for name in ("templates", "config", "hierarchy", "accounts")]
STATIC = Path(settings.BASE_DIR / "static")


def rendered(source, **context):
    return engines["jinja2"].from_string(source).render(context)


@pytest.mark.parametrize("multiple", [False, True])
def test_choices_are_drawn_as_django_draws_them(multiple):
    """Though by a template of our own, which takes a fraction of the time."""
    field = forms.SelectMultiple if multiple else forms.Select
    widget = field({"required": True, "hidden": False, "data-of": "<a>"})
    widget.choices = [("", "None & nothing"), ("Group", [(1, "<One>"), ("2", "Two")])]
    ours, django = (
        widget.render("name", ["2"], {"id": "x"}, renderer)
        for renderer in (get_default_renderer(), DjangoTemplates())
    )

    assert ours == django


@pytest.mark.parametrize("title", ["Copy it now", "Copy it now.", "R&D's"])
def test_alert_ends_its_title_as_a_sentence(title):
    alert = rendered("{% call ui.alert(title=title) %}It is shown once.{% endcall %}", title=title)

    words = re.sub(r"<[^>]+>", "", alert).split()
    assert " ".join(words) == f"{escape(title.rstrip('.'))}. It is shown once."


def test_icon_refers_to_the_sprite():
    expected = '<svg class="icon" aria-hidden="true"><use href="/static/icons/sprite.svg#users">'

    assert rendered('{{ ui.icon("users") }}').startswith(expected)


def test_every_icon_that_is_used_is_in_the_sprite():
    sprite = set(re.findall(r'id="([^"]+)"', (STATIC / "icons/sprite.svg").read_text()))
    named = re.compile(r'(?:% icon |ui\.icon\(|icon=|icon_name=)"([^"]+)"')
    templates = [path for folder in SOURCES for path in folder.rglob("*.html")]
    used = {name for path in templates for name in named.findall(path.read_text())}

    assert used - sprite == set()


def test_every_icon_of_the_list_is_in_the_sprite():
    names = (settings.BASE_DIR / "tools/icons.txt").read_text().split()

    assert set(re.findall(r'id="([^"]+)"', (STATIC / "icons/sprite.svg").read_text())) == set(names)


def test_avatar_shows_initials_on_a_colour_that_stays():
    ada = User(email="ada@example.com", first_name="Ada", last_name="Hill")

    assert rendered("{{ ui.avatar(ada) }}", ada=ada) == (
        '<span class="avatar avatar-0" aria-hidden="true">AH</span>'
    )


def test_avatar_shows_the_picture_when_there_is_one():
    ada = User(email="ada@example.com", avatar="avatars/ada.webp")

    assert rendered('{{ ui.avatar(ada, "large") }}', ada=ada) == (
        '<span class="avatar avatar-large"><img src="/accounts/avatars/ada.webp" alt=""></span>'
    )


def test_person_escapes_a_hostile_name():
    mallory = User(email="m@example.com", first_name="<script>")

    assert "<script>" not in rendered("{{ ui.person(mallory) }}", mallory=mallory)


def test_badge_carries_its_tone():
    assert rendered('{{ ui.status_badge("active", "Active") }}') == (
        '<span class="badge tone-success">Active</span>'
    )


def test_badge_of_an_unknown_status_is_neutral():
    assert rendered('{{ ui.status_badge("other", "Other") }}') == '<span class="badge">Other</span>'


def test_moment_is_shown_in_the_zone_of_the_viewer():
    instant = datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)

    with timezone.override("Europe/Rome"):
        html = rendered("{{ ui.moment(instant) }}", instant=instant)

    assert html == (
        '<time class="nowrap" datetime="2026-03-04T16:06:07+01:00" '
        'title="Wednesday 4 March 2026, 16:06:07 (+01:00)">4 Mar 2026, 16:06</time>'
    )


@pytest.mark.parametrize(
    ("instant", "zone", "shown"),
    [
        (datetime.max.replace(tzinfo=UTC), "Pacific/Kiritimati", "31 Dec 9999"),
        (datetime.min.replace(tzinfo=UTC), "America/New_York", "1 Jan 0001"),
    ],
)
def test_moment_at_either_end_of_the_calendar_is_shown(instant, zone, shown):
    with timezone.override(zone):
        assert shown in rendered("{{ ui.moment(instant) }}", instant=instant)


def test_moment_without_an_instant_says_never():
    assert rendered("{{ ui.moment(none) }}") == '<span class="muted">never</span>'


def test_block_keeps_its_body_and_escapes_what_is_unsafe_in_it():
    html = rendered("{% call ui.card() %}<b>{{ name }}</b>{% endcall %}", name="<i>")

    assert "<b>&lt;i&gt;</b>" in html


def test_danger_card_is_marked():
    assert 'class="card card-danger"' in rendered('{% call ui.card(tone="danger") %}x{% endcall %}')


@pytest.mark.parametrize(
    ("platform", "icon"), [("web", "globe"), ("mobile", "smartphone"), ("server", "server")]
)
def test_application_has_the_icon_of_its_platform(platform, icon):
    node = SimpleNamespace(level="application", platform=platform)

    assert f"#{icon}" in rendered("{{ ui.node_icon(node) }}", node=node)


class Form(forms.Form):
    name = forms.CharField(help_text="As people know it.")
    about = forms.CharField(required=False)
    role = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)


def test_field_with_an_error_is_described_by_help_and_error():
    html = str(Form({"role": "a"}))

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_form_sums_up_its_errors_with_links():
    html = str(Form({"role": "a"}))

    assert '<a href="#id_name">Name: This field is required.</a>' in html


def test_form_without_errors_has_no_summary():
    assert "error-summary" not in str(Form())


def test_choices_are_a_fieldset_with_a_legend():
    html = str(Form())

    assert "<legend>Role</legend>" in html


def test_only_what_may_stay_empty_is_marked():
    assert str(Form()).count("(optional)") == 1


def luminance(colour):
    if len(colour) == 4:
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def tokens(theme):
    """Return the value of every token that holds for the theme, references followed."""
    light, dark = (STATIC / "css/tokens.css").read_text().split(".dark {")
    values = {}
    for block in (light, dark) if theme == "dark" else (light,):
        values |= dict(re.findall(r"(--[\w-]+): ([^;]+);", block))

    def resolve(value):
        reference = re.fullmatch(r"var\((--[\w-]+)\)", value)
        return resolve(values[reference[1]]) if reference else value

    return {name: resolve(value) for name, value in values.items()}


PAIRS = [
    ("--on-accent", "--accent"),
    ("--on-accent", "--accent-hover"),
    ("--accent-text", "--surface"),
    ("--accent-text", "--surface-strong"),
    ("--text", "--surface-strong"),
    ("--text-muted", "--surface"),
    ("--text-muted", "--surface-muted"),
    *((f"--{tone}-text", f"--{tone}-bg") for tone in ("neutral", "success", "warning", "danger")),
    ("--info-text", "--info-bg"),
    ("--danger-text", "--surface"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_text_keeps_its_contrast(theme, text, background):
    values = tokens(theme)

    both = [luminance(values[text]), luminance(values[background])]

    assert (max(both) + 0.05) / (min(both) + 0.05) >= 4.5
