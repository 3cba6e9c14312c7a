"""Steps on nodes, and the passing of time."""

from datetime import timedelta
from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from config.versions import AS_IT_IS
from hierarchy.models import Membership
from hierarchy.roles import Role
from tests.properties.machine.base import ACTORS, Machine, choice, person
from tests.properties.machine.slugs import SLUGS
from tests.properties.reference import Node
from tests.support.acting import applications, nodes, organizations, workspaces

MOST_NODES = 14
slug = st.sampled_from(["", "", *SLUGS])  # most have one of their own
BENEATH = {"organization": "workspace", "workspace": "application"}


class Nodes(Machine):
    @precondition(lambda self: len(self.real) < MOST_NODES)
    @rule(choice=choice, production=st.booleans(), slug=slug)
    def create(self, choice, production, slug):
        self.count += 1
        name = f"new-{self.count}"
        fields = {"name": f"Node {name}", "slug": slug or name}
        environment = "production" if production else "staging"

        def create(user, parent):
            place = self.real[parent]
            if place.level == "organization":
                return workspaces.create(place, by=user, **fields)
            return applications.create(
                place, by=user, platform="web", environment=environment, **fields
            )

        parents = [place for place, node in self.real.items() if node.level != "application"]
        done = self.take(
            choice,
            product(ACTORS, parents),
            lambda by, parent: (
                self.reference.may_create(by, parent)
                and self.reference.is_free(slug or name, self._scope_in(parent, environment))
            ),
            create,
        )
        if done:
            _by, parent, self.real[name] = done
            level = BENEATH[self.reference.nodes[parent].level]
            is_production = production and level == "application"
            self.reference.nodes[name] = Node(
                level,
                parent,
                is_production,
                slug or name,
                environment if level == "application" else "",
            )

    def _scope_in(self, parent, environment):
        level = BENEATH[self.reference.nodes[parent].level]
        return level, parent, environment if level == "application" else ""

    @precondition(lambda self: len(self.real) < MOST_NODES)
    @rule(by=person, slug=slug)
    def found(self, by, slug):
        self.count += 1
        name = f"new-{self.count}"
        is_free = self.reference.is_free(slug or name, ("organization", None, ""))
        done = self.attempt(
            by,
            by not in self.reference.inactive and is_free,
            lambda user: organizations.create(by=user, name=f"Node {name}", slug=slug or name),
        )
        if done:
            self.real[name] = done
            self.reference.nodes[name] = Node("organization", None, slug=slug or name)
            self._know(Membership.objects.at(done).get(), by, name, Role.OWNER)

    def _on_node(self, choice, is_allowed, action):
        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: name in self.reference.nodes and is_allowed(by, name),
            lambda user, name: action(self.real[name], by=user),
        )
        return self.reference.nodes[done[1]] if done else None

    @rule(choice=choice, behind=st.sampled_from([None, 0, 0, 1]))
    def edit(self, choice, behind):
        """By a form that was made so many changes ago, or by what has none."""
        self.count += 1
        fields = {"name": f"Edited {self.count}"}
        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: (
                name in self.reference.nodes and not behind and self.reference.may_edit(by, name)
            ),
            lambda user, name: nodes.edit(
                self.real[name], by=user, version=self._version(name, behind), **fields
            ),
        )
        if done:
            self.reference.nodes[done[1]].version += 1

    def _version(self, name, behind):
        node = self.reference.nodes.get(name)
        row = self._present_nodes().get(name)
        if node is None or row is None or behind is None:
            return AS_IT_IS
        row.name += " as it was" * behind
        return str(nodes.shown_to_edit(row))

    @rule(choice=choice)
    def suspend(self, choice):
        node = self._on_node(choice, self.reference.may_delete_or_suspend, nodes.suspend)
        if node:
            node.is_suspended = True

    @rule(choice=choice)
    def resume(self, choice):
        node = self._on_node(choice, self.reference.may_resume, nodes.resume)
        if node:
            node.is_suspended = False

    @rule(choice=choice)
    def delete(self, choice):
        node = self._on_node(choice, self.reference.may_delete_or_suspend, nodes.delete)
        if node:
            node.deleted_at = self.reference.now

    @rule(choice=choice)
    def restore(self, choice):
        node = self._on_node(choice, self.reference.may_restore, nodes.restore)
        if node:
            node.deleted_at = None

    @rule(days=st.sampled_from([1, 3, 7, 16, 31]))
    def wait(self, days):
        self.clock.shift(timedelta(days=days))
        self.reference.now += timedelta(days=days)
        self.note_change()
