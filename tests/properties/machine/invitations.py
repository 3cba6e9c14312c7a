"""Steps on invitations."""

from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy.models import Invitation, word_for
from tests.properties.machine.base import (
    ACTORS,
    PEOPLE,
    Machine,
    after_change,
    choice,
    person,
    role,
)
from tests.properties.reference import TERM
from tests.support.acting import invitations


class Invitations(Machine):
    def __init__(self, world, name_server):
        super().__init__(world, name_server)
        self.offer_rows = {}

    @rule(choice=choice, who=person, new=role, for_a_while=st.booleans())
    def send(self, choice, who, new, for_a_while=False):
        ends_at = datetime.now(UTC) + timedelta(days=10_000) if for_a_while else None
        email = self.users[who].email
        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: (
                name in self.reference.nodes and self.reference.may_send(by, name, who, new)
            ),
            lambda user, name: invitations.send(
                self.real[name], email, self.real_role(new), by=user, ends_at=ends_at
            ),
        )
        if done:
            by, name, row = done
            self.offer_rows[row.pk] = row
            self.reference.send(row.pk, by, name, who, new)
            self.reference.offers[row.pk].ends = for_a_while

    def _on_offer(self, choice, is_allowed, action, *more, people=ACTORS, events=1):
        """Return who has done it, and the offer's id, and what came of it."""
        done = self.take(
            choice,
            product(people, self.offer_rows, *([each] for each in more)),
            is_allowed,
            lambda user, pk, *_more: action(self.offer_rows[pk], user),
            events=events,
        )
        return (*done[:2], done[-1]) if done else None

    def _renew(self, choice, action):
        done = self._on_offer(
            choice, self.reference.may_renew, lambda row, user: action(row, by=user)
        )
        if done:
            by, pk, _link = done
            offer = self.reference.offers[pk]
            offer.state = "pending"
            offer.inviter = by
            offer.is_reminded = False
            offer.expires = self.reference.now + TERM
            self.offer_rows[pk] = Invitation.objects.with_nodes().get(pk=pk)  # the new link

    @precondition(lambda self: self.offer_rows)
    @rule(choice=choice)
    def resend(self, choice):
        self._renew(choice, invitations.resend)

    @precondition(lambda self: self.offer_rows)
    @rule(choice=choice)
    def copy_link(self, choice):
        self._renew(choice, invitations.copy_link)

    @precondition(lambda self: self.offer_rows)
    @rule(choice=choice)
    def extend(self, choice):
        done = self._on_offer(
            choice,
            self.reference.may_extend,
            lambda row, user: invitations.extend(row, by=user),
        )
        if done:
            by, pk, _row = done
            offer = self.reference.offers[pk]
            offer.inviter = by
            offer.expires = self.reference.now + TERM
            offer.is_reminded = False

    @precondition(lambda self: self.offer_rows)
    @rule(choice=choice, new=role)
    def offer_another_role(self, choice, new):
        done = self._on_offer(
            choice,
            self.reference.may_offer_as,
            lambda row, user: invitations.change_role(row, self.real_role(new), by=user),
            new,
            events=lambda _by, pk, _new: self.reference.offers[pk].role != new,
        )
        if done:
            by, pk, _row = done
            offer = self.reference.offers[pk]
            if offer.role != new:
                offer.role = new
                offer.inviter = by

    @precondition(lambda self: self.offer_rows)
    @rule(choice=choice)
    def revoke(self, choice):
        done = self._on_offer(
            choice,
            self.reference.may_change_offer,
            lambda row, user: invitations.revoke(row, by=user),
        )
        if done:
            self.reference.offers[done[1]].state = "revoked"

    @precondition(lambda self: self.offer_rows)
    @rule(choice=choice)
    def accept(self, choice):
        done = self._on_offer(
            choice,
            self.reference.may_accept,
            lambda row, user: invitations.accept(row, by=user),
            people=PEOPLE,
        )
        if done:
            by, pk, row = done
            offer = self.reference.offers[pk]
            offer.state = "accepted"
            self._know(row, by, offer.node, offer.role)
            self.reference.members[row.pk].ends = offer.ends

    @precondition(lambda self: self.offer_rows)
    @rule(choice=choice)
    def decline(self, choice):
        done = self._on_offer(
            choice,
            self.reference.is_acceptable,
            lambda row, user: invitations.decline(row, by=user),
            people=PEOPLE,
        )
        if done:
            self.reference.offers[done[1]].state = "declined"

    @after_change
    def store_offers_as_the_reference(self):
        offers = {
            (row.pk, row.state, word_for(row.given_role), row.expires_at)
            for row in Invitation.objects.all()
        }
        assert offers == {
            (pk, o.state, self.word(o.role), o.expires) for pk, o in self.reference.offers.items()
        }
