"""Steps on many at once: all of them, or nobody."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import rule

from hierarchy.members.actions.membership_batches import Verb
from hierarchy.models.invitation import Offer
from hierarchy.refusals import Refused
from tests.properties.machine.base import ACTORS, Machine, choice, person, role
from tests.support.acting import invitation_batches, membership_batches


class Batches(Machine):
    @rule(choice=choice, verb=st.sampled_from(list(Verb)), new=role, apart=st.integers(1, 3))
    def change_many(self, choice, verb, new, apart):
        ids = list(self.member_rows)
        pairs = list(zip(ids, ids[apart:], strict=False))
        members = self.reference.members

        def change(user, pair):
            rows = [self.member_rows[pk] for pk in pair]
            outcomes = membership_batches.perform(rows, verb, by=user, role=self.real_role(new))
            if any(outcome.problem for outcome in outcomes):
                raise Refused("batch", "Nobody has been changed.")

        done = self.take(
            choice,
            product(ACTORS, pairs),
            lambda by, pair: self.reference.may_change_many(by, pair, verb, new),
            change,
            events=lambda _by, pair: (
                sum(members[pk].role != new for pk in pair) if verb == "change_role" else len(pair)
            ),
        )
        if done:
            by, pair, _result = done
            for pk in pair:
                if verb == "remove":
                    self._end(pk, is_blocked=self.reference.could_return(pk))
                else:
                    self.reference.change(pk, verb, new)
            self.assert_not_raised(by)

    @rule(choice=choice, who=person, other=person, new=role)
    def send_many(self, choice, who, other, new):
        emails = {self.users[name].email: name for name in (who, other)}
        offers = [
            Offer(email=self.users[name].email, role=self.real_role(new)) for name in (who, other)
        ]
        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: self.reference.may_send_many(by, name, [who, other], new),
            lambda user, name: invitation_batches.send(self.real[name], offers, by=user),
            events=len(offers),
        )
        if done:
            by, name, rows = done
            for row in rows:
                self.offer_rows[row.pk] = row
                self.reference.send(row.pk, by, name, emails[row.email], new)
