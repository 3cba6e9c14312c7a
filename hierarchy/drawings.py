"""Pictures drawn on the server: SVG without colours (css/drawings.css has them) or scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# Sizes in SVG units, which are CSS pixels at full size.
BOX_WIDTH: Final = 184
BOX_HEIGHT: Final = 30
ROW: Final = 42
COLUMN: Final = 244
MARGIN: Final = 2
LONGEST_LABEL: Final = 22

CHART_WIDTH: Final = 720
CHART_HEIGHT: Final = 200
CHART_PADDING: Final = 28


@dataclass(frozen=True)
class Node:
    """A box of the tree; `kind` is organization, workspace, more, or an environment.

    Without an address it is a mere word, such as "and 12 more".
    """

    label: str
    url: str
    kind: str
    children: Sequence[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Box:
    """A node in its place: the upper left corner, and its parent's."""

    node: Node
    x: int
    y: int
    parent_y: int | None


# --- The tree ------------------------------------------------------------------------------------


def tree(root: Node) -> SafeString:
    """Return the picture of `root` and everything beneath, and the same as a nested list.

    The list serves screen readers, keyboards and narrow screens; the picture is hidden from the
    first two, so nothing is said twice.
    """
    return format_html(
        '<div class="tree-picture" aria-hidden="true">{}</div>'
        '<nav class="tree-list" aria-label="{}"><ul>{}</ul></nav>',
        _tree_picture(root),
        _("What is in %(name)s") % {"name": root.label},
        _list_item(root),
    )


def _tree_picture(root: Node) -> SafeString:
    boxes = place(root)
    return format_html(
        '<svg width="{0}" height="{1}" viewBox="0 0 {0} {1}">{2}{3}</svg>',
        f"{max(box.x for box in boxes) + BOX_WIDTH + MARGIN}",
        f"{max(box.y for box in boxes) + BOX_HEIGHT + MARGIN}",
        format_html_join("", "{}", ((_link(box),) for box in boxes)),
        format_html_join("", "{}", ((_box(box),) for box in boxes)),
    )


def place(root: Node) -> list[Box]:
    """Give every node its place: leaves one below the other, parents amid their children."""
    return list(_place(root, 0, None, _heights(root)))


def _heights(root: Node) -> dict[int, int]:
    """Return the vertical place of every node by its identity."""
    found: dict[int, int] = {}
    leaves = 0

    def visit(node: Node) -> int:
        nonlocal leaves
        if node.children:
            ys = [visit(child) for child in node.children]
            found[id(node)] = (ys[0] + ys[-1]) // 2
        else:
            found[id(node)] = MARGIN + leaves * ROW
            leaves += 1
        return found[id(node)]

    visit(root)
    return found


def _place(node: Node, depth: int, parent_y: int | None, heights: dict[int, int]) -> Iterator[Box]:
    y = heights[id(node)]
    yield Box(node, MARGIN + depth * COLUMN, y, parent_y)
    for child in node.children:
        yield from _place(child, depth + 1, y, heights)


def _link(box: Box) -> SafeString:
    if box.parent_y is None:
        return SafeString()
    start, end = box.x - COLUMN + BOX_WIDTH, box.x
    middle = (start + end) // 2
    start_y, end_y = box.parent_y + BOX_HEIGHT // 2, box.y + BOX_HEIGHT // 2
    path = f"M{start} {start_y}C{middle} {start_y} {middle} {end_y} {end} {end_y}"
    return format_html('<path class="tree-link" d="{}"/>', path)


def _box(box: Box) -> SafeString:
    has_dot = box.node.kind in ("production", "staging", "development")
    shapes = format_html(
        '<title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="6"/>{}'
        '<text x="{}" y="{}">{}</text>',
        box.node.label,
        box.x,
        box.y,
        BOX_WIDTH,
        BOX_HEIGHT,
        _dot(box) if has_dot else "",
        box.x + (26 if has_dot else 12),
        box.y + 20,
        _shortened(box.node.label),
    )
    css = f"tree-node tree-{box.node.kind}"
    if not box.node.url:
        return format_html('<g class="{}">{}</g>', css, shapes)
    return format_html('<a class="{}" href="{}" tabindex="-1">{}</a>', css, box.node.url, shapes)


def _dot(box: Box) -> SafeString:
    return format_html(
        '<circle class="tree-dot" cx="{}" cy="{}" r="4"/>',
        box.x + 14,
        box.y + BOX_HEIGHT // 2,
    )


def _shortened(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"


def _list_item(node: Node) -> SafeString:
    words = format_html('<a href="{}">{}</a>', node.url, node.label) if node.url else node.label
    if not node.children:
        return format_html("<li>{}</li>", words)
    children = format_html_join("", "{}", ((_list_item(child),) for child in node.children))
    return format_html("<li>{}<ul>{}</ul></li>", words, children)


# --- The chart -----------------------------------------------------------------------------------


def chart(points: Sequence[tuple[str, int]], label: str) -> SafeString:
    """Return `points` (label, value) as an area chart, and as a table one can open.

    `label` says what is counted: "Sign-ins, last 30 days". Needs two points or more.
    """
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>{}',
        CHART_WIDTH,
        CHART_HEIGHT,
        _summary(points, label),
        _grid(points),
        _curve(points),
        _labels(points),
        _chart_table(points, label),
    )


def _summary(points: Sequence[tuple[str, int]], label: str) -> str:
    return _("%(label)s: from %(first)d (%(start)s) to %(last)d (%(end)s), at most %(most)d.") % {
        "label": label,
        "first": points[0][1],
        "start": points[0][0],
        "last": points[-1][1],
        "end": points[-1][0],
        "most": max(value for _label, value in points),
    }


def _places(points: Sequence[tuple[str, int]]) -> list[tuple[float, float]]:
    most = max(value for _label, value in points) or 1
    step = (CHART_WIDTH - 2 * CHART_PADDING) / (len(points) - 1)
    height = CHART_HEIGHT - 2 * CHART_PADDING
    return [
        (
            round(CHART_PADDING + index * step, 1),
            round(CHART_HEIGHT - CHART_PADDING - value / most * height, 1),
        )
        for index, (_label, value) in enumerate(points)
    ]


def _curve(points: Sequence[tuple[str, int]]) -> SafeString:
    places = _places(points)
    line = " ".join(f"{x},{y}" for x, y in places)
    bottom = CHART_HEIGHT - CHART_PADDING
    area = f"{CHART_PADDING},{bottom} {line} {CHART_WIDTH - CHART_PADDING},{bottom}"
    dots = format_html_join(
        "",
        '<circle class="chart-point" cx="{}" cy="{}" r="6"><title>{}: {}</title></circle>',
        ((x, y, label, value) for (x, y), (label, value) in zip(places, points, strict=True)),
    )
    return format_html(
        '<polygon class="chart-area" points="{}"/><polyline class="chart-line" points="{}"/>{}',
        area,
        line,
        dots,
    )


def _grid(points: Sequence[tuple[str, int]]) -> SafeString:
    """Draw the lines of nothing, half and the highest value, the last with its number."""
    most = max(value for _label, value in points)
    top, bottom, right = CHART_PADDING, CHART_HEIGHT - CHART_PADDING, CHART_WIDTH - CHART_PADDING
    heights = (top, (top + bottom) // 2, bottom)
    lines = format_html_join(
        "",
        '<path class="chart-grid" d="M{} {}H{}"/>',
        ((CHART_PADDING, y, right) for y in heights),
    )
    number = '{}<text class="chart-label" x="{}" y="{}" text-anchor="end">{}</text>'
    return format_html(number, lines, CHART_PADDING - 6, top + 4, most)


def _labels(points: Sequence[tuple[str, int]]) -> SafeString:
    """Name the first, the middle and the last point: more would overlap."""
    shown = [(0, "start"), (len(points) // 2, "middle"), (len(points) - 1, "end")]
    places = _places(points)
    return format_html_join(
        "",
        '<text class="chart-label" x="{}" y="{}" text-anchor="{}">{}</text>',
        ((places[index][0], CHART_HEIGHT - 8, anchor, points[index][0]) for index, anchor in shown),
    )


def _chart_table(points: Sequence[tuple[str, int]], label: str) -> SafeString:
    rows = format_html_join(
        "", '<tr><th scope="row">{}</th><td class="number">{}</td></tr>', points
    )
    return format_html(
        '<details class="chart-table"><summary>{}</summary><table class="table">'
        '<caption class="sr-only">{}</caption><tbody>{}</tbody></table></details>',
        _("As a table"),
        label,
        rows,
    )
