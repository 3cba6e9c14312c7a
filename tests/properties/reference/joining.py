"""Asking for access, being blocked, and joining by one's address, in miniature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hierarchy.roles import Role
from tests.hierarchy.test_roles import REACHES, TABLE
from tests.properties.reference.invitations import Invitations
from tests.properties.reference.tree import STAFF

PATIENCE = timedelta(days=30)
FORMERLY = " of old "  # follows the name of somebody who has signed up anew, in that of the account


@dataclass
class Asking:
    node: str
    user: str
    permission: str | None  # None: to become a member
    since: datetime
    state: str = "pending"


class Joining(Invitations):
    def __init__(self, now):
        super().__init__(now)
        self.open_to_all: set[str] = set()  # organizations that anybody may ask
        self.domains: dict[str, Role] = {}  # whose people may join, as what: all of them
        self.asked_by_address: set[str] = set()  # organizations whose domain's people may ask
        self.requests: dict[int, Asking] = {}
        self.blocked: dict[int, tuple[str, str]] = {}  # organization and person

    def forget(self, gone):
        self.requests = {pk: r for pk, r in self.requests.items() if r.node not in gone}
        self.blocked = {pk: b for pk, b in self.blocked.items() if b[0] not in gone}
        self.domains = {name: role for name, role in self.domains.items() if name not in gone}
        super().forget(gone)

    def end(self, pk):
        """Remove a membership, those beneath it, and what its person asks for there."""
        member = self.members[pk]
        super().end(pk)
        for request in self.requests.values():
            inside = member.node in self.path(request.node)
            if inside and request.user == member.user and request.state == "pending":
                request.state = "withdrawn"

    # --- Asking

    def may_ask(self, by, name, permission):
        if name not in self.nodes or not self.is_open(name):
            return False
        if not self._is_door_open(by, name, permission) or self.is_blocked(by, name):
            return False
        if self.is_silenced(by, name) or self.asked(by, name):
            return False
        if permission is None:  # access that has ended may be asked for anew
            own = self.member_at(by, name)
            return own is None or self.members[own].has_ended
        return permission not in self.rights(by, name)

    def _is_door_open(self, by, name, permission):
        """Who sees a node may ask for what is decided there; who sees nothing, only to come in."""
        level = self.nodes[name].level
        if permission is None:
            is_open = name in self.open_to_all | self.asked_by_address | set(self.domains)
            return level == "organization" and is_open
        return TABLE[permission][0] in REACHES[level] and self.sees(by, name)

    def sees(self, by, name):
        if by == STAFF:  # only what they see as a member is theirs to ask for
            return f"view_{self.nodes[name].level}" in self.rights_of_member(by, name)
        return self.may(by, "view_*", name)

    def is_silenced(self, user, name):
        path = self.path(name)
        rows = self.members.values()
        return any(m.user == user and m.node in path and not m.is_active for m in rows)

    def is_blocked(self, user, name):
        return bool(self.blocks_of(user, self.path(name)[0]))

    def blocks_of(self, user, organization):
        """Return what blocks this account: itself, or a closed one whose address it has now."""
        return [
            pk
            for pk, (where, who) in self.blocked.items()
            if where == organization and user in (who, who.partition(FORMERLY)[0])
        ]

    def asked(self, user, name):
        """Return the requests of the person there that still wait for an answer."""
        return [
            r for r in self.requests.values() if self.waits(r) and (r.user, r.node) == (user, name)
        ]

    def waits(self, request):
        return request.state == "pending" and self.now - request.since < PATIENCE

    def ask(self, pk, by, name, permission):
        for earlier in self.requests.values():
            if (earlier.user, earlier.node, earlier.state) == (by, name, "pending"):
                earlier.state = "expired"
        self.requests[pk] = Asking(name, by, permission, self.now)

    def may_withdraw_request(self, by, pk):
        request = self.requests.get(pk)
        if request is None or not self.waits(request):
            return False
        return request.user == by and self.is_open(request.node)

    # --- Answering

    def member_at(self, user, name):
        """Return the id of the person's membership on the node itself."""
        rows = self.members.items()
        return next((pk for pk, m in rows if (m.user, m.node) == (user, name)), None)

    def may_answer(self, by, pk):
        """To invite, or of somebody who is a member already, to change that; never one's own."""
        request = self.requests.get(pk)
        if request is None or not self.waits(request) or not self.is_open(request.node):
            return False
        is_member = self.is_member(request.user, request.node)
        verb = "change_*_member" if is_member else "invite_*_member"
        return by != request.user and self.may(by, verb, request.node)

    def may_approve(self, by, pk, role):
        if not self.may_answer(by, pk):
            return False
        request = self.requests[pk]
        name = request.node
        granted = self.grants(role, request.node)
        if request.permission is not None and request.permission not in granted:
            return False
        membership = self.member_at(request.user, name)
        if membership is None:
            may_give = self.suits(role, name) and granted <= self.rights(by, name)
            is_fit = request.user not in self.inactive and not self.is_silenced(request.user, name)
            return may_give and is_fit
        member = self.members[membership]
        is_fit = member.is_active and member.user not in self.inactive
        is_new = member.has_ended or member.role != role
        return is_fit and is_new and self.may_change_role(by, membership, role)

    def approve(self, pk, role):
        """Give the role, or give it again for good to whose access has ended."""
        request = self.requests[pk]
        request.state = "approved"
        own = self.member_at(request.user, request.node)
        if own is not None:
            member = self.members[own]
            if member.has_ended:
                self.settle(member.user, member.node)
            member.ends = member.ends and not member.has_ended
            member.has_ended = False
            member.role = role

    # --- Blocking

    def may_block(self, by, organization, user):
        is_new = (organization, user) not in self.blocked.values()
        return user != by and is_new and self._may_shut_out(by, organization)

    def may_unblock(self, by, pk):
        return pk in self.blocked and self._may_shut_out(by, self.blocked[pk][0])

    def _may_shut_out(self, by, organization):
        if organization not in self.nodes or not self.is_open(organization):
            return False
        return self.may(by, "invite_organization_member", organization)

    def block(self, pk, organization, user):
        self.blocked[pk] = (organization, user)
        for request in self.requests.values():
            inside = self.path(request.node)[0] == organization
            if inside and request.user == user and request.state == "pending":
                request.state = "declined"

    def unblock(self, pk):
        organization, user = self.blocked[pk]
        for block in self.blocks_of(user, organization):
            del self.blocked[block]

    def could_return(self, pk):
        """Whether the member, once removed, could come back by their address, and isn't blocked."""
        member = self.members[pk]
        known = (member.node, member.user) in self.blocked.values()
        return member.node in self.domains and not known

    def would_gain(self, pk):
        """Whether coming back by their address would be more than what the member has."""
        member = self.members[pk]
        if not self.could_return(pk):
            return False
        if not member.is_active or member.ends or member.has_ended:
            return True
        given = self.grants(self.domains[member.node], member.node)
        return not given <= self.grants(member.role, member.node)

    # --- Joining

    def may_join(self, by, organization):
        if organization not in self.domains or not self.is_open(organization):
            return False
        is_free = by not in self.inactive and not self.is_member(by, organization)
        return is_free and not self.is_blocked(by, organization)

    def come_in(self, user, name):
        for block in self.blocks_of(user, name):  # of nothing but an organization there are any
            del self.blocked[block]
        self.settle(user, name)

    def settle(self, user, name):
        super().settle(user, name)
        for request in self.requests.values():
            is_theirs = (request.user, request.node, request.permission) == (user, name, None)
            if is_theirs and request.state == "pending":
                request.state = "withdrawn"
