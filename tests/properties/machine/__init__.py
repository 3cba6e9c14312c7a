"""The machine that takes the steps, on the real system and in miniature, and compares both.

A step on things takes them as they were when they were made, as in a request that began long ago.
"""

from hierarchy.roles import Role
from tests.properties.machine.accounts import Accounts
from tests.properties.machine.batches import Batches
from tests.properties.machine.custom_roles import CustomRoles
from tests.properties.machine.domains import Domains
from tests.properties.machine.invitations import Invitations
from tests.properties.machine.jobs import Jobs
from tests.properties.machine.joining import Joining
from tests.properties.machine.ledger import Ledger
from tests.properties.machine.members import Members
from tests.properties.machine.nodes import Nodes
from tests.properties.machine.ownership import Ownership
from tests.properties.machine.recoveries import Recoveries
from tests.properties.machine.reviews import Reviews
from tests.properties.machine.settings import Settings
from tests.properties.machine.slugs import Slugs
from tests.properties.machine.transfers import Transfers

# Of what is allowed: see `take`.
FIRST = (True, 0)
LAST = (True, -1)


class Hierarchy(
    Nodes,
    Slugs,
    Members,
    Accounts,
    Batches,
    CustomRoles,
    Invitations,
    Joining,
    Domains,
    Ownership,
    Recoveries,
    Transfers,
    Reviews,
    Settings,
    Jobs,
    Ledger,
):
    def begin(self):
        self.send(FIRST, who="fay", new=Role.MANAGER)
        self.ask(FIRST, permission=None)
        self.ask(FIRST, permission="change_workspace")
        self.offer_ownership(FIRST, becomes=Role.MANAGER)
        self.offer_transfer(FIRST)
        self.start_review(FIRST, days=10)
        self.delete(LAST)
        self.suspend(LAST)
        self.change_dates(LAST, ends=True, is_stale=False)
        self.suspend_member(LAST)
        assert self.reference.events == 10
