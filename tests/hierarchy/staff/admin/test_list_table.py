"""The table of a list: what a row costs to draw, and that nothing in it is markup by mistake."""

import re
from types import SimpleNamespace

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.template.base import Node
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from config.admin_table import mark, tick, two_lines
from hierarchy.models import AuditEvent, Membership, Organization, Workspace
from tests.factories import OrganizationFactory, UserFactory, WorkspaceFactory
from tests.hierarchy.staff.admin.test_lists import LISTS, grow
from tests.support.admin_forms import list_url, url

ROWS = 50  # of a page
LINKS_OF_PAGES = 12  # nodes
MOST_NODES = 1400  # of a page; 500 are the shell
MOST_BYTES = 70_000


@pytest.fixture
def drawn(admin, monkeypatch):
    """Return a function that opens a list, and says what it took."""
    whole = Node.render_annotated
    nodes = []

    def render_annotated(node, context):
        nodes.append(node)
        return whole(node, context)

    monkeypatch.setattr(Node, "render_annotated", render_annotated)

    def drawn(model):
        admin.get(list_url(model))
        nodes.clear()
        with CaptureQueriesContext(connection) as queries:
            content = admin.get(list_url(model)).content
        page = content.decode()
        return SimpleNamespace(page=page, size=len(content), nodes=len(nodes), queries=len(queries))

    return drawn


def test_rows_take_no_query_and_nothing_of_a_template(drawn):
    grow(1)
    few = {model: drawn(model) for model in LISTS}
    grow(ROWS - 1)

    many = {model: drawn(model) for model in LISTS}

    assert {m: d.queries for m, d in many.items()} == {m: d.queries for m, d in few.items()}
    # What there is more of are the links of further pages.
    assert {m: d.nodes for m, d in many.items() if d.nodes > few[m].nodes + LINKS_OF_PAGES} == {}
    assert {m for m, d in many.items() if d.page.count('<td data-label="') < ROWS} == set()
    assert {m: d.nodes for m, d in many.items() if d.nodes > MOST_NODES} == {}
    assert {m: d.size for m, d in many.items() if d.size > MOST_BYTES} == {}


def test_no_list_has_what_the_table_does_not_draw():
    admins = django_admin.site._registry.values()

    for each in admins:
        for option in ("list_editable", "list_sections", "actions_row", "ordering_field"):
            assert not getattr(each, option, None), (each, option)
        columns = [getattr(each, str(name), None) for name in each.list_display]
        for kind in ("label", "dropdown"):
            assert not [column for column in columns if getattr(column, kind, None)], (each, kind)


def test_what_people_have_written_is_escaped(admin):
    WorkspaceFactory(name='<b id="x">Ink & Co', organization__name="<i>Acme</i>")

    page = admin.get(list_url(Workspace)).content.decode()

    assert "<strong>&lt;b id=&quot;x&quot;&gt;Ink &amp; Co</strong>" in page
    assert "&lt;i&gt;Acme&lt;/i&gt;</td>" in page
    assert "<b id=" not in page
    assert "<i>Acme" not in page


@pytest.mark.parametrize("draw", [tick, two_lines, lambda text: two_lines("Acme", text)])
def test_pieces_escape_what_they_are_given(draw):
    assert "&lt;b&gt;&quot;" in draw('<b>"')


@pytest.mark.parametrize(
    ("value", "word"), [(True, "Yes"), (False, "No"), (None, "Unknown"), ("", "Unknown")]
)
def test_a_sign_says_its_word(value, word):
    assert f'title="{word}"' in mark(value)


def test_a_row_leads_to_its_page_and_from_there_back_to_the_list_as_it_was(admin):
    shop = WorkspaceFactory(name="Shop")
    page = admin.get(list_url(Workspace), {"q": "sho"}).content.decode()
    ((address, query),) = re.findall(r'<th data-label="Name"><a href="([^"?]+)(\?[^"]*)">', page)

    form = admin.get(f"{list_url(Workspace)}{address}{query}")

    assert f"{list_url(Workspace)}{address}" == url(shop)
    assert f'{list_url(Workspace)}?q=sho"' in form.content.decode()


def test_without_a_filter_a_row_leads_to_its_page_alone(admin):
    shop = WorkspaceFactory()

    assert f'<a href="{shop.pk}/change/">' in admin.get(list_url(Workspace)).content.decode()


def test_a_row_without_a_value_says_so(admin):
    UserFactory(last_login=None)

    assert '<td data-label="last login">-</td>' in admin.get(list_url(User)).content.decode()


def test_headings_sort_and_say_how_they_do(admin):
    OrganizationFactory()

    page = admin.get(list_url(Organization), {"o": "-1.4"}).content.decode()

    assert 'href="?o=1.4"' in page  # the other way round
    assert 'href="?o=4"' in page  # no longer by the name
    assert page.count('class="sort-place"') == 2


@pytest.mark.parametrize(
    ("model", "query", "chosen"),
    [
        (Workspace, {}, {"state": ""}),
        (Workspace, {"state": "suspended"}, {"state": "suspended"}),
        (User, {"is_staff__exact": "0"}, {"is_staff__exact": "0"}),
        (Membership, {}, {"role__exact": "", "status__exact": ""}),
        (Membership, {"role__exact": "owner"}, {"role__exact": "owner", "status__exact": ""}),
        (AuditEvent, {"action": "workspace.edit"}, {"action": "workspace.edit"}),
    ],
)
def test_filters_show_what_is_chosen_and_nothing_else(admin, model, query, chosen):
    page = admin.get(list_url(model), query).content.decode()

    shown = re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked>', page)
    for name, options in re.findall(r'<select name="([^"]+)" id="id_[^>]+>(.*?)</select>', page):
        shown += [(name, value) for value in re.findall(r'value="([^"]*)" selected>', options)]
    assert len(shown) == len(dict(shown))  # one of each
    assert dict(shown) | chosen == dict(shown)
