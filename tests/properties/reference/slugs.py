"""Names in addresses, present and former, in miniature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.properties.reference.tree import Tree

HELD = timedelta(days=90)


@dataclass
class Former:
    scope: tuple[str | None, ...]
    slug: str
    node: str
    since: datetime


class Slugs(Tree):
    def __init__(self, now):
        super().__init__(now)
        self.former: list[Former] = []

    def scope(self, name, parent=None):
        """Return among what the slug of a node has to be unique, where it is or under another."""
        node = self.nodes[name]
        return node.level, parent or node.parent, node.environment

    def is_free(self, slug, scope, name=None):
        """Whether nobody else has the slug there, in the trash or not, or had it until lately."""
        others = {k for k, node in self.nodes.items() if k != name and node.slug == slug}
        kept = {
            row.node
            for row in self.former
            if (row.scope, row.slug) == (scope, slug) and self.now - row.since < HELD
        }
        return scope not in map(self.scope, others) and not kept - {name}

    def suggestion(self, name, place):
        """Return what a node is called under another place, where its slug may be taken."""
        slug = self.nodes[name].slug
        scope = self.scope(name, place)
        options = [slug, *(f"{slug}-{number}" for number in range(2, 100))]
        return next(each for each in options if self.is_free(each, scope, name))

    def rename(self, name, slug, parent=None):
        """Give the node another slug, or another parent, or both; what it had leads to it."""
        there = self.scope(name, parent)
        node = self.nodes[name]
        self.former = [
            row
            for row in self.former
            if (row.scope, row.slug, row.node) != (there, slug, name)
            or self.now - row.since >= HELD
        ]
        self.retire(name)
        node.slug = slug
        node.parent = parent or node.parent
        node.version += 1

    def retire(self, name):
        self.former.append(Former(self.scope(name), self.nodes[name].slug, name, self.now))

    def leads_to(self, scope, slug):
        """Return the node that a slug leads to: who has it, or else who had it last."""
        for name, node in self.nodes.items():
            if node.slug == slug and self.scope(name) == scope and self.exists(name):
                return name
        rows = [row for row in self.former if (row.scope, row.slug) == (scope, slug)]
        last = max(rows, key=lambda row: row.since).node
        return last if self.exists(last) else None
