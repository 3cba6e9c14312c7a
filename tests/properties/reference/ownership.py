"""Handing an organization over, and naming who comes next, in miniature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hierarchy.roles import Role
from tests.properties.reference.members import Members

OPEN = timedelta(days=7)


@dataclass
class Handover:
    organization: str
    user: str
    offered_by: str
    becomes: Role
    expires: datetime
    state: str = "pending"


class Ownership(Members):
    def __init__(self, now):
        super().__init__(now)
        self.handovers: dict[int, Handover] = {}
        self.successors: dict[str, str] = {}

    def forget(self, gone):
        rows = self.handovers.items()
        self.handovers = {pk: row for pk, row in rows if row.organization not in gone}
        self.successors = {k: who for k, who in self.successors.items() if k not in gone}
        super().forget(gone)

    def end(self, pk):
        """Remove a membership, and the offer of the organization that its person made or got."""
        member = self.members[pk]
        super().end(pk)
        if self.successors.get(member.node) == member.user:
            self.successors[member.node] = None
        for row in self.handovers.values():
            is_theirs = member.user in (row.user, row.offered_by)
            if is_theirs and (row.organization, row.state) == (member.node, "pending"):
                row.state = "withdrawn"

    def is_candidate(self, user, organization):
        """Whether somebody who is no owner yet could be one: they are a member at this moment."""
        rows = [m for m in self.members.values() if (m.user, m.node) == (user, organization)]
        return user not in self.inactive and any(
            m.role != Role.OWNER and m.is_active and not m.has_ended for m in rows
        )

    def may_name_successor(self, by, organization, user):
        may = self._may_hand_over(by, organization)
        return may and (user is None or self.is_candidate(user, organization))

    def may_offer_ownership(self, by, organization, user):
        if not self._may_hand_over(by, organization) or by not in self.owners(organization):
            return False
        rows = [row for row in self.handovers.values() if row.organization == organization]
        return self.is_candidate(user, organization) and not any(map(self.is_undecided, rows))

    def offer_ownership(self, pk, by, organization, user, becomes):
        for row in self.handovers.values():
            if (row.organization, row.state) == (organization, "pending"):
                row.state = "expired"
        self.handovers[pk] = Handover(organization, user, by, becomes, self.now + OPEN)

    def may_withdraw_ownership(self, by, pk):
        row = self.handovers.get(pk)
        is_undecided = row is not None and self.is_undecided(row)
        return is_undecided and self._may_hand_over(by, row.organization)

    def may_decline_ownership(self, by, pk):
        row = self.handovers.get(pk)
        if row is None or not self.is_undecided(row) or by != row.user:
            return False
        return by not in self.inactive and self.is_open(row.organization)

    def may_accept_ownership(self, by, pk):
        if not self.may_decline_ownership(by, pk):
            return False
        row = self.handovers[pk]
        is_theirs = row.offered_by in self.owners(row.organization)
        return is_theirs and self.is_candidate(by, row.organization)

    def accept_ownership(self, pk):
        row = self.handovers[pk]
        row.state = "accepted"
        for member in self.members.values():
            if member.node == row.organization and member.user == row.user:
                member.role = Role.OWNER
                member.ends = False
            elif member.node == row.organization and member.user == row.offered_by:
                member.role = row.becomes

    def is_undecided(self, row):
        return row.state == "pending" and self.now < row.expires

    def _may_hand_over(self, by, organization):
        if organization not in self.nodes or not self.is_open(organization):
            return False
        return self.may(by, "transfer_organization", organization)
