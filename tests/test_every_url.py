"""The access matrix: every address × verb × person × relation, against a table made by hand."""

import re
from itertools import count, cycle, islice

import pytest
from django.urls import resolve

from hierarchy.roles import Level
from tests.support.addresses import (
    NODES,
    OTHERS,
    ROUTES,
    STAFF,
    VERBS,
    ask,
    ask_and_note,
    every_url,
    fill,
    node_url,
    opened,
    other_url,
    staff_url,
)
from tests.support.sampling import IS_THOROUGH, some
from tests.support.url_table import EVERYBODY, EXCEPT, NOWHERE, RESTING, SEEN, SIGNED_OUT

PARTS = 3 if IS_THOROUGH else 2  # so that those who test at the same time share the work
FOREIGN_VERBS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# Of a node and beneath it, whoever may more before who may less.
STRONGEST_FIRST = "OMwmgvda"
# A few stand for all where nobody's answer differs but by being signed in, or by being a stranger.
SOME = "Otx-"
OPENING = "OSt"  # as whom pages are opened, by this test and by others
STRANGERS = {"own": EVERYBODY, "sibling": "OMwgaoSx-", "other": "OoSg-"}
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

    def of(self, cases, how_many=1):
        if IS_THOROUGH or not cases:
            return [*cases]
        return [cases[next(self._numbers) % len(cases)] for _ in range(how_many)]


def _compare(world, cases):
    """Ask for all of (letter, verb, address, expected status); name those that differ.

    A page that has been opened as somebody is not asked for again as them.
    """
    wrong = []
    for letter, verb, url, expected in cases:
        client = world.clients[letter]
        is_opened = verb == "GET" and letter in OPENING
        answer = opened(client, url) if is_opened else ask(client, verb, url)
        if answer.status_code != expected:
            wrong.append(f"{verb} {url} by {letter}: {answer.status_code} instead of {expected}")
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
@pytest.mark.parametrize("relation", SEEN)
def test_answer_on_a_node(world, relation, part):
    pages = [page for page in NODES if page[1] in SEEN[relation]]
    turn = Turn()

    _compare(
        world,
        (
            (letter, verb, node_url(world, page, relation), _on_node(page, verb, letter, relation))
            for page in pages[part::PARTS]
            for verb in VERBS
            for letter in _asking(page, verb, relation, turn)
        ),
    )


def _asking(page, verb, relation, turn):
    """Return who asks for it: both sides of the line between who may and may not, others in turn.

    A verb that is not declared is refused before the view begins, whatever the node.
    """
    if verb not in NODES[page]:
        return turn.of(SOME) if IS_THOROUGH or relation == "own" else []
    seeing = SEEN[relation][page[1]]
    strangers = [letter for letter in STRANGERS[relation] if letter not in seeing]
    line = _at_the_line(page, verb, seeing)
    if IS_THOROUGH:
        return [*seeing, *strangers]
    if relation == "own":
        others = [letter for letter in [*seeing, *strangers] if letter not in line]
        return [*line, *RESTING.get(page, ""), *turn.of(others)]
    if relation == "sibling":
        return [*turn.of(line), *turn.of(strangers)]
    return ["O", *turn.of("oSg-")]


def _at_the_line(page, verb, seeing):
    """Return the weakest who may, and the strongest who sees the node and may not."""
    who = NODES[page][verb][2]
    by_strength = [letter for letter in STRONGEST_FIRST if letter in seeing]
    may = [letter for letter in by_strength if letter in who]
    may_not = [letter for letter in by_strength if letter not in who]
    return [*may[-1:], *may_not[:1]]


@pytest.mark.parametrize("part", range(PARTS))
def test_answer_where_no_node_is(world, part):
    """One look-up answers for all of them: a page is asked for at one such place in turn."""
    places = Turn()
    people = Turn()

    _compare(
        world,
        (
            (letter, verb, node_url(world, page, relation), _on_node(page, verb, letter, relation))
            for page in list(NODES)[part::PARTS]
            for verb in (VERBS if IS_THOROUGH else NODES[page])
            for relation in places.of([p for p in NOWHERE if page[1] in world.places[p]])
            for letter in people.of(STRANGERS["other"])
        ),
    )


@pytest.mark.parametrize(("letter", "relation"), [("v", "own"), ("g", "sibling"), ("O", "other")])
def test_a_refusal_leaves_one_event_and_what_is_hidden_none(world, letter, relation):
    """Of an attempt to change something, and nothing else than that; of reading none at all."""
    pages = [page for page in NODES if page[1] in SEEN[relation]]
    asked = [(page, verb) for page in pages for verb in NODES[page]]
    telling = [case for case in asked if (relation, case[1]) == ("own", "POST")]
    silent = [case for case in asked if case not in telling]
    for page, verb in [*telling, *some(silent, one_in=5)]:
        url = node_url(world, page, relation)
        answer = ask_and_note(world.clients[letter], verb, url)
        if answer.status_code in (403, 404):
            noted = [sql for sql in answer.written if sql.startswith(NOTED)]
            others = [sql for sql in answer.written if sql not in noted]
            is_told = (verb, answer.status_code) == ("POST", 403)
            assert sum(sql.startswith(EVENT) for sql in noted) == is_told, (verb, url)
            assert is_told or not noted, (verb, url)
            assert all(any(name in sql for name in NOTED_BY_READING) for sql in others), url


def test_hide_the_rows_of_another_node(world):
    """The address is one's own, the number in it another's: of a sibling or further, in turn."""
    asked = [(page, verb) for page in NODES if "<int:pk>" in ROUTES[page] for verb in NODES[page]]
    places = Turn()

    _compare(
        world,
        (
            ("O", verb, node_url(world, page, "own", rows=foreign), 404)
            for page, verb in asked
            for foreign in places.of([p for p in ("sibling", "other") if page[1] in SEEN[p]])
        ),
    )


def _elsewhere(page, verb, letter):
    for people, answer in EXCEPT.get((page, verb), {}).items():
        if letter in people:
            return answer
    return OTHERS[page][verb][letter in SIGNED_OUT]


def _asking_elsewhere(page, verb, turn):
    if page.startswith("console:"):
        return [*"".join(EXCEPT.get((page, verb), {})), "-", *turn.of(EVERYBODY, 2)]
    return ["-", *turn.of(SOME)]


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
    """Whoever is no staff is sent away before any page, at whatever they ask for first."""
    strangers = Turn()
    verbs = Turn()

    _compare(
        world,
        (
            (letter, verb, staff_url(world, page), _in_admin(page, verb, letter))
            for page in list(STAFF)[part::PARTS]
            for chosen in [verbs.of(VERBS)]
            for verb in VERBS
            for letter in ["f", "S", *(strangers.of(SOME) if verb in chosen else [])]
        ),
    )


@pytest.mark.parametrize("verb", FOREIGN_VERBS)
def test_refuse_verbs_that_no_page_declares(world, verb):
    """Each verb at one address in five, and the next verb at the next one; or all at all."""
    addresses = list(every_url(world))
    chosen = addresses if IS_THOROUGH else addresses[FOREIGN_VERBS.index(verb) :: 5]

    _compare(world, ((letter, verb, url, 405) for letter, url in chosen))


def test_reading_changes_nothing(world):
    for letter, url in every_url(world):
        _assert_nothing_is_changed(url, opened(world.clients[letter], url))


def test_head_answers_as_get_without_a_body_and_changes_nothing(world):
    for letter, url in some(every_url(world), one_in=5):
        head = ask_and_note(world.clients[letter], "HEAD", url)

        assert head.status_code == opened(world.clients[letter], url).status_code, url
        assert head.body == b"", url
        _assert_nothing_is_changed(url, head)


def _assert_nothing_is_changed(url, answer):
    for sql in answer.written:
        if not _tells_of_a_file(url, sql):
            assert any(table in sql for table in NOTED_BY_READING), (url, sql)


def _tells_of_a_file(url, sql):
    return url.endswith(TAKEN_AWAY) and sql.startswith(NOTED)


def test_no_view_is_exempt_from_the_token_of_forms(world):
    views = {url: resolve(url.partition("?")[0]).func for _letter, url in every_url(world)}

    assert [url for url, view in views.items() if getattr(view, "csrf_exempt", False)] == []


def test_refuse_forms_without_their_token(world):
    for letter, url in some(every_url(world), one_in=5):
        world.clients[letter].handler.enforce_csrf_checks = True

        response = ask(world.clients[letter], "POST", url)

        assert response.status_code == 403, url


def test_hidden_looks_like_absent(world):
    hidden_from = Turn()
    for page in NODES:
        for letter, relation in hidden_from.of(_hidden_from(page)):
            urls = node_url(world, page, relation), node_url(world, page, "never")
            hidden, absent = (ask(world.clients[letter], "GET", url) for url in urls)

            assert hidden.status_code == absent.status_code, page
            assert _without_id(hidden) == _without_id(absent), page


def _hidden_from(page):
    """Return who sees nothing of which node: of the own one, of one beside it, of another tree."""
    beside = [] if page[1] is Level.ORGANIZATION else [("g", "sibling")]
    return [("t", "own"), *beside, ("O", "other")]


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
    # Who isn't let in anywhere else, whatever the address says.
    pages = {"O": {*NODES, *OTHERS}, "S": {*STAFF}, "-": {*OTHERS}}
    for letter, let_in in pages.items():
        assert not _failures(
            world.clients[letter],
            (
                ("GET", fill(route, values | {name: odd}), None)
                for page, route in ROUTES.items()
                if page in let_in or IS_THOROUGH
                for name in re.findall(r"<(?:\w+:)?(\w+)>", route)
                for odd in islice(odd_bytes, AT_ONCE)
            ),
        )
