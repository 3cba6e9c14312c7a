"""The tree and its rights in miniature."""

from dataclasses import dataclass
from datetime import datetime

from hierarchy.roles import Role
from tests.hierarchy.test_roles import REACHES, TABLE, granted

STAFF = "staff"


@dataclass
class Node:
    level: str
    parent: str | None
    is_production: bool = False
    slug: str = ""
    environment: str = ""  # of an application
    version: int = 1
    is_suspended: bool = False
    deleted_at: datetime | None = None


@dataclass
class Custom:
    organization: str
    permissions: set[str]
    is_deleted: bool = False
    version: int = 1


@dataclass
class Member:
    user: str
    node: str
    role: Role | str  # or the name of a custom one
    is_active: bool = True
    ends: bool = False  # by itself, one day
    has_ended: bool = False


class Tree:
    """The nodes, and who holds what on them."""

    def __init__(self, now):
        self.now = now
        self.nodes: dict[str, Node] = {}
        self.inactive: set[str] = set()
        self.clerks: dict[str, set[str]] = {}  # of the staff, what they hold on every tree
        self.roles: dict[str, Custom] = {}
        self.members: dict[int, Member] = {}
        self.events = 0

    # --- The tree

    def path(self, name):
        """Return the names of the node and its ancestors, from the organization down."""
        node = self.nodes[name]
        return [*(self.path(node.parent) if node.parent else []), name]

    def beneath(self, name):
        return {other for other in self.nodes if name in self.path(other)}

    def exists(self, name):
        return name in self.nodes and not any(self.nodes[n].deleted_at for n in self.path(name))

    def is_open(self, name):
        """Whether the node can be changed: neither deleted nor suspended, nor anything above."""
        return self.exists(name) and not any(self.nodes[n].is_suspended for n in self.path(name))

    # --- Rights

    def holds(self, user, name):
        """Return what the person holds on the node, whatever the node's state."""
        everywhere = set() if user in self.inactive else self.everywhere(user)
        return everywhere | self._holds_as_member(user, name)

    def _holds_as_member(self, user, name):
        if user in self.inactive:
            return set()
        rights = set()
        path = self.path(name)
        mine = {m.node: m for m in self.members.values() if m.user == user}
        for part in path:
            if part in mine:
                if not mine[part].is_active:  # silences itself and what is beneath
                    break
                if not mine[part].has_ended:
                    rights |= self.grants(mine[part].role, part)
        return rights

    def rights(self, user, name):
        return self.holds(user, name) if self.exists(name) else set()

    def rights_of_member(self, user, name):
        """Return what the person may do there as a member, whatever they hold as staff."""
        return self._holds_as_member(user, name) if self.exists(name) else set()

    def may(self, user, verb, name):
        """Return whether the person has the permission `verb`, with the node's level filled in."""
        return verb.replace("*", self.nodes[name].level) in self.rights(user, name)

    def everywhere(self, user):
        """Return what somebody of the staff holds on every tree."""
        return set(TABLE) if user == STAFF else self.clerks.get(user, set())

    def owns(self, user, name):
        """Whether the person may do there whatever an owner of the node may."""
        return self.grants(Role.OWNER, name) <= self.holds(user, name)

    def grants(self, role, name):
        level = self.nodes[name].level
        if role in self.roles:
            return {p for p in self.roles[role].permissions if TABLE[p][0] in REACHES[level]}
        return granted(role, level)

    def suits(self, role, name):
        """Whether the role makes sense there: a custom one is of that tree, and shows the node."""
        if role not in self.roles:
            return role in set(Role)  # others were composed in a tree that is gone
        is_ours = self.roles[role].organization == self.path(name)[0]
        shows = f"view_{self.nodes[name].level}" in self.grants(role, name)
        return is_ours and shows and not self.roles[role].is_deleted

    def forget(self, gone):
        """Drop the nodes, and what hangs on them."""
        self.members = {pk: m for pk, m in self.members.items() if m.node not in gone}
        self.roles = {name: r for name, r in self.roles.items() if r.organization not in gone}
        for name in gone:
            del self.nodes[name]
