"""Steps on accounts: locked out, let in again, and closed."""

from itertools import product

from django.db.models import Q
from hypothesis.stateful import precondition, rule

from hierarchy import audit
from hierarchy.models import AccessReviewRow, BlockedPerson
from tests.factories import UserFactory
from tests.properties.machine.base import ACTORS, Machine, choice
from tests.properties.machine.world import PEOPLE
from tests.properties.reference import STAFF
from tests.properties.reference.joining import FORMERLY
from tests.support.acting import accounts


class Accounts(Machine):
    @rule(choice=choice)
    def deactivate(self, choice):
        done = self.take(
            choice,
            product(ACTORS, PEOPLE),
            self.reference.may_deactivate,
            lambda user, who: accounts.deactivate(self.users[who], by=user),
        )
        if done:
            self.reference.inactive.add(done[1])

    @precondition(lambda self: self.reference.inactive)
    @rule(choice=choice)
    def reactivate(self, choice):
        done = self.take(
            choice,
            product(ACTORS, sorted(self.reference.inactive)),
            lambda by, who: by == STAFF and FORMERLY not in who,
            lambda user, who: accounts.reactivate(self.users[who], by=user),
        )
        if done:
            self.reference.inactive.discard(done[1])

    def _number_of_evidence_about(self, who):
        """Return in how many finished reviews somebody is named: each notes that they are not."""
        label = str(audit.label_of(self.users[who]))
        named = Q(user_id=self.users[who].pk) | Q(source=label) | Q(decided_by=label)
        rows = AccessReviewRow.objects.filter(named, review__state="finished").order_by()
        return rows.values("review").distinct().count()

    @rule(choice=choice)
    def close(self, choice):
        """Close an account, and sign up anew with the address, which is free by that."""
        memberships = self.reference.members.values()
        wishes = self.reference.wishes_elsewhere
        done = self.take(
            choice,
            product(PEOPLE),
            self.reference.may_close,
            accounts.close,
            events=lambda who: (
                1
                + sum(m.user == who for m in memberships)
                + len(wishes(who))
                + self._number_of_evidence_about(who)
            ),
        )
        if done:
            who, _gone = done
            self.count += 1
            former = f"{who}{FORMERLY}{self.count}"
            self.users[former] = self.users[who]
            self.users[who] = UserFactory(email=f"{who}@example.com")
            self.actors |= {former, None}  # what becomes of evidence the system does itself
            for organization in self.reference.close(who, former):
                block = {"user": self.users[former], "organization": self.real[organization]}
                self._know_blocked(BlockedPerson.objects.get(**block), organization, former)
