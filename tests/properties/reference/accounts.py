"""Closing an account in miniature."""

from tests.properties.reference.custom_roles import CustomRoles
from tests.properties.reference.ownership import Ownership
from tests.properties.reference.recoveries import Recoveries
from tests.properties.reference.transfers import Transfers


class Accounts(CustomRoles, Ownership, Recoveries, Transfers):
    def may_close(self, who):
        is_sole = any(self.is_last_owner(m) for m in self.members.values() if m.user == who)
        return who not in self.inactive and not is_sole

    def wishes_elsewhere(self, who):
        """Return what the person waits for where they are no member."""
        own = [m.node for m in self.members.values() if m.user == who]
        return [
            r
            for r in self.requests.values()
            if r.user == who and self.waits(r) and not set(self.path(r.node)) & set(own)
        ]

    def close(self, who, former):
        """Leave everything; what `who` has done stays with the account, which is `former` now.

        Returns the organizations that block them, as they do whoever leaves.
        """
        kept_out = []
        while mine := [pk for pk, m in self.members.items() if m.user == who]:
            if self.would_gain(mine[0]):
                kept_out.append(self.members[mine[0]].node)
            self.end(mine[0])
        self.requests = {pk: r for pk, r in self.requests.items() if r.user != who}
        self.successors = {k: None if v == who else v for k, v in self.successors.items()}
        rows = [*self.handovers.values(), *self.recoveries.values()]
        rows += [*self.offers.values(), *self.transfers.values()]
        for row in rows:
            for role in ("inviter", "offered_by"):
                if getattr(row, role, None) == who:
                    setattr(row, role, former)
        for row in [*self.handovers.values(), *self.recoveries.values()]:
            row.user = former if row.user == who else row.user
        blocked = self.blocked.items()
        self.blocked = {pk: (k, former if who == user else user) for pk, (k, user) in blocked}
        self.inactive.add(former)
        return kept_out
