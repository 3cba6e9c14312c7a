"""Whatever a page for developers or operators names is there."""

import re

import pytest

from tests.support.storeys import ROOT

WRITTEN = ("*.md", "docs/**/*.md", "findings/*.md", "tests/**/*.md")
PAGES = sorted(page for pattern in WRITTEN for page in ROOT.glob(pattern))
FOLDERS = "accounts|config|docs|findings|hierarchy|requirements|static|templates|tests"
FILE = re.compile(rf"`((?:{FOLDERS})/[\w./-]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
QUOTED = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)


def _name(page):
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_name_only_files_that_are_there(page):
    named = set(FILE.findall(page.read_text()))

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_link_only_to_what_is_there(page):
    links = set(LINK.findall(page.read_text()))

    assert [link for link in sorted(links) if not (page.parent / link).exists()] == []


def test_quote_code_as_it_stands():
    quotes = QUOTED.findall((ROOT / "CONTRIBUTING.md").read_text())

    assert quotes
    for file, code in quotes:
        assert code in (ROOT / file).read_text(), file


def test_every_decision_is_in_the_index():
    folder = ROOT / "docs" / "decisions"
    index = LINK.findall((folder / "README.md").read_text())

    assert sorted(index) == sorted({each.name for each in folder.glob("*.md")} - {"README.md"})


def test_say_each_claim_once():
    """Two branches that change the same row of a table leave both, and nobody sees it."""
    lines = (ROOT / "docs" / "proof.md").read_text().splitlines()
    claims = [line.split("|")[1].partition(":")[0] for line in lines if line.startswith("| ")]
    claims = [claim for claim in claims if "---" not in claim]

    assert sorted(claims) == sorted(set(claims))
