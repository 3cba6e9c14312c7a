"""The same form, sent twice, makes one thing: every form that makes something."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from hierarchy.console.navigation import node_url
from hierarchy.console.views.sent_once import DRAWN_FOR_EACH_PAGE
from hierarchy.models import AuditEvent, SentForm, Workspace
from hierarchy.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory
from tests.support.acting import sent_forms
from tests.support.addresses import NODES, OTHERS
from tests.support.admin_forms import filled, messages

pytestmark = pytest.mark.usefixtures("forget_limits")

MAKES = re.compile(r"-(create|add|send|send-many|ask|offer|start)$|^transfer$")
BEFORE = "That form was already submitted. Nothing was created twice."
PAGE = {DRAWN_FOR_EACH_PAGE: "a" * 64}  # what Django draws for a page


def _on(name, fields, **more):
    """Return how to send a form of the node that `more` names; its page fills in the rest."""
    node = more.get("node", "acme")
    return lambda client, tree: (
        node_url(getattr(tree, node), name),
        fields,
        more.get("shown", True),
    )


SOON = (timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
FORMS = {
    "organization-create": lambda client, tree: (
        "/organizations/new/",
        {"name": "Newcomer", "slug": ""},
        True,
    ),
    "workspace-create": _on("workspace-create", {"name": "Newcomer", "slug": ""}),
    "application-create": _on(
        "application-create",
        {"name": "New", "slug": "", "environments": ["staging"], "platform": "web"},
        node="shop",
    ),
    "custom-role-create": _on(
        "custom-role-create", {"name": "Auditor", "on_organization": ["view_organization"]}
    ),
    "trusted-origin-add": _on(
        "trusted-origin-add", {"origin": "https://shop.example.com"}, node="development"
    ),
    "email-domain-add": _on("email-domain-add", {"domain": "acme.example"}),
    "access-request-ask": _on(
        "access-request-ask", {"permission": "transfer_workspace"}, node="shop", shown=False
    ),
    "access-review-start": _on("access-review-start", {"due_at": SOON}),
    "invitation-send": _on("invitation-send", {"email": "new@example.com", "role": "viewer"}),
    "invitation-send-many": _on(
        "invitation-send-many",
        {"addresses": "one@example.com, two@example.com", "role": "viewer", "confirmed": "on"},
    ),
    "ownership-offer": _on(
        "ownership-offer",
        {"offer-email": "viewer@example.com", "offer-becomes": "manager"},
        shown=False,
    ),
    "transfer": _on(
        "transfer", {"place": "globex", "confirmation": "Shop"}, node="shop", shown=False
    ),
}


def _send(client, url, data):
    return client.post(url, data | PAGE)


def _things():
    return list(AuditEvent.objects.order_by("id").values_list("id", "action"))


def _data(client, tree, name):
    url, fields, is_shown = FORMS[name](client, tree)
    return url, (filled(client, url) if is_shown else {}) | fields


def test_know_every_form_that_makes_something():
    pages = {page[0] for page in NODES if "POST" in NODES[page]}
    pages |= {page for page, answers in OTHERS.items() if answers["POST"][0] != 405}
    names = {name.removeprefix("console:") for name in pages}

    assert {name for name in names if MAKES.search(name)} == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_make_one_thing_of_the_same_form(enter, owner, viewer, tree, name):
    globex = OrganizationFactory(name="Globex", slug="globex")
    MembershipFactory(user=owner, node=globex, role=Role.OWNER)
    asker = MembershipFactory(node=tree.shop, role=Role.VIEWER).user
    client = enter(asker if name == "access-request-ask" else owner)
    url, data = _data(client, tree, name)

    first = _send(client, url, data)
    made = _things()
    second = _send(client, url, data)

    assert first.status_code == 302, first.context and first.context.get("form").errors
    assert made
    assert _things() == made
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert BEFORE in messages(client.get(second["Location"]))


def test_a_form_of_another_page_or_with_other_contents_is_another_one(enter, owner, tree):
    client = enter(owner)
    url, data = _data(client, tree, "workspace-create")

    for more in ({}, {"name": "Other"}, {DRAWN_FOR_EACH_PAGE: "b" * 64}):
        client.post(url, data | PAGE | more)

    slugs = set(Workspace.objects.values_list("slug", flat=True))
    assert slugs == {"shop", "press", "newcomer", "other", "newcomer-2"}


def test_a_page_draws_another_text_each_time(enter, owner, tree):
    client = enter(owner)
    field = re.compile(rf'name="{DRAWN_FOR_EACH_PAGE}" value="(\w+)"')

    pages = [client.get("/organizations/new/").content.decode() for _time in range(2)]

    drawn = [set(field.findall(page)) for page in pages]
    assert all(drawn)
    assert not drawn[0] & drawn[1]


def test_a_form_that_came_back_with_errors_can_be_sent_again(enter, owner, tree):
    client = enter(owner)
    url, data = _data(client, tree, "workspace-create")
    taken = data | {"slug": "shop"}

    answers = [_send(client, url, taken).status_code for _time in range(2)]
    Workspace.objects.filter(slug="shop").update(slug="former-shop")

    assert answers == [200, 200]
    assert _send(client, url, taken).status_code == 302


def test_what_is_not_allowed_is_not_remembered(enter, viewer, tree):
    client = enter(viewer)

    response = _send(client, node_url(tree.acme, "workspace-create"), {"name": "Newcomer"})

    assert response.status_code == 403
    assert not SentForm.objects.exists()


def test_another_person_is_another_sender(tree, owner, enter):
    other = MembershipFactory(node=tree.acme, role=Role.OWNER).user
    url, data = _data(enter(owner), tree, "workspace-create")

    for person in (owner, other):
        _send(enter(person), url, data)

    assert Workspace.objects.filter(name="Newcomer").count() == 2


@pytest.mark.django_db(transaction=True)
def test_make_one_thing_of_a_double_click(tree, owner, enter):
    url, data = _data(enter(owner), tree, "workspace-create")

    def click(_number):
        client = Client()
        client.force_login(owner)
        try:
            return _send(client, url, data)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clicks:
        places = set(clicks.map(click, range(4)))

    assert Workspace.objects.filter(name="Newcomer").count() == 1
    assert places == {"/o/acme/w/newcomer/"}


def test_forget_after_a_day(tree, owner):
    for age in (timedelta(hours=23), timedelta(hours=25)):
        SentForm.objects.create(user=owner, digest=str(age), sent_at=timezone.now() - age)

    assert sent_forms.forget_old() == 1
    assert SentForm.objects.get().digest == str(timedelta(hours=23))
