"""The access matrix: every address × verb × person × relation, against a table made by hand."""

import re
from itertools import count, cycle, islice

import pytest
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from hierarchy.roles import Level
from tests.support.addresses import (
    NODES,
    OTHERS,
    ROUTES,
    STAFF,
    VERBS,
    ask,
    every_url,
    fill,
    node_url,
    opened,
    other_url,
    staff_url,
)
from tests.support.sampling import IS_THOROUGH
from tests.support.url_table import EVERYBODY, EXCEPT, NOWHERE, RESTING, SEEN, SIGNED_OUT

PARTS = 3  # so that those who test at the same time share the work
FOREIGN_VERBS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# A few stand for all where nobody's answer differs but by being signed in, or by being a stranger.
SOME = "Otx-"
STRANGERS = "OMwgaoSx-"
READS = ("SELECT", "(SELECT", "DECLARE", "FETCH", "CLOSE", "SAVEPOINT", "RELEASE", "ROLLBACK")
# What a GET may write: that somebody was here.
NOTED_BY_READING = ("django_session", "usersessions_usersession", '"cache"')
# The event of an attempt that was refused, or of a file that was taken away: its number, itself,
# and who is named by it.
NOTED = (
    EVENT := 'INSERT INTO "hierarchy_auditevent"',
    'INSERT INTO "hierarchy_identity"',
    'INSERT INTO "hierarchy_whereabouts"',
    "UPDATE hierarchy_organization SET events = events + ",
)
TAKEN_AWAY = ("export.csv", "export.jsonl", "evidence.csv", "evidence.jsonl")


class Turn:
    """Lets people ask in turn, where nobody is answered otherwise; all of them when thorough."""

    def __init__(self):
        self._numbers = count()

    def of(self, letters, how_many):
        if IS_THOROUGH or not letters:
            return letters
        return "".join(letters[next(self._numbers) % len(letters)] for _ in range(how_many))


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


def test_no_page_has_a_control_that_rewrites_addresses(world):
    """Browsers change the domain in one of type "email" while it is typed."""
    found = [
        url
        for letter, url in every_url(world)
        if b'type="email"' in opened(world.clients[letter], url).body
    ]

    assert found == []


def _on_node(page, verb, letter, relation):
    level = page[1]
    if letter in SIGNED_OUT:
        return 302
    if verb not in NODES[page]:
        return 405
    if relation == "own" and letter in RESTING.get(page, ""):
        return NODES[page][verb][0]
    if relation in NOWHERE or letter not in SEEN[relation][level]:
        return 404
    answer, otherwise, who = NODES[page][verb]
    role = "O" if relation == "other" else letter
    return answer if role in who else otherwise


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("relation", [*SEEN, *NOWHERE])
def test_answer_on_a_node(world, relation, part):
    pages = [page for page in NODES if page[1] in SEEN.get(relation, world.places[relation])]
    turn = Turn()

    _compare(
        world,
        (
            (letter, verb, url, _on_node(page, verb, letter, relation))
            for page in pages[part::PARTS]
            for url in [node_url(world, page, relation)]
            for verb in VERBS
            for letter in _asking(page, verb, relation, turn)
        ),
    )


def _asking(page, verb, relation, turn):
    """Return who asks for it: whoever sees the node, and others in turn, who see nothing of it."""
    if verb not in NODES[page]:
        return turn.of(SOME, 2)
    people = {"own": EVERYBODY, "sibling": STRANGERS}.get(relation, "OoSg-")
    who = SEEN.get(relation, {}).get(page[1], "") + RESTING.get(page, "")
    seeing = "".join(letter for letter in people if letter in who)
    return seeing + turn.of("".join(letter for letter in people if letter not in who), 2)


@pytest.mark.parametrize(("letter", "relation"), [("v", "own"), ("g", "sibling"), ("O", "other")])
def test_a_refusal_leaves_one_event_and_what_is_hidden_none(world, letter, relation):
    """Of an attempt to change something, and nothing else than that; of reading none at all."""
    pages = [page for page in NODES if page[1] in SEEN[relation]]
    asked = [(page, verb) for page in pages for verb in NODES[page]]
    for page, verb in asked:
        url = node_url(world, page, relation)
        reset_queries()  # or the log would be full, and nothing more be captured
        with CaptureQueriesContext(connection) as queries:
            status = ask(world.clients[letter], verb, url).status_code
        if status in (403, 404):
            written = [q["sql"] for q in queries if not q["sql"].startswith(READS)]
            noted = [sql for sql in written if sql.startswith(NOTED)]
            others = [sql for sql in written if sql not in noted]
            is_told = (verb, status) == ("POST", 403)
            assert sum(sql.startswith(EVENT) for sql in noted) == is_told, (verb, url)
            assert is_told or not noted, (verb, url)
            assert all(any(name in sql for name in NOTED_BY_READING) for sql in others), url


@pytest.mark.parametrize("foreign", ["sibling", "other"])
def test_hide_the_rows_of_another_node(world, foreign):
    """The address is one's own, the number in it another's."""
    world.rows["own"] |= {
        level: rows for level, rows in world.rows[foreign].items() if level in SEEN[foreign]
    }
    pages = [p for p in NODES if "<int:pk>" in ROUTES[p] and p[1] in SEEN[foreign]]

    _compare(
        world,
        (("O", verb, node_url(world, page, "own"), 404) for page in pages for verb in NODES[page]),
    )


def _elsewhere(page, verb, letter):
    for people, answer in EXCEPT.get((page, verb), {}).items():
        if letter in people:
            return answer
    return OTHERS[page][verb][letter in SIGNED_OUT]


def _asking_elsewhere(page, verb, turn):
    others = "".join(EXCEPT.get((page, verb), {}))
    return others + turn.of(EVERYBODY, 4) if page.startswith("console:") else SOME


def test_answer_elsewhere(world):
    turn = Turn()

    _compare(
        world,
        (
            (letter, verb, other_url(world, page), _elsewhere(page, verb, letter))
            for page in OTHERS
            for verb in VERBS
            for letter in _asking_elsewhere(page, verb, turn)
        ),
    )


def _in_admin(page, verb, letter):
    if page == "admin:login" or letter in SIGNED_OUT:
        return 302
    return STAFF[page][verb]["fS".index(letter)] if letter in "fS" else 403


@pytest.mark.parametrize("part", range(PARTS))
def test_answer_to_staff(world, part):
    turn = Turn()

    _compare(
        world,
        (
            (letter, verb, staff_url(world, page), _in_admin(page, verb, letter))
            for page in list(STAFF)[part::PARTS]
            for verb in VERBS
            for letter in "fS" + turn.of("Otx-", 1)
        ),
    )


@pytest.mark.parametrize("verb", FOREIGN_VERBS)
def test_refuse_verbs_that_no_page_declares(world, verb):
    """Each verb at one address in five, and the next verb at the next one; or all at all."""
    addresses = list(every_url(world))
    chosen = addresses if IS_THOROUGH else addresses[FOREIGN_VERBS.index(verb) :: 5]

    _compare(world, ((letter, verb, url, 405) for letter, url in chosen))


def test_reading_changes_nothing_and_head_answers_as_get_without_a_body(world):
    for letter, url in every_url(world):
        reset_queries()  # or the log would be full, and nothing more be captured
        with CaptureQueriesContext(connection) as queries:
            get, head = (ask(world.clients[letter], verb, url) for verb in ("GET", "HEAD"))

        assert (head.status_code, head.body) == (get.status_code, b""), url
        for query in queries:
            sql = query["sql"]
            if not sql.startswith(READS) and not _tells_of_a_file(url, sql):
                assert any(table in sql for table in NOTED_BY_READING), (url, sql)


def _tells_of_a_file(url, sql):
    return url.endswith(TAKEN_AWAY) and sql.startswith(NOTED)


def test_refuse_every_form_without_its_token(world):
    for letter, url in every_url(world):
        world.clients[letter].handler.enforce_csrf_checks = True

        response = ask(world.clients[letter], "POST", url)

        assert response.status_code == 403, url


@pytest.mark.parametrize(("letter", "relation"), [("t", "own"), ("g", "sibling"), ("O", "other")])
def test_hidden_looks_like_absent(world, letter, relation):
    for page in NODES:
        if page[1] in SEEN[relation] and (letter != "g" or page[1] is not Level.ORGANIZATION):
            urls = node_url(world, page, relation), node_url(world, page, "never")
            hidden, absent = (ask(world.clients[letter], "GET", url) for url in urls)

            assert hidden.status_code == absent.status_code, page
            assert _without_id(hidden) == _without_id(absent), page


def _without_id(response):
    return response.content.decode().replace(response["X-Request-ID"], "")


# In turn, so that the next place of an address gets the next few.
AT_ONCE = 9 if IS_THOROUGH else 1
ODD_BYTES = ["%00", "%ED%A0%80", "%FF", "a%00b", "x" * 3_000, "%F0%9F%8F%B4", "%2e%2e", "-", "0"]


def _failures(client, requests):
    """Return the addresses of requests that were answered 500 or worse."""
    client.raise_request_exception = False
    return [
        (verb, url[:120], data and {key: str(value)[:40] for key, value in data.items()})
        for verb, url, data in requests
        if ask(client, verb, url, data).status_code >= 500
    ]


def test_odd_paths_are_refused(world):
    odd_bytes = cycle(ODD_BYTES)
    values = dict.fromkeys(["pk", "group", "form", "token", "level", "stem", "uidb36", "key"], "1")
    values |= dict.fromkeys(["object_id", "content_type_id", "app_label", "url"], "1")
    values |= world.places["own"][Level.APPLICATION]
    for letter in "OS-":
        assert not _failures(
            world.clients[letter],
            (
                ("GET", fill(route, values | {name: odd}), None)
                for page, route in ROUTES.items()
                if letter != "S" or "admin" in page
                for name in re.findall(r"<(?:\w+:)?(\w+)>", route)
                for odd in islice(odd_bytes, AT_ONCE)
            ),
        )
