"""Steps on names in addresses."""

from itertools import product

from django.http import Http404
from hypothesis import strategies as st
from hypothesis.stateful import rule

from hierarchy.console import lookup
from hierarchy.roles import VIEW
from tests.properties.machine.base import ACTORS, Machine, choice
from tests.properties.machine.world import PEOPLE
from tests.support.acting import nodes

SLUGS = ["acme", "shop", "web", "one", "two"]


class Slugs(Machine):
    @rule(choice=choice, slug=st.sampled_from(SLUGS))
    def rename(self, choice, slug):
        reference = self.reference
        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: (
                name in reference.nodes
                and reference.may_edit(by, name)
                and reference.is_free(slug, reference.scope(name), name)
            ),
            lambda user, name: nodes.edit(self.real[name], by=user, slug=slug),
            events=lambda _by, name: reference.nodes[name].slug != slug,
        )
        if done and reference.nodes[done[1]].slug != slug:
            reference.rename(done[1], slug)
            self._follow_former_slugs()

    def _follow_former_slugs(self):
        """A former slug leads to the node that had it, wherever it is now, and to nothing else."""
        for row in self.reference.former:
            parent = row.scope[1]
            if parent and not self.reference.exists(parent):
                continue
            name = self.reference.leads_to(row.scope, row.slug)
            for who in PEOPLE[self.step % 2 :: 2]:
                sees = name and self.reference.sees(who, name)
                found = self._found_at(self._address(row), self.user(who))
                assert found == (self.real[name] if sees else None), (row, who)
            if not parent:
                assert lookup.formerly(row.slug) == (self.real[name] if name else None)

    def _address(self, row):
        level, parent, environment = row.scope
        path = [*(self.reference.path(parent) if parent else []), None]
        slugs = [self.reference.nodes[part].slug if part else row.slug for part in path]
        address = dict(zip(("organization", "workspace", "application"), slugs, strict=False))
        return address | {"environment": environment} if level == "application" else address

    def _found_at(self, address, user):
        try:
            return lookup.get_node(user, address, to=VIEW)
        except lookup.Moved as moved:
            return moved.node
        except Http404:
            return None
