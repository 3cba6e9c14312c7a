"""Pictures drawn on the server: SVG without colours (css/drawings.css has them) or scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# Sizes in SVG units, which are CSS pixels at full size.
BOX_WIDTH: Final = 220
BOX_HEIGHT: Final = 30
ROW: Final = 42
COLUMN: Final = 276
MARGIN: Final = 2
LONGEST_LABEL: Final = 26
LONGEST_LABEL_BESIDE_NOTE: Final = 15

# The chart's own units: it is stretched to the width of its place.
CHART: Final = 100


@dataclass(frozen=True)
class Node:
    """A box of the tree; `kind` is organization, workspace, more, or an environment.

    Without an address it is a mere word, such as "and 12 more". `note` stands at its end: the name
    of the environment, since a colour alone tells nobody.
    """

    label: str
    url: str
    kind: str
    children: Sequence[Node] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Box:
    """A node in its place, by its upper left corner, and what hangs on it."""

    node: Node
    x: int
    y: int
    children: Sequence[Box]

    def walk(self) -> Iterator[Box]:
        yield self
        for child in self.children:
            yield from child.walk()


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
        _("Contents of %(name)s") % {"name": root.label},
        _list_item(root),
    )


def _tree_picture(root: Node) -> SafeString:
    boxes = list(place(root).walk())
    return format_html(
        '<svg width="{0}" height="{1}" viewBox="0 0 {0} {1}">{2}{3}</svg>',
        max(box.x for box in boxes) + BOX_WIDTH + MARGIN,
        max(box.y for box in boxes) + BOX_HEIGHT + MARGIN,
        format_html_join("", "{}", ((_links(box),) for box in boxes)),
        format_html_join("", "{}", ((_box(box),) for box in boxes)),
    )


def place(node: Node, depth: int = 0, rows: Iterator[int] | None = None) -> Box:
    """Give every node its place: leaves one below the other, parents amid their children."""
    rows = count() if rows is None else rows
    children = [place(child, depth + 1, rows) for child in node.children]
    y = (children[0].y + children[-1].y) // 2 if children else MARGIN + next(rows) * ROW
    return Box(node, MARGIN + depth * COLUMN, y, children)


def _links(box: Box) -> SafeString:
    return format_html_join(
        "",
        '<path class="tree-link" d="{}"/>',
        ((_curve_between(box, child),) for child in box.children),
    )


def _curve_between(parent: Box, child: Box) -> str:
    start = parent.x + BOX_WIDTH
    end = child.x
    middle = (start + end) // 2
    start_y = parent.y + BOX_HEIGHT // 2
    end_y = child.y + BOX_HEIGHT // 2
    return f"M{start} {start_y}C{middle} {start_y} {middle} {end_y} {end} {end_y}"


def _box(box: Box) -> SafeString:
    node = box.node
    shapes = format_html(
        '<title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="6"/>{}',
        f"{node.label} ({node.note})" if node.note else node.label,
        box.x,
        box.y,
        BOX_WIDTH,
        BOX_HEIGHT,
        _words(box),
    )
    css = f"tree-node tree-{node.kind}"
    if not node.url:
        return format_html('<g class="{}">{}</g>', css, shapes)
    return format_html('<a class="{}" href="{}" tabindex="-1">{}</a>', css, node.url, shapes)


def _words(box: Box) -> SafeString:
    label = box.node.label
    baseline = box.y + 20
    text = '<text x="{}" y="{}">{}</text>'
    if not box.node.note:
        return format_html(text, box.x + 12, baseline, _shortened(label, LONGEST_LABEL))
    return format_html(
        '<circle class="tree-dot" cx="{}" cy="{}" r="4"/>'
        + text
        + '<text class="tree-note" x="{}" y="{}" text-anchor="end">{}</text>',
        box.x + 15,
        box.y + BOX_HEIGHT // 2,
        box.x + 27,
        baseline,
        _shortened(label, LONGEST_LABEL_BESIDE_NOTE),
        box.x + BOX_WIDTH - 12,
        baseline,
        box.node.note,
    )


def _shortened(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"


def _list_item(node: Node) -> SafeString:
    words = format_html('<a href="{}">{}</a>', node.url, node.label) if node.url else node.label
    note = format_html(' <small class="muted">{}</small>', node.note) if node.note else ""
    children = format_html_join("", "{}", ((_list_item(child),) for child in node.children))
    beneath = format_html("<ul>{}</ul>", children) if node.children else ""
    return format_html("<li>{}{}{}</li>", words, note, beneath)


# --- The chart -----------------------------------------------------------------------------------


def chart(points: Sequence[tuple[str, int]], label: str) -> SafeString:
    """Return `points` (label, value) as an area chart, and as a table one can open.

    `label` says what is counted: "Sign-ins, last 30 days". Needs two points or more.
    """
    most = max(value for _label, value in points)
    return format_html(
        '<div class="chart-frame"><svg class="chart-picture" viewBox="0 0 {0} {0}" '
        'preserveAspectRatio="none" role="img" aria-label="{1}">{2}{3}</svg>'
        '<span class="chart-most number" aria-hidden="true">{4}</span></div>'
        '<p class="chart-labels" aria-hidden="true"><span>{5}</span><span>{6}</span></p>{7}',
        CHART,
        _summary(points, most, label),
        _curve(points, most),
        _columns(points),
        most,
        points[0][0],
        points[-1][0],
        _chart_table(points, label),
    )


def _summary(points: Sequence[tuple[str, int]], most: int, label: str) -> str:
    return _("%(label)s: from %(first)d (%(start)s) to %(last)d (%(end)s), at most %(most)d.") % {
        "label": label,
        "first": points[0][1],
        "start": points[0][0],
        "last": points[-1][1],
        "end": points[-1][0],
        "most": most,
    }


def _curve(points: Sequence[tuple[str, int]], most: int) -> SafeString:
    step = CHART / (len(points) - 1)
    line = "L".join(
        f"{index * step:.2f} {CHART - value / (most or 1) * CHART:.2f}"
        for index, (_label, value) in enumerate(points)
    )
    return format_html(
        '<path class="chart-grid" d="M0 0H{0}M0 {1}H{0}M0 {0}H{0}"/>'
        '<path class="chart-area" d="M0 {0}L{2}L{0} {0}Z"/><path class="chart-line" d="M{2}"/>',
        CHART,
        CHART // 2,
        line,
    )


def _columns(points: Sequence[tuple[str, int]]) -> SafeString:
    """Cover the curve with one invisible column for each point, which says its value."""
    step = CHART / (len(points) - 1)
    return format_html_join(
        "",
        '<rect class="chart-point" x="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        (
            (f"{(index - 0.5) * step:.2f}", f"{step:.2f}", CHART, label, value)
            for index, (label, value) in enumerate(points)
        ),
    )


def _chart_table(points: Sequence[tuple[str, int]], label: str) -> SafeString:
    rows = format_html_join(
        "", '<tr><th scope="row">{}</th><td class="number">{}</td></tr>', points
    )
    return format_html(
        '<details class="chart-table"><summary>{}</summary><table class="table">'
        '<caption class="sr-only">{}</caption><tbody>{}</tbody></table></details>',
        _("View as a table"),
        label,
        rows,
    )
