"""Shell around a signed-in page: breadcrumbs, switcher and side bar."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """A link of the side bar; `go` is the key that follows "g" to it."""

    label: str
    url: str
    icon: str
    is_current: bool = False
    go: str = ""


@dataclass(frozen=True)
class Section:
    """Links that belong together, under their title."""

    title: str
    items: list[Item]


@dataclass(frozen=True)
class Navigation:
    """The whole shell of a page; one without `switcher_url` stands outside of the tree."""

    sections: list[Section]
    breadcrumbs: list[tuple[str, str | None]] = field(default_factory=list)
    switcher_url: str = ""
    current_label: str = ""
    current_kind: str = ""
