"""Docstrings of the product begin with a noun or a verb, and are plain, idiomatic English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("accounts", "config", "hierarchy")
DEFINITIONS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

QUESTION: Final = re.compile(
    r"(What|Who|Whom|Whose|Which|How|Why|Whether|When|Where|From where|To whom|As what)\b"
)
# Each has an example that must be found, and what to write in its place.
WORDS: Final = {
    r"\bwhoever\b": ("For whoever may see it.", "people who, the person who"),
    r"\bsomebody\b": ("Let somebody ask again.", "someone, or their role"),
    r"\banybody\b": ("Where anybody can write.", "anyone"),
    r"\beverybody\b": ("Take it from everybody.", "everyone"),
    r"\banew\b": ("Read them anew.", "again"),
    r"\bmeanwhile\b": ("It has ended meanwhile.", "since, in the meantime"),
    r"\bany ?more\b": ("It can't change any more.", "no longer"),
    r"\b(who|what) is none\b": ("Somebody who is none.", "isn't one"),
    r"\bis no member\b": ("A person who is no member.", "isn't a member"),
    r"\bit lets one\b": ("What it lets one do.", "lets a person"),
}


def _docstrings() -> Iterator[tuple[str, str]]:
    """Yield each docstring of the product with its place."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                text = ast.get_docstring(node) if isinstance(node, DEFINITIONS) else None
                if text is not None:
                    line = getattr(node, "lineno", 1)
                    yield f"{path.relative_to(ROOT)}:{line}", text


@pytest.mark.parametrize(
    "text",
    ["What one fills in to invite somebody.", "Whether it is over.", "How a mail reads."],
)
def test_find_a_question(text):
    assert QUESTION.match(text)


@pytest.mark.parametrize(("word", "example"), [(word, WORDS[word][0]) for word in WORDS])
def test_find_a_word(word, example):
    assert re.search(word, example, re.IGNORECASE)


def test_docstrings_begin_with_a_noun_or_a_verb():
    questions = [f"{place}: {text[:80]}" for place, text in _docstrings() if QUESTION.match(text)]

    assert questions == []


def test_docstrings_are_plain_english():
    odd = [
        f"{place}: {found[0]} (say: {instead})"
        for place, text in _docstrings()
        for word, (_example, instead) in WORDS.items()
        if (found := re.search(word, text, re.IGNORECASE))
    ]

    assert odd == []
