"""Steps of staff who give an organization without an owner a new one."""

from datetime import timedelta
from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy import grants
from hierarchy.models import Membership, OwnershipRecovery
from hierarchy.roles import Role
from tests.properties.machine.base import ACTORS, Machine, after_change, choice
from tests.properties.machine.world import PEOPLE
from tests.properties.reference.recoveries import TO_OBJECT, Recovery
from tests.support.acting import ownership_recoveries

ORGANIZATIONS = ["acme", "globex"]
FIRST_STEPS = 8  # with owners: most of what can happen needs one


class Recoveries(Machine):
    def __init__(self, world, name_server):
        super().__init__(world, name_server)
        self.recovery_rows = {}

    @precondition(lambda self: self.step > FIRST_STEPS and not self.reference.lost)
    @rule(name=st.sampled_from(ORGANIZATIONS))
    def lose_owners(self, name):
        """No step does that, so it is done by hand, in the database."""
        if name in self.reference.nodes:
            Membership.objects.at(self.real[name]).filter(role=Role.OWNER).update(role=Role.VIEWER)
            grants.resync()
            self.reference.lose_owners(name)
            self.note_change()

    @rule(choice=choice)
    def start_recovery(self, choice):
        done = self.take(
            choice,
            product(ACTORS, ORGANIZATIONS, PEOPLE),
            self.reference.may_start_recovery,
            lambda user, name, who: ownership_recoveries.start(
                self.real[name], self.users[who], reason="They are gone.", by=user
            ),
        )
        if done:
            _by, name, who, row = done
            self.recovery_rows[row.pk] = row
            due = self.reference.now + TO_OBJECT
            self.reference.recoveries[row.pk] = Recovery(name, who, due)

    def _on_recovery(self, choice, is_allowed, action):
        return self.take(
            choice,
            product(ACTORS, self.recovery_rows),
            is_allowed,
            lambda user, pk: action(self.recovery_rows[pk], by=user),
        )

    @precondition(lambda self: self.recovery_rows)
    @rule(choice=choice)
    def cancel_recovery(self, choice):
        done = self._on_recovery(
            choice, self.reference.may_cancel_recovery, ownership_recoveries.cancel
        )
        if done:
            self.reference.recoveries[done[1]].state = "cancelled"

    @precondition(lambda self: self.recovery_rows)
    @rule(choice=choice, later=st.booleans())
    def complete_recovery(self, choice, later):
        """Sometimes when the time to object is over, which is seldom waited for otherwise."""
        if later:
            self.clock.shift(timedelta(days=8))
            self.reference.now += timedelta(days=8)
        done = self._on_recovery(
            choice, self.reference.may_complete_recovery, ownership_recoveries.complete
        )
        if done:
            _by, pk, row = done
            recovery = self.reference.recoveries[pk]
            recovery.state = "completed"
            self._know(row, recovery.user, recovery.organization, Role.OWNER)

    @after_change
    def store_recoveries_as_the_reference(self):
        assert set(OwnershipRecovery.objects.values_list("pk", "state")) == {
            (pk, row.state) for pk, row in self.reference.recoveries.items()
        }
