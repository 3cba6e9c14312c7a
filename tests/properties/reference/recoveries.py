"""Giving an owner to an organization that has lost its own, in miniature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hierarchy.roles import Role
from tests.properties.reference.members import Members
from tests.properties.reference.tree import STAFF

TO_OBJECT = timedelta(days=7)


@dataclass
class Recovery:
    organization: str
    user: str
    due: datetime
    state: str = "running"


class Recoveries(Members):
    def __init__(self, now):
        super().__init__(now)
        self.recoveries: dict[int, Recovery] = {}
        self.lost: set[str] = set()  # organizations whose owners no rule has let go

    def forget(self, gone):
        rows = self.recoveries.items()
        self.recoveries = {pk: row for pk, row in rows if row.organization not in gone}
        self.lost -= gone
        super().forget(gone)

    def lose_owners(self, organization):
        for member in self.members.values():
            if (member.node, member.role) == (organization, Role.OWNER):
                member.role = Role.VIEWER
        self.lost.add(organization)

    def ownerless(self):
        """Return the organizations without an owner, which are among those that lost them."""
        found = {k for k, node in self.nodes.items() if node.parent is None and not self.owners(k)}
        self.lost &= found
        assert found == self.lost
        return found

    def running(self, organization):
        rows = self.recoveries.values()
        return [r for r in rows if (r.organization, r.state) == (organization, "running")]

    def may_start_recovery(self, by, organization, user):
        return (
            by == STAFF
            and self.exists(organization)
            and not self.owners(organization)
            and user not in self.inactive
            and not self.running(organization)
        )

    def is_running(self, pk):
        row = self.recoveries.get(pk)
        return row is not None and row.state == "running" and self.exists(row.organization)

    def may_cancel_recovery(self, by, pk):
        is_running = self.is_running(pk)
        return is_running and self.may(
            by, "transfer_organization", self.recoveries[pk].organization
        )

    def may_complete_recovery(self, by, pk):
        if not self.is_running(pk) or by != STAFF:
            return False
        row = self.recoveries[pk]
        is_due = row.due <= self.now and not self.owners(row.organization)
        return is_due and row.user not in self.inactive
