"""`make picture`: draws the rooms of `hierarchy`, and what they really import from one another.

It reads the list of rooms and the imports as tests/test_architecture.py does, which fails until
the picture is drawn again. An import against the order of the rooms would be red.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from textwrap import wrap

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support.storeys import (
    FACES,
    GROUND,
    LAW,
    LAYERS,
    ROOMS,
    ROOT,
    SHELLS,
    imports,
    parts,
    sources,
)

FILE = ROOT / "docs" / "pictures" / "rooms.svg"
PACKAGES = ["config", "accounts", "hierarchy"]
# From the ground up, what the house has, and the names of the modules and packages in it.
HOUSE = {
    "ground": GROUND,
    "law": LAW,
    **{name: {name} for name in [*SHELLS, *ROOMS]},
    "faces": FACES,
}
ORDER = list(HOUSE)
SHELVES = SHELLS[::-1]  # from above
ABOUT = {
    "faces": "lists, no logic",
    "rooms": "one capability each",
    "staff": "what the admin shares",
    "console": "what all pages share",
    "law": "what every change keeps to",
    "ground": "ideas, and the rows",
    "accounts": "who someone is",
    "config": "the installation",
}

WIDTH = 880
MARGIN = 20
GAP = 10
LEFT = 206
RIGHT = WIDTH - MARGIN
ROOM_WIDTH = (RIGHT - LEFT - GAP * (len(ROOMS) - 1)) / len(ROOMS)
ROOM_HEIGHT = 108
CORRIDOR = 108
SHELL_HEIGHT = 38
CHIP_HEIGHT = 23
PIPE = 20  # how much of a pipe is seen above what it leads to

STYLE = """
.paper { fill: #fbfaf7; stroke: #e4e0d8 }
.band { fill: #efebe3 }
.room { fill: #fff; stroke: #cfc8ba }
.chip { fill: #fff }
text { fill: #23262b; font: 12.5px ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif }
.name { font-size: 15px; font-weight: 600 }
.room-name { font-size: 13.5px; font-weight: 600 }
.soft { fill: #5d636b; font-size: 11.5px }
.middle { text-anchor: middle }
.import { fill: none; stroke: #0b7a5c; stroke-width: 1.6 }
.tip { fill: #0b7a5c }
.import.wrong { stroke: #d1242f; stroke-width: 3 }
.tip.wrong, text.wrong { fill: #d1242f }
@media (prefers-color-scheme: dark) {
  .paper { fill: #14171c; stroke: #2b3038 }
  .band { fill: #1d2128 }
  .room { fill: #262b33; stroke: #414955 }
  .chip { fill: #2a3039 }
  text { fill: #e8eaed }
  .soft { fill: #a3aab4 }
  .import { stroke: #3ecf9f }
  .tip { fill: #3ecf9f }
  .import.wrong { stroke: #ff6b6b }
  .tip.wrong, text.wrong { fill: #ff6b6b }
}
"""

Pairs = set[tuple[str, str]]


def main() -> None:
    FILE.write_text(drawn(real_imports()))


def real_imports() -> Pairs:
    """Return each pair of a package, storey or room, and another that it imports from."""
    pairs = {
        (_owner(".".join(parts(path))), _owner(name))
        for path in sources(*PACKAGES)
        for name in imports(path)
        if name.split(".")[0] in PACKAGES
    }
    return {(importer, imported) for importer, imported in pairs if importer != imported}


def _owner(module: str) -> str:
    """Return the package, storey or room that a module belongs to."""
    package, name = f"{module}.".split(".")[:2]
    owners = [owner for owner, names in HOUSE.items() if name in names]
    return owners[0] if package == "hierarchy" and owners else package


def drawn(pairs: Pairs) -> str:
    """Return the picture of what imports from what."""
    shapes: list[str] = []
    y: float = MARGIN
    y = _chips(shapes, y, "faces", FACES, pairs)
    y = _corridor(shapes, y, pairs)
    y = _rooms(shapes, y, pairs)
    y = _shells(shapes, y, pairs)
    y = _chips(shapes, y, "law", LAW, pairs)
    y = _chips(shapes, y, "ground", GROUND, pairs)
    y = _chips(shapes, y, "accounts", [], pairs)
    y = _chips(shapes, y, "config", [], pairs)
    y = _wrong(shapes, y, pairs)
    return _page(shapes, round(y - GAP + MARGIN))


def _page(shapes: list[str], height: int) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">',
            '<title id="title">The rooms of hierarchy, and what they import</title>',
            f"<style>{STYLE}</style>",
            _box("paper", 0.5, 0.5, WIDTH - 1, height - 1),
            *shapes,
            "</svg>\n",
        ]
    )


def _chips(shapes: list[str], y: float, owner: str, names: Iterable[str], pairs: Pairs) -> float:
    """Draw a storey with its modules, and say beneath them what it imports from."""
    rows = _rows(sorted(names))
    height = len(rows) * (CHIP_HEIGHT + 6) + 34
    shapes += [_box("band", LEFT, y, RIGHT - LEFT, height), *_label(owner, y)]
    for number, row in enumerate(rows):
        x = LEFT + 12
        for name in row:
            top = y + 12 + number * (CHIP_HEIGHT + 6)
            shapes.append(_box("chip", x, top, _chip_width(name), CHIP_HEIGHT))
            shapes.append(_text("middle", x + _chip_width(name) / 2, top + 15.5, name))
            x += _chip_width(name) + 6
    shapes.append(_text("soft", LEFT + 12, y + height - 12, _imports_of([owner], pairs)))
    return y + height + GAP


def _rows(names: list[str]) -> list[list[str]]:
    """Break the modules of a storey into lines."""
    rows: list[list[str]] = []
    for name in names:
        width = sum(_chip_width(each) + 6 for each in [*rows[-1], name]) if rows else WIDTH
        if width > RIGHT - LEFT - 18:
            rows.append([])
        rows[-1].append(name)
    return rows


def _chip_width(name: str) -> float:
    """Guess it, a little too wide: no font is at hand, and each reader has another."""
    return round(sum(5 if each in "_fijlrt" else 11 if each in "mw" else 7.8 for each in name) + 18)


def _imports_of(importers: list[str], pairs: Pairs) -> str:
    """Say what all of `importers` import from; what they stand on comes last."""
    targets = [
        target
        for target in [*reversed(ORDER), "accounts", "config"]
        if target not in importers and all((each, target) in pairs for each in importers)
    ]
    if set(ROOMS) <= set(targets):
        targets = ["every room", *(target for target in targets if target not in ROOMS)]
    return f"imports {', '.join(targets)}" if targets else "imports nothing of ours"


def _corridor(shapes: list[str], y: float, pairs: Pairs) -> float:
    """Draw an arc for each room that imports from another."""
    floor = y + CORRIDOR
    for importer, imported in sorted(_between_rooms(pairs)):
        start = _port(importer, imported, pairs)
        end = _port(imported, importer, pairs)
        distance = abs(ROOMS.index(importer) - ROOMS.index(imported))
        top = floor - 24 - distance * 25
        wrong = _wrongly(importer, imported)
        curve = f"M{start:g} {floor:g}C{start:g} {top:g} {end:g} {top:g} {end:g} {floor - 7:g}"
        shapes += [_path(curve, wrong), _tip(end, floor, wrong)]
    shapes.append(_text("soft", MARGIN, floor - 27, "An arrow leads to what"))
    shapes.append(_text("soft", MARGIN, floor - 12, "a room imports from."))
    return floor


def _between_rooms(pairs: Pairs) -> Pairs:
    return {pair for pair in pairs if set(pair) <= set(ROOMS)}


def _port(room: str, other: str, pairs: Pairs) -> float:
    """Return where on top of `room` the arc to or from `other` ends, so that few arcs cross."""
    met = {a if b == room else b for a, b in _between_rooms(pairs) if room in (a, b)}
    own = ROOMS.index(room)
    before = sorted((own - ROOMS.index(each), each) for each in met if ROOMS.index(each) < own)
    after = sorted((own - ROOMS.index(each), each) for each in met if ROOMS.index(each) > own)
    ports = [each for _, each in [*before, *after]]
    step = (ROOM_WIDTH - 16) / len(ports)
    return round(_left_of(room) + 8 + step * (ports.index(other) + 0.5), 1)


def _wrongly(importer: str, imported: str) -> str:
    return " wrong" if ORDER.index(imported) > ORDER.index(importer) else ""


def _rooms(shapes: list[str], y: float, pairs: Pairs) -> float:
    """Draw the rooms in their order, with the layers that each has."""
    shapes += _label("rooms", y)
    for room in ROOMS:
        x = _left_of(room)
        shapes.append(_box("room", x, y, ROOM_WIDTH, ROOM_HEIGHT))
        shapes.append(_text("room-name", x + 10, y + 24, room))
        layers = [each for each in LAYERS if (ROOT / "hierarchy" / room / each).is_dir()]
        for number, layer in enumerate(layers):
            shapes.append(_text("soft", x + 10, y + 44 + number * 17, layer))
    for number, line in enumerate(wrap(f"each {_imports_of(ROOMS, pairs)}", 28)):
        shapes.append(_text("soft", MARGIN, y + 58 + number * 15, line))
    return y + ROOM_HEIGHT + GAP


def _left_of(room: str) -> float:
    return round(LEFT + ROOMS.index(room) * (ROOM_WIDTH + GAP), 1)


def _shells(shapes: list[str], y: float, pairs: Pairs) -> float:
    """Draw what the pages share, and a pipe from each room that imports it."""
    ceiling = y - GAP
    tops = {shell: y + PIPE - GAP + n * (SHELL_HEIGHT + PIPE) for n, shell in enumerate(SHELVES)}
    for room, shell in product(ROOMS, SHELVES):
        if (room, shell) in pairs:
            x = _left_of(room) + ROOM_WIDTH * (SHELVES.index(shell) + 1) / 3
            shapes.append(_path(f"M{x:.1f} {ceiling:g}V{tops[shell] - 7:g}"))
            shapes.append(_tip(x, tops[shell]))
    for shell, top in tops.items():
        shapes += [_box("band", LEFT, top, RIGHT - LEFT, SHELL_HEIGHT), *_label(shell, top)]
        shapes.append(_text("soft", LEFT + 12, top + 23, _imports_of([shell], pairs)))
    return max(tops.values()) + SHELL_HEIGHT + GAP


def _wrong(shapes: list[str], y: float, pairs: Pairs) -> float:
    """Name the imports against the order, of which there should be none."""
    for importer, imported in sorted(pairs):
        if {importer, imported} <= set(ORDER) and _wrongly(importer, imported):
            sentence = f"against the order: {importer} imports {imported}"
            shapes.append(_text("wrong", LEFT + 12, y + 12, sentence))
            y += 20
    return y


def _label(owner: str, y: float) -> list[str]:
    return [
        _text("name", MARGIN, y + 19, owner),
        _text("soft", MARGIN, y + 34, ABOUT[owner]),
    ]


def _path(way: str, wrong: str = "") -> str:
    return f'<path class="import{wrong}" d="{way}"/>'


def _tip(x: float, y: float, wrong: str = "") -> str:
    return f'<path class="tip{wrong}" d="M{x - 4:.1f} {y - 8:g}h8l-4 8z"/>'


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="7"/>'
    )


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{text}</text>'


if __name__ == "__main__":
    main()
