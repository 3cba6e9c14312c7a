"""Steps of owners who hand their organization over."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy.models import Organization, OwnershipOffer
from hierarchy.roles import BUILT_IN
from tests.properties.machine.base import ACTORS, PEOPLE, Machine, after_change, choice
from tests.support.acting import ownership

ORGANIZATIONS = ["acme", "globex"]


class Ownership(Machine):
    def __init__(self, world, name_server):
        super().__init__(world, name_server)
        self.handover_rows = {}

    @rule(choice=choice)
    def name_successor(self, choice):
        done = self.take(
            choice,
            product(ACTORS, ORGANIZATIONS, [None, *PEOPLE]),
            self.reference.may_name_successor,
            lambda user, name, who: ownership.name_successor(
                self.real[name], who and self.users[who], by=user
            ),
            events=lambda _by, name, who: self.reference.successors.get(name) != who,
        )
        if done:
            _by, name, who, _organization = done
            self.reference.successors[name] = who

    @rule(choice=choice, becomes=st.sampled_from(BUILT_IN))
    def offer_ownership(self, choice, becomes):
        done = self.take(
            choice,
            product(ACTORS, ORGANIZATIONS, PEOPLE),
            self.reference.may_offer_ownership,
            lambda user, name, who: ownership.offer(
                self.real[name], self.users[who], by=user, becomes=becomes
            ),
        )
        if done:
            by, name, who, row = done
            self.handover_rows[row.pk] = row
            self.reference.offer_ownership(row.pk, by, name, who, becomes)

    def _on_handover(self, choice, is_allowed, action):
        done = self.take(
            choice,
            product(ACTORS, self.handover_rows),
            is_allowed,
            lambda user, pk: action(self.handover_rows[pk], by=user),
        )
        return done[1] if done else None

    @precondition(lambda self: self.handover_rows)
    @rule(choice=choice)
    def accept_ownership(self, choice):
        pk = self._on_handover(choice, self.reference.may_accept_ownership, ownership.accept)
        if pk:
            self.reference.accept_ownership(pk)

    @precondition(lambda self: self.handover_rows)
    @rule(choice=choice)
    def decline_ownership(self, choice):
        pk = self._on_handover(choice, self.reference.may_decline_ownership, ownership.decline)
        if pk:
            self.reference.handovers[pk].state = "declined"

    @precondition(lambda self: self.handover_rows)
    @rule(choice=choice)
    def withdraw_ownership(self, choice):
        pk = self._on_handover(choice, self.reference.may_withdraw_ownership, ownership.withdraw)
        if pk:
            self.reference.handovers[pk].state = "withdrawn"

    @after_change
    def store_handovers_as_the_reference(self):
        assert set(OwnershipOffer.objects.values_list("pk", "state")) == {
            (pk, row.state) for pk, row in self.reference.handovers.items()
        }
        named = Organization.objects.exclude(successor=None).values_list("pk", "successor")
        assert set(named) == {
            (self.real[name].pk, self.users[who].pk)
            for name, who in self.reference.successors.items()
            if who
        }
