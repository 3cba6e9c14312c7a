"""Steps on members and their accounts."""

from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from config.versions import AS_IT_IS
from hierarchy import access
from hierarchy.models import BlockedPerson, Membership
from tests.properties.machine.base import ACTORS, PEOPLE, Machine, choice, person, role
from tests.support.acting import memberships


class Members(Machine):
    def _on_member(self, choice, is_allowed, action, *more, events=1):
        """Return who has done it and the membership's id, if it is done."""
        done = self.take(
            choice,
            product(ACTORS, self.member_rows, *([each] for each in more)),
            is_allowed,
            lambda user, pk, *_more: action(self.member_rows[pk], user) or True,
            events=events,
        )
        return done[:2] if done else None

    @rule(choice=choice, new=role, form=st.sampled_from([None, "then", "now"]))
    def change_role(self, choice, new, form):
        """By a form of long ago, by one of this moment, or by what has none."""

        def version(pk):
            if form == "then":
                return self.read[pk][0]
            row = Membership.objects.filter(pk=pk).first()
            return str(row.shown_role) if form and row else AS_IT_IS

        def is_current(pk):
            role = self.reference.members[pk].role
            return form != "then" or self.read[pk][1] == self.content(role)

        done = self._on_member(
            choice,
            lambda by, pk, new: self.reference.may_change_role(by, pk, new) and is_current(pk),
            lambda row, user: memberships.change_role(
                row, self.real_role(new), by=user, version=version(row.pk)
            ),
            new,
            events=lambda _by, pk, _new: self.reference.members[pk].role != new,
        )
        if done:
            by, pk = done
            self.reference.members[pk].role = new
            self.assert_not_raised(by)

    @rule(choice=choice, ends=st.booleans(), is_stale=st.booleans())
    def change_dates(self, choice, ends, is_stale):
        """Dates are by the database's clock, which no test can turn."""
        self.count += 1
        ends_at = datetime.now(UTC) + timedelta(days=10_000 + self.count) if ends else None
        done = self._on_member(
            choice,
            lambda by, pk, ends: not is_stale and self.reference.may_change_dates(by, pk, ends),
            lambda row, user: memberships.change_dates(
                row,
                starts_at=None,
                ends_at=ends_at,
                by=user,
                version="stale" if is_stale else AS_IT_IS,
            ),
            ends,
            events=lambda _by, pk, _ends: ends or self.reference.members[pk].ends,
        )
        if done:
            by, pk = done
            member = self.reference.members[pk]
            if member.has_ended:
                self.reference.settle(member.user, member.node)
            member.ends = ends
            member.has_ended = False
            self.assert_not_raised(by)

    @precondition(lambda self: any(m.ends for m in self.reference.members.values()))
    @rule(data=st.data())
    def let_time_run_out(self, data):
        """What would happen by itself, is made to have happened: in both tables, as stored."""
        dated = [pk for pk, m in self.reference.members.items() if m.ends]
        pk = data.draw(st.sampled_from(dated))
        ended = datetime(2025, 1, 1, tzinfo=UTC)
        row = Membership.objects.get(pk=pk)
        Membership.objects.filter(pk=pk).update(ends_at=ended)
        access.GRANTS[row.level].objects.filter(
            user=row.user_id, content_object=row.node.pk
        ).update(ends_at=ended)
        self.reference.members[pk].has_ended = True
        self.note_change()

    @rule(choice=choice)
    def suspend_member(self, choice):
        done = self._on_member(
            choice,
            self.reference.may_suspend_member,
            lambda row, user: memberships.suspend(row, by=user),
        )
        if done:
            self.reference.members[done[1]].is_active = False

    @rule(choice=choice)
    def reactivate_member(self, choice):
        done = self._on_member(
            choice,
            self.reference.may_reactivate_member,
            lambda row, user: memberships.reactivate(row, by=user),
        )
        if done:
            by, pk = done
            self.reference.members[pk].is_active = True
            self.assert_not_raised(by)

    @rule(choice=choice)
    def remove(self, choice):
        done = self._on_member(
            choice,
            self.reference.may_remove,
            lambda row, user: memberships.remove(row, by=user),
        )
        if done:
            by, pk = done
            self._end(pk, is_blocked=self.reference.could_return(pk))
            self.assert_not_raised(by)

    def _end(self, pk, *, is_blocked):
        """Note that somebody has gone; who is not to come back by their address is blocked."""
        member = self.reference.members[pk]
        self.reference.end(pk)
        if is_blocked:
            row = BlockedPerson.objects.get(
                user=self.users[member.user], organization=self.real[member.node]
            )
            self._know_blocked(row, member.node, member.user)

    @rule(choice=choice)
    def leave(self, choice):
        present = [name for name in PEOPLE if name not in self.reference.inactive]
        done = self.take(  # others have no session to do it with
            choice,
            product(present, self.member_rows),
            self.reference.may_leave,
            lambda user, pk: memberships.leave(self.member_rows[pk], by=user) or True,
        )
        if done:
            by, pk, _gone = done
            self._end(pk, is_blocked=self.reference.would_gain(pk))
            self.assert_not_raised(by)

    @rule(choice=choice, who=person, new=role)
    def add(self, choice, who, new):
        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: (
                name in self.reference.nodes and self.reference.may_add(by, name, who, new)
            ),
            lambda user, name: memberships.add(
                self.real[name], self.user(who), self.real_role(new), by=user
            ),
        )
        if done:
            _by, name, row = done
            self._know(row, who, name, new)
