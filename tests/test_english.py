"""Sentences that people read stay plain, idiomatic English: no word of the lists below is in them.

`SAID` holds for whatever a page, a mail, a form or a refusal says; `WRITTEN`, a part of it, for the
documents as well. Each word has an example that must be found, and what to write in its place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from jinja2 import Environment

from config.jinja import OURS

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
GETTEXT = {"_", "_lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}


class Word(NamedTuple):
    """What a native speaker would say otherwise, an example of it, and what they would say."""

    pattern: str
    example: str
    instead: str


WRITTEN: Final = [
    Word(r"any ?more\b", "You can't accept it any more.", "no longer"),
    Word(r"\banew\b", "Ask for it anew.", "again"),
    Word(r"\bmeanwhile\b", "Suspended meanwhile", "since then, in the meantime"),
    Word(r"\bsomebody\b", "Somebody has to accept it.", "someone, or their role"),
    Word(r"\beverybody\b", "Everybody can read it.", "everyone"),
    Word(r"\banybody\b", "Can anybody help?", "anyone"),
    Word(r"\blets? one\b", "It must let one see that.", "let people, let you"),
    Word(r"\bone's own\b", "Nobody answers one's own request.", "your own, their own"),
    Word(r"\blook at it\b", "Look at it, then decide.", "check it"),
    Word(r"\bgood for how\b", "Good for how many days", "Expires after"),
    Word(r"\bstands? in the mail\b", "Stands in the mail", "Included in the e-mail"),
    Word(r"\bas long as there is\b", "It can't go as long as there is this:", "because of"),
    Word(r"\bno members? (any|of|who)\b", "You are no member of it.", "not a member, nobody"),
]
SAID: Final = [
    *WRITTEN,
    Word(r"\bwhat holds\b", "What holds", "Effective settings; what applies"),
    Word(r"\bat present\b", "Nobody can sign in at present.", "right now"),
    Word(r"\bbesides\b", "Besides, this is production", "also"),
    Word(r"\bgood (for|until)\b", "It is good until Monday.", "expires on"),
    Word(r"\bno longer good\b", "This link is no longer good", "no longer works"),
    Word(r"(?<!e-)\bmails?\b", "They get a mail.", "e-mail"),
    Word(r"\bby itself\b", "It ends by itself.", "automatically, on the date"),
    Word(r"\bturn to\b", "Turn to the owners.", "contact, ask"),
    Word(r"\bthe platform's staff\b", "The platform's staff decide.", "platform staff"),
    Word(r"\b(is|are|was) to become\b", "Ada is to become the owner.", "will become"),
    Word(r"\bshould (you|this|the \w+ lose)\b", "Should you be away, ask.", "if you are"),
    Word(r"(?:[.:;] |^)who (came|saw|sees|joins)\b", "Who came stays.", "people who"),
    Word(r"\bnothing changes before\b", "Nothing changes before then.", "until"),
    Word(r"\bwhoever is to\b", "Whoever is to stay waits.", "anyone who should"),
    Word(r"\bcompos(e|ed|es)\b", "Compose a role", "create; custom"),
    Word(r"\btick(ed|s)?\b", "Those who are ticked:", "select, selected"),
    Word(r"\bon offer\b", "It is on offer already.", "It has already been offered."),
    Word(r"\bas things stand\b", "This can't be done as things stand", "right now"),
    Word(r"\bis dead\b", "The link is dead at once.", "no longer works"),
    Word(r"\bloses? sight\b|\bgains? sight\b", "1 person loses sight of it", "can no longer see"),
    Word(r"\b(go|goes) along\b", "Its settings go along.", "move too"),
    Word(r"\bis over\b", "The time is over", "has ended, has expired"),
    Word(r"\byou (are|have) no\b", "You are no owner of it.", "You're not, you don't have"),
    Word(r"\byou are (a|an|the|not|in|signed|invited)\b", "You are invited.", "You're"),
    Word(r"\bdid not\b|\bdoes not\b|\bcould not\b", "We could not find it.", "didn't, doesn't"),
]

# `{% translate "…" %}`, `{% blocktranslate %}…`, and `_("…")` within a tag.
TAGS = re.compile(
    r"{%\s*translate\s+\"(?P<said>[^\"]*)\""
    r"|{%\s*blocktranslate\b[^%]*%}(?P<block>.*?){%\s*endblocktranslate"
    r"|_\(\"(?P<argument>[^\"]*)\"\)",
    re.DOTALL,
)
CODE = re.compile(r"```.*?```|`[^`\n]*`|<!--.*?-->|\]\([^)]*\)", re.DOTALL)


def _found(text: str, words: list[Word]) -> list[str]:
    return [
        f"{match[0]!r} (say: {word.instead})"
        for word in words
        if (match := re.search(word.pattern, text, re.IGNORECASE))
    ]


def _in_template(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what a template says, in Jinja2 or, unless it is one of `OURS`, Django's language."""
    if OURS.isdisjoint(path.relative_to(TEMPLATES).parts[:1]):
        yield from _in_djangos(path)
    else:
        yield from _in_jinja(path)


def _in_jinja(path: Path) -> Iterator[tuple[int, str]]:
    for line, _function, said in JINJA.extract_translations(path.read_text(encoding="utf-8")):
        for sentence in said if isinstance(said, tuple) else (said,):
            if sentence is not None:
                yield line, re.sub(r"%\(\w+\)s", "x", sentence)


def _in_djangos(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    for match in TAGS.finditer(text):
        said = next(part for part in match.groups() if part is not None)
        yield text.count("\n", 0, match.start()) + 1, re.sub(r"{[{%].*?[%}]}", "x", said)


def _in_module(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in GETTEXT:
            for argument in node.args[node.func.id == "pgettext" :]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.lineno, argument.value


def _in_document(path: Path) -> Iterator[tuple[int, str]]:
    text = CODE.sub(lambda match: "\n" * match[0].count("\n"), path.read_text(encoding="utf-8"))
    yield from enumerate(text.splitlines(), start=1)


def _offenders(
    paths: Iterator[Path],
    words: list[Word],
    read: Callable[[Path], Iterator[tuple[int, str]]],
) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {said[:80]!r} has {found}"
        for path in sorted(paths)
        for line, said in read(path)
        for found in _found(said, words)
    ]


@pytest.mark.parametrize("word", SAID, ids=lambda word: word.example)
def test_every_word_is_found(word):
    assert re.search(word.pattern, word.example, re.IGNORECASE)


def test_every_sentence_of_a_page_is_read(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '{{ _("One.") }}\n'
        "{% trans number=number %}Two {{ number }}.{% pluralize %}Three.{% endtrans %}\n"
        '{{ ui.card(title=_("Four."), note=_("Five %(name)s.", name=name)) }}'
        '{% set six = ngettext("Six.", "Seven.", number) %}'
    )

    assert list(_in_jinja(page)) == [
        (1, "One."),
        (2, "Two x."),
        (2, "Three."),
        (3, "Four."),
        (3, "Five x."),
        (3, "Six."),
        (3, "Seven."),
    ]


def test_every_sentence_of_a_page_of_django_is_read(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% translate "One." %}\n'
        "{% blocktranslate count number=number %}Two {{ number }}.{% plural %}Three."
        "{% endblocktranslate %}\n"
        '{% card title=_("Four.") %}'
    )

    assert list(_in_djangos(page)) == [(1, "One."), (2, "Two x.xThree."), (3, "Four.")]


def test_every_sentence_of_a_module_is_read(tmp_path):
    module = tmp_path / "module.py"
    module.write_text('_("One.")\nngettext("Two.", "Three.", 2)\npgettext("in a mail", "Four.")')

    assert [said for _line, said in _in_module(module)] == ["One.", "Two.", "Three.", "Four."]


def test_pages_and_mails_say_it_plainly():
    templates = (path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})

    assert _offenders(templates, SAID, _in_template) == []


def test_documents_say_it_plainly():
    documents = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]

    assert _offenders(iter(documents), WRITTEN, _in_document) == []


def test_modules_say_it_plainly():
    modules = (
        path
        for room in ("accounts", "config", "hierarchy")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    )

    assert _offenders(modules, SAID, _in_module) == []
