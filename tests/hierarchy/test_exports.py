"""Files that are taken away: no spreadsheet finds a formula in them, whatever its locale."""

import ast
import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from hierarchy.console.navigation import node_url
from hierarchy.exports import BYTE_ORDER_MARK, FORMATS, as_written, harmless
from hierarchy.joining.forms.addresses import read_file
from hierarchy.roles import Role
from tests.factories import MembershipFactory, UserFactory
from tests.support.acting import access_reviews, nodes
from tests.support.addresses import ROUTES

ROOT = Path(__file__).resolve().parents[2]
SIGNS = [*"=+-@", *"＝＋－＠", "﹢", "﹣", "﹦", "﹫", "⁺", "⁼", "−"]  # noqa: RUF001
HIDING = [
    "",
    " ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u2800",
    '"',
    ' "\u200e',
]
STARTS = ["", "x;", "x\t", "x\n", "x\r", "x\u2028", "x;\n\t"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("start", STARTS)
def test_mark_what_would_begin_a_formula(start, sign):
    for hiding in HIDING:
        text = f"{start}{hiding}{sign}1+1"

        assert harmless(text) == f"{start}'{hiding}{sign}1+1"
        assert as_written(harmless(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "Acme", "a=b", "a - b", "a, -b", "anna@example.com", "2026-11-30T12:00:00+00:00", "(-1)"],
)
def test_leave_other_text_as_it_is(text):
    assert harmless(text) == text


@given(st.text(alphabet=st.sampled_from([*SIGNS, *HIDING[1:-1], *';\t\n\r"', "a", "'", ","])))
def test_be_harmless_however_a_spreadsheet_parts_a_line(text):
    line = next(iter(csv_lines([{"name": text}])))

    for cell in cells_however_parted(line):
        assert not begins_formula(cell), cell


def cells_however_parted(text):
    """Yield each cell that a spreadsheet may see: by any separator, and with quotes or without."""
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield from row
    for delimiter in ";\t":
        yield from re.split(rf"[{delimiter}\r\n]", text)


def begins_formula(cell):
    return cell.lstrip("".join(HIDING) + "\t\r\n").startswith(tuple(SIGNS))


def csv_lines(rows):
    _header, *lines = FORMATS["csv"].write(["name"], rows)
    return lines


def test_keep_numbers_and_json_what_they_are():
    rows = [{"n": -5, "changes": {"name": ["=1", None], "n": [0, -2]}, "none": None, "zero": 0}]

    (row,) = csv.reader(csv_lines(rows))

    assert row == ["-5", """{"name": ["'=1", null], "n": [0, -2]}""", "", "0"]


def test_read_again_what_we_have_written():
    rows = [
        {"email": "+tag@example.com", "role": "viewer"},
        {"email": "anna@example.com", "role": "-"},
    ]

    text = "".join(FORMATS["csv"].write(["email", "role"], rows))

    assert text.startswith(BYTE_ORDER_MARK)
    assert "'+tag@example.com" in text
    assert read_file(text) == [(row["email"], row["role"]) for row in rows]


# --- Every file that the product writes ----------------------------------------------------------


def test_write_csv_in_one_place():
    """And what was finished before in its own, as it was."""
    writers = {
        str(path.relative_to(ROOT))
        for folder in ("accounts", "config", "hierarchy")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter")
    }

    assert writers == {"hierarchy/exports.py", "hierarchy/review_files.py"}


def test_every_file_is_harmless_and_read_with_its_accents(client, tree, owner):
    formula = UserFactory(first_name="\u200b=HYPERLINK(1)", last_name="É;＝1")  # noqa: RUF001
    MembershipFactory(node=tree.acme, user=formula, role=Role.MANAGER)
    nodes.edit(tree.acme, by=formula, name="é;-1")
    review = access_reviews.start(tree.acme, due_at=timezone.now() + timedelta(days=9), by=owner)
    access_reviews.finish(review, by=owner)
    client.force_login(owner)
    addresses = {
        "console:audit-event-export": node_url(tree.acme, "audit-event-export", form="csv"),
        "console:access-review-evidence": node_url(
            tree.acme, "access-review-evidence", pk=review.pk, form="csv"
        ),
    }
    files = {page[0] for page in ROUTES if "<slug:form>" in ROUTES[page]}

    assert files == {*addresses, "console:access-review-checksum"}
    for url in addresses.values():
        body = b"".join(client.get(url).streaming_content).decode()
        assert body[0] == BYTE_ORDER_MARK, url
        assert "É" in body
        assert not [cell for cell in cells_however_parted(body) if begins_formula(cell)], url
