"""Unfold's templates lose their indentation, and nothing else."""

from pathlib import Path

import unfold
from django.template import engines
from django.template.base import TextNode
from django.template.engine import Engine

FOLDER = Path(unfold.__file__).parent / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob("unfold/**/*.html"))


def _texts(template):
    return [node.s for node in template.nodelist.get_nodes_by_type(TextNode)]


def _words(texts):
    """Return the words of each text, and whether it keeps off its neighbours."""
    return [(text.split(), text[:1].isspace(), text[-1:].isspace()) for text in texts]


def test_every_template_says_what_it_said():
    ours = engines["django"].engine
    plain = Engine(app_dirs=True, libraries=ours.libraries)
    shorter = 0

    for name in NAMES:
        template = ours.get_template(name)
        if not template.origin.name.startswith(str(FOLDER)):
            continue  # ours stands before it
        before, after = (_texts(engine.get_template(name)) for engine in (plain, ours))
        assert _words(after) == _words(before), name
        assert not [text for text in after if "\n " in text], name
        shorter += len("".join(after)) < len("".join(before))

    assert shorter > len(NAMES) / 2


def test_ours_stay_as_they_are_written():
    (text, *_rest) = _texts(engines["django"].engine.get_template("admin/hierarchy/settings.html"))

    assert text == "\n"
