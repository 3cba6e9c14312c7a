"""Steps on nodes, and the passing of time."""

from datetime import timedelta
from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy.actions import applications, nodes, organizations, workspaces
from hierarchy.models import Membership
from hierarchy.roles import Role
from tests.properties.machine.base import ACTORS, Machine, choice, person
from tests.properties.reference import Node

MOST_NODES = 14
BENEATH = {"organization": "workspace", "workspace": "application"}


class Nodes(Machine):
    @precondition(lambda self: len(self.real) < MOST_NODES)
    @rule(choice=choice, production=st.booleans())
    def create(self, choice, production):
        self.count += 1
        name = f"new-{self.count}"
        fields = {"name": f"Node {name}", "slug": name}
        environment = "production" if production else "staging"

        def create(user, parent):
            place = self.real[parent]
            if place.level == "organization":
                return workspaces.create(place, by=user, **fields)
            return applications.create(
                place, by=user, platform="web", environment=environment, **fields
            )

        parents = [place for place, node in self.real.items() if node.level != "application"]
        done = self.take(choice, product(ACTORS, parents), self.reference.may_create, create)
        if done:
            _by, parent, self.real[name] = done
            level = BENEATH[self.reference.nodes[parent].level]
            is_production = production and level == "application"
            self.reference.nodes[name] = Node(level, parent, is_production)

    @precondition(lambda self: len(self.real) < MOST_NODES)
    @rule(by=person)
    def found(self, by):
        self.count += 1
        name = f"new-{self.count}"
        done = self.attempt(
            by,
            by not in self.reference.inactive,
            lambda user: organizations.create(by=user, name=f"Node {name}", slug=name),
        )
        if done:
            self.real[name] = done
            self.reference.nodes[name] = Node("organization", None)
            self._know(Membership.objects.at(done).get(), by, name, Role.OWNER)

    def _on_node(self, choice, is_allowed, action):
        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: name in self.reference.nodes and is_allowed(by, name),
            lambda user, name: action(self.real[name], by=user),
        )
        return self.reference.nodes[done[1]] if done else None

    @rule(choice=choice)
    def edit(self, choice):
        self.count += 1
        name = f"Edited {self.count}"
        self._on_node(
            choice,
            self.reference.may_edit,
            lambda node, by: nodes.edit(node, by=by, name=name),
        )

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

    @rule()
    def purge(self):
        assert nodes.purge_expired() == self.reference.purge()

    @rule(days=st.sampled_from([1, 3, 7, 16, 31]))
    def wait(self, days):
        self.clock.shift(timedelta(days=days))
        self.reference.now += timedelta(days=days)
