"""The hierarchy in miniature, written from the specification and not from the code.

Everything is a plain dictionary. `may_…` says whether a step must be allowed; the machine performs
the step on the real system, compares the outcome, and tells this one what has happened.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hierarchy.roles import Role
from tests.hierarchy.test_roles import REACHES, TABLE, granted

STAFF = "staff"
TRASH = timedelta(days=30)
TERM = timedelta(days=7)
LEVELS = ["organization", "workspace", "application"]
DEFAULTS = {"retention_days": 395, "time_zone": "UTC", "require_signed_token": True}


@dataclass
class Node:
    level: str
    parent: str | None
    is_production: bool = False
    is_suspended: bool = False
    deleted_at: datetime | None = None


@dataclass
class Custom:
    organization: str
    permissions: set[str]
    is_deleted: bool = False


@dataclass
class Member:
    user: str
    node: str
    role: Role | str  # or the name of a custom one
    is_active: bool = True
    ends: bool = False  # by itself, one day
    has_ended: bool = False


@dataclass
class Offer:
    node: str
    user: str  # whose verified address is invited
    role: Role
    inviter: str
    expires: datetime
    state: str = "pending"


class Reference:
    def __init__(self, now):
        self.now = now
        self.nodes: dict[str, Node] = {}
        self.inactive: set[str] = set()
        self.roles: dict[str, Custom] = {}
        self.members: dict[int, Member] = {}
        self.offers: dict[int, Offer] = {}
        self.settings: dict[tuple[str, str], object] = {}
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
        if user == STAFF:
            return set(TABLE)
        if user in self.inactive:
            return set()
        rights, path = set(), self.path(name)
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

    def may(self, user, verb, name):
        """Return whether the person has the permission `verb`, with the node's level filled in."""
        return verb.replace("*", self.nodes[name].level) in self.rights(user, name)

    def grants(self, role, name):
        level = self.nodes[name].level
        if role in self.roles:
            return {p for p in self.roles[role].permissions if TABLE[p][0] in REACHES[level]}
        return granted(role, level)

    def suits(self, role, name):
        """Whether the role makes sense there: a custom one is of that tree, and shows the node."""
        if role not in self.roles:
            return True
        is_ours = self.roles[role].organization == self.path(name)[0]
        shows = f"view_{self.nodes[name].level}" in self.grants(role, name)
        return is_ours and shows and not self.roles[role].is_deleted

    # --- Custom roles

    def wearers(self, role):
        """Return the members who have the role, and the undecided offers of it."""
        members = [m for m in self.members.values() if m.role == role]
        return members, [o for o in self.offers.values() if (o.role, o.state) == (role, "pending")]

    def may_manage_role(self, by, role):
        """Rule 4: nobody changes what they hold themselves, or beyond what they hold."""
        custom, (members, offers) = self.roles[role], self.wearers(role)
        organization = custom.organization
        if custom.is_deleted or organization not in self.nodes or not self.is_open(organization):
            return False
        if not self.may(by, "manage_custom_roles", organization):
            return False
        if any(m.user == by for m in members):
            return False
        needed = {f"change_{self.nodes[row.node].level}_member" for row in [*members, *offers]}
        return custom.permissions | needed <= self.holds(by, organization)

    def may_edit_role(self, by, role, permissions):
        if not self.may_manage_role(by, role) or not permissions <= self.holds(
            by, self.roles[role].organization
        ):
            return False
        rows = [row for part in self.wearers(role) for row in part]
        return all(f"view_{self.nodes[row.node].level}" in permissions for row in rows)

    def may_delete_role(self, by, role, replacement):
        if replacement == role or not self.may_manage_role(by, role):
            return False
        rows = [row for part in self.wearers(role) for row in part]
        return all(
            self.suits(replacement, row.node)
            and self.grants(replacement, row.node) <= self.holds(by, row.node)
            for row in rows
        )

    def delete_role(self, role, replacement):
        for row in [row for part in self.wearers(role) for row in part]:
            row.role = replacement
        self.roles[role].is_deleted = True

    # --- Nodes

    def may_create(self, by, parent, permission):
        return self.is_open(parent) and self.may(by, permission, parent)

    def may_edit(self, by, name):
        if not (self.is_open(name) and self.may(by, "change_*", name)):
            return False
        node = self.nodes[name]
        return not node.is_production or self.may(by, "change_production_application", name)

    def may_delete_or_suspend(self, by, name):
        return self.is_open(name) and self.may(by, "delete_*", name)

    def may_resume(self, by, name):
        return (
            self.exists(name) and self.nodes[name].is_suspended and self.may(by, "delete_*", name)
        )

    def may_restore(self, by, name):
        node = self.nodes.get(name)
        if node is None or node.deleted_at is None or self.now - node.deleted_at >= TRASH:
            return False
        if node.parent and not self.is_open(node.parent):
            return False
        return f"delete_{node.level}" in self.holds(by, name)

    def purge(self):
        """Remove what was in the trash for too long; return how many were there by themselves."""
        deleted = {name: node.deleted_at for name, node in self.nodes.items() if node.deleted_at}
        over = {name for name, since in deleted.items() if self.now - since >= TRASH}
        gone = set().union(*(self.beneath(name) for name in over))
        for pk in [pk for pk, m in self.members.items() if m.node in gone]:
            del self.members[pk]
        for pk in [pk for pk, o in self.offers.items() if o.node in gone]:
            del self.offers[pk]
        for name in gone:
            del self.nodes[name]
        self.roles = {k: r for k, r in self.roles.items() if r.organization not in gone}
        self.settings = {k: v for k, v in self.settings.items() if k[0] not in gone}
        self.events += len(over)
        return len(over)

    # --- Members

    def owners(self, organization):
        return {
            m.user
            for m in self.members.values()
            if m.node == organization
            and m.role == Role.OWNER
            and m.is_active
            and not m.ends
            and m.user not in self.inactive
        }

    def is_last_owner(self, member):
        """Whether the organization would have no active owner without this membership."""
        is_top = self.nodes[member.node].level == "organization"
        return is_top and member.role == Role.OWNER and self.owners(member.node) == {member.user}

    def lower(self, member):
        """Return the person's memberships beneath this one."""
        return {
            pk: m
            for pk, m in self.members.items()
            if m.user == member.user and m.node != member.node and member.node in self.path(m.node)
        }

    def may_manage(self, by, pk, verb):
        """Rule 1: the permission, somebody else's membership, and never more than one holds."""
        member = self.members.get(pk)
        if member is None or not self.is_open(member.node) or member.user == by:
            return False
        return self.may(by, f"{verb}_*_member", member.node) and self._holds_all(by, [member])

    def _holds_all(self, by, members):
        return all(self.grants(m.role, m.node) <= self.holds(by, m.node) for m in members)

    def may_change_role(self, by, pk, role):
        if not self.may_manage(by, pk, "change"):
            return False
        member = self.members[pk]
        if not self.grants(role, member.node) <= self.rights(by, member.node):
            return False
        if not self.suits(role, member.node):
            return False
        return role == Role.OWNER or not self.is_last_owner(member)

    def may_change_dates(self, by, pk, ends):
        if not self.may_manage(by, pk, "change"):
            return False
        return not ends or not self.is_last_owner(self.members[pk])

    def may_suspend_member(self, by, pk):
        if not self.may_manage(by, pk, "change"):
            return False
        member = self.members[pk]
        holds_beneath = self._holds_all(by, self.lower(member).values())
        return holds_beneath and member.is_active and not self.is_last_owner(member)

    def may_reactivate_member(self, by, pk):
        if not self.may_manage(by, pk, "change"):
            return False
        member = self.members[pk]
        return self._holds_all(by, self.lower(member).values()) and not member.is_active

    def may_remove(self, by, pk):
        if not self.may_manage(by, pk, "remove"):
            return False
        member = self.members[pk]
        holds_beneath = self._holds_all(by, self.lower(member).values())
        return holds_beneath and not self.is_last_owner(member)

    def may_leave(self, by, pk):
        member = self.members.get(pk)
        if member is None or member.user != by:
            return False
        return self.is_open(member.node) and not self.is_last_owner(member)

    def end(self, pk):
        """Remove a membership, those beneath it, and the offers that its person made there."""
        member = self.members[pk]
        for lower in self.lower(member):
            del self.members[lower]
        del self.members[pk]
        for offer in self.offers.values():
            inside = member.node in self.path(offer.node)
            if inside and offer.inviter == member.user and offer.state == "pending":
                offer.state = "revoked"

    def may_add(self, by, name, user, role):
        is_staff = by == STAFF and self.suits(role, name)
        is_free = not self.is_member(user, name) and user not in self.inactive
        return is_staff and is_free and self.is_open(name)

    def is_member(self, user, name):
        return any(m.user == user and m.node == name for m in self.members.values())

    def may_deactivate(self, by, user):
        sole = any(self.is_last_owner(m) for m in self.members.values() if m.user == user)
        return by == STAFF and user not in self.inactive and not sole

    # --- Invitations

    def may_offer(self, by, name, role):
        if not (self.is_open(name) and self.may(by, "invite_*_member", name)):
            return False
        return self.grants(role, name) <= self.rights(by, name)

    def pending(self, name, user):
        """Return the undecided offers of an address on a node, expired or not."""
        return [
            o for o in self.offers.values() if (o.node, o.user, o.state) == (name, user, "pending")
        ]

    def may_send(self, by, name, user, role):
        if not self.may_offer(by, name, role) or self.is_member(user, name):
            return False
        if not self.suits(role, name):
            return False
        return all(offer.expires <= self.now for offer in self.pending(name, user))

    def send(self, pk, by, name, user, role):
        for earlier in self.pending(name, user):
            earlier.state = "expired"
        self.offers[pk] = Offer(name, user, role, by, self.now + TERM)

    def may_change_offer(self, by, pk):
        offer = self.offers.get(pk)
        if offer is None or offer.state not in ("pending", "expired"):
            return False
        return self.may_offer(by, offer.node, offer.role)

    def may_renew(self, by, pk):
        if not self.may_change_offer(by, pk):
            return False
        offer = self.offers[pk]
        if not self.suits(offer.role, offer.node):
            return False
        return all(other is offer for other in self.pending(offer.node, offer.user))

    def is_acceptable(self, by, pk):
        """Whether the offer is open and for this person, so that it can be declined at least."""
        offer = self.offers.get(pk)
        if offer is None or offer.user != by or by in self.inactive:
            return False
        return self.is_open(offer.node) and offer.state == "pending" and self.now < offer.expires

    def may_accept(self, by, pk):
        if not self.is_acceptable(by, pk):
            return False
        offer = self.offers[pk]
        if not self.may_offer(offer.inviter, offer.node, offer.role):
            return False
        silenced = any(
            m.user == by and m.node in self.path(offer.node) and not m.is_active
            for m in self.members.values()
        )
        return not silenced and not self.is_member(by, offer.node)

    # --- Settings

    def may_set(self, by, name, key, value):
        if not self.may_edit(by, name):
            return False
        guarded = key == "require_signed_token" and self.settings.get((name, key)) != value
        return not guarded or self.may(by, "change_token_requirement", name)

    def effective(self, name, key):
        """Return the value that holds, and the node that sets it."""
        for part in reversed(self.path(name)):
            if (part, key) in self.settings:
                return self.settings[part, key], part
        return DEFAULTS[key], None
