"""Every address of the product: its row in the table, its route, and how it is asked."""

import re
from copy import deepcopy
from html.parser import HTMLParser
from types import SimpleNamespace

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection, reset_queries, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver

from hierarchy.models import AuditEvent
from hierarchy.roles import Level
from tests.support import url_world
from tests.support.url_table import NODE_PAGES, OTHER_PAGES, STAFF_PAGES

VERBS = ("GET", "POST")
READS = ("SELECT", "(SELECT", "DECLARE", "FETCH", "CLOSE", "SAVEPOINT", "RELEASE", "ROLLBACK")
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


def fill(route, values):
    """Return the address that the route makes of the values, by parameter."""
    route = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)\$?", r"<\1>", route).replace("^", "").replace("$", "")
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), route)


def node_url(world, page, relation, *, rows=""):
    """Return the address of a page about the node; `rows` says of which one its row is."""
    name, level = page
    at = rows or (relation if relation in world.rows else "own")
    noun = next((n for n in world.rows[at][level] if n in name), None)
    values = {"pk": world.rows[at][level].get(noun), "group": "privacy", "form": "csv"}
    return fill(ROUTES[page], values | world.places[relation][level])


def other_url(world, page):
    values = {
        "token": url_world.TOKEN,
        "level": "workspace",
        "pk": world.nodes["deleted"][Level.WORKSPACE].pk if "restore" in page else world.offer.pk,
        "stem": "none",
        "uidb36": "1",
        "key": "set-password",
    }
    return fill(ROUTES[page], values)


def staff_url(world, page):
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
    return fill(ROUTES[page], values | {"app_label": "hierarchy", "url": "nothing/"})


def every_url(world):
    """Yield (letter of somebody who may open it, address) for each pattern, once."""
    for page in NODES:
        yield "O", node_url(world, page, "own")
    for page in OTHERS:
        yield "t", other_url(world, page)
    for page in STAFF:
        yield "S", staff_url(world, page)


# --- Asking -------------------------------------------------------------------------------------


def ask(client, verb, url, data=None, **more):
    """Return the answer, the effects of the request undone."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        if verb == "POST" and data is None and url.startswith("/admin/"):
            data = {"why": "Asked for by phone"}  # what every button of the admin asks for
        response = getattr(client, verb.lower())(url, data or {}, **more)
        response.body = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    client.cookies = cookies
    assert HEADERS - set(response.headers) == set(), url
    return response


def ask_and_note(client, verb, url):
    """Return the answer, with the statements as `written` that did more than read."""
    reset_queries()  # or the log would be full, and nothing more be captured
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, verb, url)
    statements = [query["sql"] for query in queries]
    answer.written = [sql for sql in statements if not sql.startswith(READS)]
    return answer


_opened = {}


def opened(client, url, *, of="world"):
    """Return the page as it stands: it is asked for once by this process, as long as rows last.

    `of` is the name of what has been planted.
    """
    session = client.cookies.get(settings.SESSION_COOKIE_NAME)
    key = (of, session and session.value, url)
    if key not in _opened:
        answer = ask_and_note(client, "GET", url)
        kept = ("status_code", "headers", "body", "written")
        _opened[key] = SimpleNamespace(**{name: getattr(answer, name) for name in kept})
    return _opened[key]


class _Forms(HTMLParser):
    """Collects of each form that sends something where to, and its fields with their values."""

    def __init__(self, body):
        super().__init__()
        self.forms = []
        self._fields = None
        self.feed(body.decode())

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._fields = {}
            if attributes.get("method", "").lower() == "post":
                self.forms.append((attributes.get("action", ""), self._fields))
        elif self._fields is not None and "name" in attributes:
            values = self._fields.setdefault(attributes["name"], [])
            values.append(attributes.get("value", ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self._fields = None


def pages_with_forms(world):
    """Return (somebody's browser, address) for each page, of an owner or of staff.

    An error of the server is an answer to these browsers, and not raised.
    """
    for client in world.clients.values():
        client.raise_request_exception = False
    of_owner = [node_url(world, page, "own") for page in NODES]
    of_owner += [other_url(world, page) for page in OTHERS]
    of_staff = [staff_url(world, page) for page in STAFF]
    owner = world.clients["O"]
    staff = world.clients["S"]
    return [(owner, url) for url in of_owner] + [(staff, url) for url in of_staff]


def forms_of(pages):
    """Yield (browser, where to, {field: values}) for each form that the pages send, once."""
    seen = set()
    for client, page in pages:
        answer = opened(client, page)
        is_page = "text/html" in answer.headers.get("Content-Type", "")
        for action, fields in _Forms(answer.body).forms if is_page else []:
            form = (client, action or page, tuple(fields))
            if form not in seen:
                seen.add(form)
                yield client, action or page, fields
