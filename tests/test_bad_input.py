"""Nonsense in every field and in every address is answered with a sentence, never by an error."""

from itertools import cycle, product
from urllib.parse import urlencode

import pytest

from tests.support.addresses import ask, forms_of, pages_with_forms
from tests.support.sampling import IS_THOROUGH, some

NONSENSE = [
    "\x00",
    "9" * 5000,
    "[" * 20_000,
    "-1",
    "1e309",
    "2026-99-99T99:99",
    "0001-01-01",
    "9999-12-31",
    "",
    "x" * 20_000,
    "\N{RIGHT-TO-LEFT OVERRIDE}\N{COMBINING ACUTE ACCENT}\N{EGYPTIAN HIEROGLYPH A001}",
    "a@example.com\r\nBcc: b@example.com",
    "' OR 1=1; --",
    "'\"><script>alert(1)</script>{{ 7 }}",
    "NaN",
    '{"$ne": [[], {}]}',
    "../../etc/passwd",
    "//example.com\\@example.com",
]
ONE_IN = 40
LONE_SURROGATE = "%ED%A0%80"
PARTS = 4 if IS_THOROUGH else 2  # so that those who test at the same time share the work
# What addresses of lists, searches and forms carry.
PARAMETERS = (
    "q after before next state status role person user email node action level page o p e from to"
    " permission to_place organization workspace application selected membership since until show"
    " kind test invited asked blocked beneath slug new domains invitations environment origin"
    " resting _popup _to_field"
)


@pytest.fixture(params=range(PARTS))
def pages(request, world):
    """The pages of this part."""
    return pages_with_forms(world)[request.param :: PARTS]


def _bodies(fields):
    """Yield what is sent in a form's place: nothing, nonsense in all fields, in each, twice."""
    usual = {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
    yield {}
    for text in NONSENSE:
        yield dict.fromkeys(fields, text)
    for name, text in product(fields, NONSENSE):
        yield usual | {name: text}
    for name, text in zip(fields, cycle(NONSENSE), strict=False):
        yield usual | {name: [text, text]}


def test_no_field_of_a_form_breaks_the_server(pages):
    broken = []
    requests = (
        (client, url, body) for client, url, fields in forms_of(pages) for body in _bodies(fields)
    )
    for client, url, body in some(requests, one_in=ONE_IN):
        status = ask(client, "POST", url, body).status_code
        if status >= 500:
            broken.append(f"{status} {url}: {str(body)[:300]}")

    assert not broken, "\n".join(broken)


def test_no_parameter_of_an_address_breaks_the_server(pages):
    broken = []
    queries = [urlencode(dict.fromkeys(PARAMETERS.split(), text)) for text in NONSENSE]
    queries.append("&".join(f"{name}={LONE_SURROGATE}" for name in PARAMETERS.split()))
    for (client, url), query in some(product(pages, queries), one_in=ONE_IN):
        status = ask(client, "GET", f"{url}?{query}").status_code
        if status >= 500:
            broken.append(f"{status} {url}: {query[:60]}")

    assert not broken, "\n".join(broken)
