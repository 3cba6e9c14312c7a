"""Invitations in miniature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hierarchy.roles import Role
from tests.properties.reference.members import Members

TERM = timedelta(days=7)
REMINDED = timedelta(days=2)  # before the end


@dataclass
class Offer:
    node: str
    user: str  # whose verified address is invited
    role: Role
    inviter: str
    expires: datetime
    state: str = "pending"
    since: datetime | None = None
    is_reminded: bool = False
    ends: bool = False  # what comes of it, by itself, one day


class Invitations(Members):
    def __init__(self, now):
        super().__init__(now)
        self.offers: dict[int, Offer] = {}

    def forget(self, gone):
        self.offers = {pk: o for pk, o in self.offers.items() if o.node not in gone}
        super().forget(gone)

    def end(self, pk):
        """Remove a membership, those beneath it, and what its person offered, or was offered."""
        member = self.members[pk]
        super().end(pk)
        for offer in self.offers.values():
            inside = member.node in self.path(offer.node)
            is_theirs = member.user in (offer.inviter, offer.user)
            if inside and is_theirs and offer.state == "pending":
                offer.state = "revoked"

    def settle(self, user, name):
        """Settle what somebody who is a member now was offered there, and asked for."""
        for offer in self.pending(name, user):
            offer.state = "revoked"

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
        if not self.may_offer(by, name, role) or not self.suits(role, name):
            return False
        if user == by or self.is_known_member(by, user, name):
            return False
        return all(offer.expires <= self.now for offer in self.pending(name, user))

    def is_known_member(self, by, user, name):
        """Whether the person can't be invited, and the inviter may know: they see the members."""
        if self.is_member(user, name) and self.may(by, "view_*_member", name):
            return True
        return any(
            m.user == user and m.node == part and not m.is_active
            for m in self.members.values()
            for part in self.path(name)
            if self.may(by, "view_*_member", part)
        )

    def send(self, pk, by, name, user, role):
        for earlier in self.pending(name, user):
            earlier.state = "expired"
        self.offers[pk] = Offer(name, user, role, by, self.now + TERM, since=self.now)

    def remind_of_expiry(self):
        """Remind once of what expires soon and still holds, not of what was to last no longer."""
        due = {
            pk: o
            for pk, o in self.offers.items()
            if o.state == "pending"
            and self.now < o.expires <= self.now + REMINDED
            and o.expires > o.since + REMINDED + timedelta(days=1)
            and not o.is_reminded
            and self.is_open(o.node)
            and self.may_offer(o.inviter, o.node, o.role)
        }
        for offer in due.values():
            offer.is_reminded = True
        return set(due)

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

    def may_extend(self, by, pk):
        offer = self.offers.get(pk)
        may = offer is not None and offer.state == "pending" and self.may_change_offer(by, pk)
        return may and self.suits(offer.role, offer.node)

    def may_offer_as(self, by, pk, role):
        """Whether the person may make another role of what is offered."""
        offer = self.offers.get(pk)
        if offer is None or offer.state != "pending" or not self.may_change_offer(by, pk):
            return False
        return self.suits(role, offer.node) and self.may_offer(by, offer.node, role)

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
        if by == offer.inviter or not self.may_offer(offer.inviter, offer.node, offer.role):
            return False
        silenced = any(
            m.user == by and m.node in self.path(offer.node) and not m.is_active
            for m in self.members.values()
        )
        return not silenced and not self.is_member(by, offer.node)
