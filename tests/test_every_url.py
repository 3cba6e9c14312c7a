"""The access matrix: every address × verb × person × relation, against a table made by hand."""

import re
from copy import deepcopy
from itertools import product

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver

from hierarchy.models import AuditEvent
from hierarchy.roles import Level
from tests import url_world
from tests.url_table import (
    EVERYBODY,
    EXCEPT,
    NODE_PAGES,
    NOWHERE,
    OTHER_PAGES,
    SEEN,
    SIGNED_OUT,
    STAFF_PAGES,
)

VERBS = ("GET", "POST")
FOREIGN_VERBS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# A few stand for all where nobody's answer differs but by being signed in, or by being a stranger.
SOME = "Otx-"
STRANGERS = "OMwgaoSx-"
HEADERS = {
    "Content-Security-Policy",
    "Permissions-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Cache-Control",
    "X-Request-ID",
}
READS = ("SELECT", "(SELECT", "DECLARE", "FETCH", "CLOSE", "SAVEPOINT", "RELEASE", "ROLLBACK")
# What a GET may write: that somebody was here.
NOTED_BY_READING = ("django_session", "usersessions_usersession", '"cache"')


# --- The table -----------------------------------------------------------------------------------


def _lines(table):
    head, *lines = (line.split() for line in table.strip().splitlines() if line.strip())
    return head, lines


def _node_pages():
    """Return {(name, level): {verb: (answer, answer to who only sees it, who may)}}."""
    head, lines = _lines(NODE_PAGES)
    pages = {}
    for name, verb, answers, *columns in lines:
        answer, _colon, otherwise = answers.partition(":")
        for level, who in zip(head[3:], columns, strict=True):
            if who != "-":
                verbs = pages.setdefault((f"console:{name}", Level(level)), {})
                verbs[verb] = (int(answer), int(otherwise or 403), who)
    return pages


def _pairs(table):
    """Return {name: {verb: (answer of the first column, of the second)}}."""
    _head, lines = _lines(table)
    return {
        name: {
            verb: tuple(map(int, pair.split("/"))) for verb, pair in zip(VERBS, pairs, strict=True)
        }
        for name, *pairs in lines
    }


def _staff_pages():
    pages = {}
    for name, answers in _pairs(STAFF_PAGES).items():
        for level in Level if "_node_" in name else [""]:
            pages[f"admin:{name.replace('_node_', f'_{level}_')}"] = answers
    return pages


NODES = _node_pages()
OTHERS = _pairs(OTHER_PAGES)
STAFF = _staff_pages()


# --- The resolver --------------------------------------------------------------------------------


def _walk(resolver, prefix="", namespace=""):
    """Yield the name and the route of every pattern."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, route, inner)
        else:
            yield namespace + (pattern.name or _unnamed(route)), f"/{route}"


def _unnamed(route):
    return "absent" if "(?P<url>" in route else "change-page-without-its-name"


def _level_of(route):
    named = [level for level in Level if f"<slug:{level}>" in route]
    return named[-1] if named else None


def _routes():
    """Return {page: route}: a page is a name, or a name and the level of its node.

    The mails of development have an address in development alone, and tests of their own.
    """
    routes = {}
    for name, route in _walk(get_resolver()):
        level = _level_of(route)
        routes[(name, level) if level else name] = route
    routes.pop("dev-mail", None)
    return routes


ROUTES = _routes()


def _fill(route, values):
    """Return the address that the route makes of the values, by parameter."""
    route = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)\$?", r"<\1>", route).replace("^", "").replace("$", "")
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), route)


def _node_url(world, page, relation):
    name, level = page
    at = relation if relation in world.rows else "own"
    noun = next((n for n in world.rows[at][level] if n in name), None)
    values = {"pk": world.rows[at][level].get(noun), "group": "privacy", "form": "csv"}
    return _fill(ROUTES[page], values | world.places[relation][level])


def _other_url(world, page):
    values = {
        "token": url_world.TOKEN,
        "level": "workspace",
        "pk": world.nodes["deleted"][Level.WORKSPACE].pk if "restore" in page else world.offer.pk,
        "stem": "none",
        "uidb36": "1",
        "key": "set-password",
    }
    return _fill(ROUTES[page], values)


def _staff_url(world, page):
    rows = world.rows["own"][Level.ORGANIZATION]
    of_model = {f"hierarchy_{level}_": node.pk for level, node in world.nodes["own"].items()} | {
        "hierarchy_membership_": rows["membership"],
        "hierarchy_invitation_": rows["invitation"],
        "hierarchy_customrole_": rows["custom-role"],
        "hierarchy_accessreview_": rows["access-review"],
        "hierarchy_accessrequest_": rows["access-request"],
        "hierarchy_emaildomain_": rows["email-domain"],
        "hierarchy_auditevent_": AuditEvent.objects.values_list("pk", flat=True)[0],
        "account_emailaddress_": EmailAddress.objects.values_list("pk", flat=True)[0],
        "mfa_authenticator_": Authenticator.objects.values_list("pk", flat=True)[0],
        "accounts_user_": world.people["t"].pk,
    }
    pk = next((pk for start, pk in of_model.items() if f":{start}" in page), 10_000)
    values = {"object_id": pk, "pk": pk, "content_type_id": 1, "group": "privacy"}
    return _fill(ROUTES[page], values | {"app_label": "hierarchy", "url": "nothing/"})


def _every_url(world):
    """Yield (letter of somebody who may open it, address) for each pattern, once."""
    for page in NODES:
        yield "O", _node_url(world, page, "own")
    for page in OTHERS:
        yield "t", _other_url(world, page)
    for page in STAFF:
        yield "S", _staff_url(world, page)


# --- Asking --------------------------------------------------------------------------------------


@pytest.fixture
def world(db, settings, tmp_path):
    """One world for many requests: each of them is rolled back."""
    settings.MEDIA_ROOT = tmp_path
    return url_world.build()


def ask(client, verb, url, data=None, **more):
    """Return the answer, the effects of the request undone."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = getattr(client, verb.lower())(url, data or {}, **more)
        response.body = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    client.cookies = cookies
    assert HEADERS - set(response.headers) == set(), url
    return response


def _compare(world, cases):
    """Ask for all of (letter, verb, address, expected status); name those that differ."""
    wrong = []
    for letter, verb, url, expected in cases:
        status = ask(world.clients[letter], verb, url).status_code
        if status != expected:
            wrong.append(f"{verb} {url} by {letter}: {status} instead of {expected}")
    assert not wrong, "\n".join(wrong)


def test_every_address_has_a_row_and_every_row_an_address():
    assert set(ROUTES) == {*NODES, *OTHERS, *STAFF}


def _on_node(page, verb, letter, relation):
    level = page[1]
    if letter in SIGNED_OUT:
        return 302
    if verb not in NODES[page]:
        return 405
    if relation in NOWHERE or letter not in SEEN[relation][level]:
        return 404
    answer, otherwise, who = NODES[page][verb]
    role = "O" if relation == "other" else letter
    return answer if role in who else otherwise


@pytest.mark.parametrize("relation", [*SEEN, *NOWHERE])
def test_answer_on_a_node(world, relation):
    pages = [page for page in NODES if page[1] in SEEN.get(relation, world.places[relation])]
    people = EVERYBODY if relation in ("own", "sibling") else STRANGERS

    _compare(
        world,
        (
            (letter, verb, url, _on_node(page, verb, letter, relation))
            for page in pages
            for url in [_node_url(world, page, relation)]
            for letter, verb in product(people, VERBS)
        ),
    )


@pytest.mark.parametrize("foreign", ["sibling", "other"])
def test_hide_the_rows_of_another_node(world, foreign):
    """The address is one's own, the number in it another's."""
    world.rows["own"] |= {
        level: rows for level, rows in world.rows[foreign].items() if level in SEEN[foreign]
    }
    pages = [p for p in NODES if "<int:pk>" in ROUTES[p] and p[1] in SEEN[foreign]]

    _compare(
        world,
        (("O", verb, _node_url(world, page, "own"), 404) for page in pages for verb in NODES[page]),
    )


def _elsewhere(page, verb, letter):
    for people, answer in EXCEPT.get((page, verb), {}).items():
        if letter in people:
            return answer
    return OTHERS[page][verb][letter in SIGNED_OUT]


def test_answer_elsewhere(world):
    _compare(
        world,
        (
            (letter, verb, _other_url(world, page), _elsewhere(page, verb, letter))
            for page in OTHERS
            for letter in (EVERYBODY if page.startswith("console:") else SOME)
            for verb in VERBS
        ),
    )


def _in_admin(page, verb, letter):
    if page == "admin:login" or letter in SIGNED_OUT:
        return 302
    return STAFF[page][verb]["fS".index(letter)] if letter in "fS" else 403


def test_answer_to_staff(world):
    _compare(
        world,
        (
            (letter, verb, _staff_url(world, page), _in_admin(page, verb, letter))
            for page in STAFF
            for letter in "OtxfS-"
            for verb in VERBS
        ),
    )


@pytest.mark.parametrize("verb", FOREIGN_VERBS)
def test_refuse_verbs_that_no_page_declares(world, verb):
    _compare(world, ((letter, verb, url, 405) for letter, url in _every_url(world)))


def test_head_answers_as_get_without_a_body(world):
    for letter, url in _every_url(world):
        get, head = (ask(world.clients[letter], verb, url) for verb in ("GET", "HEAD"))

        assert (head.status_code, head.body) == (get.status_code, b""), url


def test_reading_changes_nothing(world):
    for letter, url in _every_url(world):
        with CaptureQueriesContext(connection) as queries:
            ask(world.clients[letter], "GET", url)

        for query in queries:
            sql = query["sql"]
            if not sql.startswith(READS):
                assert any(table in sql for table in NOTED_BY_READING), (url, sql)


def test_refuse_every_form_without_its_token(world):
    for letter, url in _every_url(world):
        world.clients[letter].handler.enforce_csrf_checks = True

        response = ask(world.clients[letter], "POST", url)

        assert response.status_code == 403, url


@pytest.mark.parametrize(("letter", "relation"), [("t", "own"), ("g", "sibling"), ("O", "other")])
def test_hidden_looks_like_absent(world, letter, relation):
    for page in NODES:
        if page[1] in SEEN[relation] and (letter != "g" or page[1] is not Level.ORGANIZATION):
            urls = _node_url(world, page, relation), _node_url(world, page, "never")
            hidden, absent = (ask(world.clients[letter], "GET", url) for url in urls)

            assert hidden.status_code == absent.status_code, page
            assert _without_id(hidden) == _without_id(absent), page


def _without_id(response):
    return response.content.decode().replace(response["X-Request-ID"], "")


ODD = [
    "\x00",
    "a\x00b",
    "x" * 10_000,
    "\u202eab",
    "🏴" * 40,
    "'\"><script>alert(1)</script>",
    "../../etc/passwd",
    "\uff11\uff12",
    "-1",
    "99999999999999999999",
    "9223372036854775808",
    "1e309",
    "NaN",
    "%00",
    "{{ 7 }}",
    " ",
]
ODD_BYTES = ["%00", "%ED%A0%80", "%FF", "a%00b", "x" * 3_000, "%F0%9F%8F%B4", "%2e%2e", "-", "0"]
QUERY = ["q", "kind", "new", "slug", "organization", "workspace", "application", "environment",
         "next", "after", "page", "person", "action", "node", "since", "until", "origin", "level",
         "status", "role", "state", "o", "p", "e", "_popup", "_to_field"]  # fmt: skip


def _failures(client, requests):
    """Return the addresses of requests that were answered 500 or worse."""
    client.raise_request_exception = False
    return [
        (verb, url[:120], data and {key: str(value)[:40] for key, value in data.items()})
        for verb, url, data in requests
        if ask(client, verb, url, data).status_code >= 500
    ]


def test_odd_paths_are_refused(world):
    values = dict.fromkeys(["pk", "group", "form", "token", "level", "stem", "uidb36", "key"], "1")
    values |= dict.fromkeys(["object_id", "content_type_id", "app_label", "url"], "1")
    values |= world.places["own"][Level.APPLICATION]
    for letter in "OS-":
        assert not _failures(
            world.clients[letter],
            (
                ("GET", _fill(route, values | {name: odd}), None)
                for page, route in ROUTES.items()
                if letter != "S" or "admin" in page
                for name in re.findall(r"<(?:\w+:)?(\w+)>", route)
                for odd in ODD_BYTES
            ),
        )


def _one_of_each(world):
    """Yield as `_every_url` does, but each page of nodes at its lowest level only."""
    lowest = {name: (name, level) for name, level in NODES}
    yield from (("O", _node_url(world, page, "own")) for page in lowest.values())
    yield from list(_every_url(world))[len(NODES) :]


def test_odd_queries_are_refused(world):
    for letter, url in _one_of_each(world):
        for odd in ODD:
            data = dict.fromkeys(QUERY, odd)
            assert not _failures(world.clients[letter], [("GET", url, data)])


def test_odd_forms_are_refused(world):
    """Each page's own fields, one odd and the others as the page has them."""
    for letter, url in _one_of_each(world):
        fields = _fields(ask(world.clients[letter], "GET", url))
        assert not _failures(
            world.clients[letter],
            (("POST", url, fields | {name: odd}) for name in fields for odd in ODD[::3]),
        )


def _fields(response):
    """Return the values of the forms that the page was made with."""
    context = response.context or {}
    form = context.get("form") or getattr(context.get("adminform"), "form", None)
    if not hasattr(form, "fields"):
        return {}
    values = {form.add_prefix(name): form.get_initial_for_field(f, name)
              for name, f in form.fields.items()}  # fmt: skip
    return {name: value for name, value in values.items() if isinstance(value, str | int)} | {
        name: "" for name, value in values.items() if not isinstance(value, str | int)
    }
