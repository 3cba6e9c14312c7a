"""Nonsense in every field and in every address is answered with a sentence, never by an error."""

import os
from itertools import cycle, islice

import pytest

from tests.support.addresses import ask, forms_of, pages_with_forms

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
LONE_SURROGATE = "%ED%A0%80"
# In turn, so that the next field gets the next few; all of them in each field take ten minutes.
IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
AT_ONCE = len(NONSENSE) if IS_THOROUGH else 1
IN_ALL_FIELDS = len(NONSENSE) if IS_THOROUGH else 4
PARTS = 4  # so that those who test at the same time share the work
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


def test_no_field_of_a_form_breaks_the_server(pages):
    broken, nonsense = [], cycle(NONSENSE)
    for client, url, fields in forms_of(pages):
        usual = {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
        bodies = [dict.fromkeys(fields, text) for text in islice(nonsense, IN_ALL_FIELDS)] + [{}]
        bodies += [usual | {name: text} for name in fields for text in islice(nonsense, AT_ONCE)]
        twice = {name: [text, text] for name, text in zip(fields, nonsense, strict=False)}
        bodies += [usual | {name: twice[name]} for name in twice] if IS_THOROUGH else [twice]
        for body in bodies:
            status = ask(client, "POST", url, body).status_code
            if status >= 500:
                broken.append(f"{status} {url}: {str(body)[:300]}")

    assert not broken, "\n".join(broken)


def test_no_parameter_of_an_address_breaks_the_server(pages):
    broken, nonsense = [], cycle(NONSENSE)
    for client, url in pages:
        for text in islice(nonsense, AT_ONCE):
            status = ask(client, "GET", url, dict.fromkeys(PARAMETERS.split(), text)).status_code
            if status >= 500:
                broken.append(f"{status} {url}: {text[:60]!r}")
        raw = "&".join(f"{name}={LONE_SURROGATE}" for name in PARAMETERS.split())
        status = ask(client, "GET", f"{url}?{raw}").status_code
        if status >= 500:
            broken.append(f"{status} {url}: a lone surrogate")

    assert not broken, "\n".join(broken)
