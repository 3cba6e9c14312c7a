"""Handing a workspace or an application over, in miniature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.properties.reference.joining import Joining

OPEN = timedelta(days=14)
RECEIVE = {"workspace": "add_workspace", "application": "add_application"}


@dataclass
class Transfer:
    node: str
    place: str  # of an application also an organization: a workspace is chosen on acceptance
    offered_by: str
    expires: datetime
    state: str = "pending"


class Transfers(Joining):
    def __init__(self, now):
        super().__init__(now)
        self.transfers: dict[int, Transfer] = {}

    def forget(self, gone):
        rows = self.transfers.items()
        self.transfers = {k: t for k, t in rows if t.node not in gone and t.place not in gone}
        super().forget(gone)

    def end(self, pk):
        """Remove a membership, and what its person has offered of the node or beneath it."""
        member = self.members[pk]
        inside = self.beneath(member.node)
        super().end(pk)
        for row in self.transfers.values():
            is_theirs = row.offered_by == member.user and row.node in inside
            if is_theirs and row.state == "pending":
                row.state = "withdrawn"

    def could_hang(self, name, place):
        """Whether such a node may be offered to the place, which is not where it is."""
        node = self.nodes[name]
        other = self.nodes[place]
        levels = {"workspace": {"organization"}, "application": {"organization", "workspace"}}
        return other.level in levels.get(node.level, ()) and node.parent != place

    def may_offer_transfer(self, by, name, place):
        if not (name in self.nodes and place in self.nodes and self.could_hang(name, place)):
            return False
        if not (self.is_open(name) and self.is_open(place)):
            return False
        rows = [row for row in self.transfers.values() if row.node == name]
        return self.may(by, "transfer_*", name) and not any(map(self.is_on_offer, rows))

    def is_on_offer(self, row):
        return row.state == "pending" and self.now < row.expires

    def offer_transfer(self, pk, by, name, place):
        for row in self.transfers.values():
            if (row.node, row.state) == (name, "pending"):
                row.state = "expired"
        self.transfers[pk] = Transfer(name, place, by, self.now + OPEN)

    def is_decidable(self, pk):
        """Whether it can be withdrawn or declined, whatever has become of the place."""
        row = self.transfers.get(pk)
        return row is not None and self.is_on_offer(row) and self.is_open(row.node)

    def may_withdraw_transfer(self, by, pk):
        return self.is_decidable(pk) and self.may(by, "transfer_*", self.transfers[pk].node)

    def may_decline_transfer(self, by, pk):
        return self.is_decidable(pk) and self._may_receive(by, pk, self.transfers[pk].place)

    def _may_receive(self, by, pk, place):
        return RECEIVE[self.nodes[self.transfers[pk].node].level] in self.rights(by, place)

    def may_accept_transfer(self, by, pk, place, keep):
        """Whether the node may come to `place`, with the memberships `keep` and no others."""
        if not self.is_decidable(pk):
            return False
        row = self.transfers[pk]
        name = row.node
        if not self.is_open(row.place) or self.is_own_way_out(by, row):
            return False
        is_place = place == row.place or self.nodes[place].parent == row.place
        level = {"workspace": "organization", "application": "workspace"}[self.nodes[name].level]
        if not is_place or self.nodes[place].level != level or not self.could_hang(name, place):
            return False
        if not self.is_open(place) or not self.may(row.offered_by, "transfer_*", name):
            return False
        if not self._may_receive(by, pk, place) or not keep <= self.coming(name, place):
            return False
        return (not keep or self.owns(by, place)) and not self.wakes(name, keep)

    def is_own_way_out(self, by, row):
        """Whether the person would accept their own offer, out of what isn't theirs."""
        home = self.path(row.node)[0]
        right = f"transfer_{self.nodes[row.node].level}"
        crosses = home != self.path(row.place)[0]
        return by == row.offered_by and crosses and right not in self.rights(by, home)

    def wakes(self, name, keep):
        """Whether one is kept beneath a suspension that isn't."""
        ending = {k: m for k, m in self.members.items() if m.node == name and k not in keep}
        silenced = {m.user for m in ending.values() if not m.is_active}
        return any(self.members[k].user in silenced for k in keep)

    def coming(self, name, place):
        """Return the memberships on the node, and beneath it, that may be kept at the place.

        Custom roles stay with their organization; so does what a suspension above silences, and
        whoever is blocked in the other one.
        """
        above = self.path(name)[:-1]
        there = self.path(place)
        leaves = above[0] != there[0]
        silenced = {
            m.user
            for m in self.members.values()
            if not m.is_active
            and (
                (m.node in above and m.node not in there)
                or (leaves and m.node == name and m.role in self.roles)
            )
        }
        return {
            pk
            for pk, m in self.members.items()
            if m.node in self.beneath(name)
            and m.user not in silenced
            and not (leaves and self.is_blocked(m.user, place))
            and not (leaves and m.role in self.roles)
        }

    def lapsing(self, pk):
        """Return what other organizations have offered to the node, which is handed over itself."""
        name = self.transfers[pk].node
        return [
            row
            for row in self.transfers.values()
            if self.is_on_offer(row)
            and row.place == name
            and self.path(row.node)[0] != self.path(name)[0]
        ]

    def accept_transfer(self, pk, place, keep):
        name = self.transfers[pk].node
        moved = self.beneath(name)
        home = self.path(name)[0]
        if home != self.path(place)[0]:
            self.leave_reviews(name, home)
        members = self.members.items()
        self.members = {k: m for k, m in members if m.node not in moved or k in keep}
        self.offers = {k: o for k, o in self.offers.items() if o.node not in moved}
        self.requests = {k: r for k, r in self.requests.items() if r.node not in moved}
        for row in self.transfers.values():
            if row.state == "pending" and (row.node in moved or row.place in moved):
                row.state = "withdrawn"
        self.transfers[pk].state = "accepted"
        self.rename(name, self.suggestion(name, place), place)
