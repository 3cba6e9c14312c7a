"""At and beyond both ends of what its column holds, each field is answered, never by an error."""

import pytest

from tests.support.addresses import ask, forms_of, pages_with_forms
from tests.support.sampling import IS_THOROUGH, some

PARTS = 4 if IS_THOROUGH else 2  # so that those who test at the same time share the work
ONE_IN = 40

NUMBERS = [
    *("-9223372036854775809", "-2147483649", "-32769", "-1", "0", "1", "32767", "32768", "65535"),
    *("65536", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808"),
    *("1e400", "1_000", "0x10", "1.5", "²"),
]
INSTANTS = [
    *("0001-01-01T00:00", "1000-01-01T00:00", "1969-12-31T23:59", "2038-01-19T03:14:08"),
    *("9999-12-31T00:00", "9999-12-31T23:59:59.999999", "10000-01-01T00:00"),
    *("2027-02-29T12:00", "2027-01-01T24:00"),
]
LABEL = "a" * 63
LONGEST_HOST, TOO_LONG_A_HOST = (f"{LABEL}.{LABEL}.{LABEL}.{'a' * n}.com" for n in (57, 58))
LONG_WHEN_ENCODED = ".".join(["ü" * 30] * 8 + ["com"])
HOSTS = [
    *(LONGEST_HOST, TOO_LONG_A_HOST, LONG_WHEN_ENCODED, f"{LABEL}a.com", f"{'ü' * 60}.com"),
    *("256.256.256.256", "0.0.0.0", "[::]:0", ":80", "example.com:٣"),
    *(f"example.com:{port}" for port in ("", "0", "1", "65535", "65536", "9" * 20, "-1")),
]
EMAILS = [
    *("a@b", "ü@example.com", f"{'a' * 65}@example.com", f"a@{LONG_WHEN_ENCODED}"),
    *(f"{'a' * 64}@{LABEL}.{LABEL}.{'a' * n}.com" for n in (57, 58)),
]
SITES = [
    *("https://example.com:0", "https://example.com:65536", "https://[::1", "https://[::1]:99999"),
    *(f"https://example.com/{'a' * n}" for n in (180, 181)),
    f"https://{LONG_WHEN_ENCODED}/{'ü' * 100}",
]
TEXTS = [
    character * length
    for length in (1, 60, 61, 150, 151, 200, 201, 500, 501)
    for character in ("a", "ﬃ", "\N{EGYPTIAN HIEROGLYPH A001}")
]
# What fills the fields that are empty, so that a form is refused for nothing but the edge.
VALID = {
    "name": "Something new",
    "slug": "something-new",
    "kind": "business",
    "origin": "app.example.org",
    "domain": "example.org",
    "email": "new@example.com",
    "place": "globex",
    "addresses": "new@example.com",
    "role": "viewer",
    "environment": "staging",
    "environments": "staging",
    "platform": "web",
}
UNTICKED = ("include_subdomains", "allow_insecure", "remove_logo", "DELETE")
OF_NUMBERS = ("days", "organization", "workspace", "application", "user", "row", "member")


def _edges(name, value):
    if name.endswith("_at"):
        return INSTANTS
    if name in ("origin", "domain"):
        return HOSTS
    if name in ("email", "addresses"):
        return EMAILS
    if name == "website":
        return SITES
    if name in OF_NUMBERS or value.isdigit():
        return NUMBERS
    return TEXTS


def _usual(fields):
    """Return what the form sends when everything in it is fine."""
    values = {}
    for field, (value, *_more) in fields.items():
        name = _name(field)
        if name not in UNTICKED:
            values[field] = "own" if name.endswith("_source") else value or VALID.get(name, "")
    return values


def _name(field):
    """Return the name without the prefix of its form."""
    return field.rpartition("-")[2]


@pytest.fixture(params=range(PARTS))
def pages(request, world):
    return pages_with_forms(world)[request.param :: PARTS]


def test_no_field_breaks_the_server_at_its_edges(pages):
    broken = []
    requests = (
        (client, url, _usual(fields), field, text)
        for client, url, fields in forms_of(pages)
        for field in _usual(fields)
        for text in _edges(_name(field), fields[field][0])
    )
    for client, url, usual, field, text in some(requests, one_in=ONE_IN):
        status = ask(client, "POST", url, usual | {field: text}).status_code
        if status >= 500:
            broken.append(f"{status} {url}: {field}={text[:80]!r}")

    assert not broken, "\n".join(broken)
