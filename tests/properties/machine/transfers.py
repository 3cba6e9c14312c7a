"""Steps of those who hand workspaces and applications over."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy import access
from hierarchy.models import Membership, Transfer
from tests.properties.machine.base import ACTORS, Machine, after_change, choice
from tests.support.acting import transfers

MOST_OFFERS = 15  # fewer than anybody makes on one day


class Transfers(Machine):
    def __init__(self, world, name_server):
        super().__init__(world, name_server)
        self.transfer_rows = {}

    @precondition(lambda self: len(self.transfer_rows) < MOST_OFFERS)
    @rule(choice=choice)
    def offer_transfer(self, choice):
        levels = {name: node.level for name, node in self.real.items()}
        movable = [name for name, level in levels.items() if level != "organization"]
        places = [name for name, level in levels.items() if level != "application"]
        done = self.take(
            choice,
            product(ACTORS, movable, places),
            self.reference.may_offer_transfer,
            lambda user, name, place: transfers.offer(self.real[name], self.real[place], by=user),
        )
        if done:
            by, name, place, row = done
            self.transfer_rows[row.pk] = row
            self.reference.offer_transfer(row.pk, by, name, place)

    @precondition(lambda self: self.transfer_rows)
    @rule(choice=choice, keep=st.sampled_from(["nobody", "all", "held"]))
    def accept_transfer(self, choice, keep):
        options = [
            (by, pk, place, self._kept(keep, by, pk, place))
            for by, pk in product(ACTORS, self.transfer_rows)
            for place in self._places(pk)
        ]
        done = self.take(
            choice,
            options,
            self.reference.may_accept_transfer,
            lambda user, pk, place, kept: transfers.accept(
                self.transfer_rows[pk], by=user, keep=kept, workspace=self._chosen(pk, place)
            ),
            events=lambda _by, pk, place, _kept: (
                1 + self._crosses(pk, place) + len(self.reference.lapsing(pk))
            ),
        )
        if done:
            _by, pk, place, kept, _node = done
            self.actors |= {None} if self.reference.lapsing(pk) else set()
            self.reference.accept_transfer(pk, place, kept)
            self._meet_again(self.reference.beneath(self.reference.transfers[pk].node))
            self._follow_former_slugs()

    def _chosen(self, pk, place):
        """Return the workspace that is chosen on acceptance, if that is not what was offered to."""
        row = self.reference.transfers.get(pk)
        return self.real[place] if row and place != row.place else None

    def _crosses(self, pk, place):
        """Whether it goes to another organization, which has an event of its own."""
        node = self.reference.transfers[pk].node
        return self.reference.path(node)[0] != self.reference.path(place)[0]

    def _places(self, pk):
        """Return where it may go: to what was offered to, or a workspace chosen there."""
        row = self.reference.transfers.get(pk)
        place = row.place if row else next(iter(self.reference.nodes))
        inside = [k for k, node in self.reference.nodes.items() if node.parent == place]
        is_open = row and self.reference.nodes[row.node].level == "application"
        is_open = is_open and self.reference.nodes[place].level == "organization"
        return [place, *inside] if is_open else [place]

    def _kept(self, keep, by, pk, place):
        row = self.reference.transfers.get(pk)
        if row is None or keep == "nobody":
            return set()
        if keep == "all":
            inside = self.reference.beneath(row.node)
            return {k for k, m in self.reference.members.items() if m.node in inside}
        is_owner = self.reference.owns(by, place)
        return self.reference.coming(row.node, place) if is_owner else set()

    def _meet_again(self, moved):
        """Load anew what has moved: whoever still speaks of it where it was is sent away."""
        for name in moved:
            rows = access.NODES[self.real[name].level].objects.with_parents()
            self.real[name] = rows.get(pk=self.real[name].pk)
        inside = [pk for pk, m in self.reference.members.items() if m.node in moved]
        rows = Membership.objects.select_related("user").with_nodes().filter(pk__in=inside)
        self.member_rows |= {row.pk: row for row in rows}

    def _on_transfer(self, choice, is_allowed, action, state):
        done = self.take(
            choice,
            product(ACTORS, self.transfer_rows),
            is_allowed,
            lambda user, pk: action(self.transfer_rows[pk], by=user),
        )
        if done:
            self.reference.transfers[done[1]].state = state

    @precondition(lambda self: self.transfer_rows)
    @rule(choice=choice)
    def decline_transfer(self, choice):
        self._on_transfer(
            choice, self.reference.may_decline_transfer, transfers.decline, "declined"
        )

    @precondition(lambda self: self.transfer_rows)
    @rule(choice=choice)
    def withdraw_transfer(self, choice):
        self._on_transfer(
            choice, self.reference.may_withdraw_transfer, transfers.withdraw, "withdrawn"
        )

    @after_change
    def store_transfers_as_the_reference(self):
        assert set(Transfer.objects.values_list("pk", "state")) == {
            (pk, row.state) for pk, row in self.reference.transfers.items()
        }
