"""What every step needs: choosing, trying, and what must be true after each."""

from copy import deepcopy

import time_machine
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition

from accounts.models import User
from hierarchy import access, grants, visible
from hierarchy.models import Membership, word_for
from hierarchy.refusals import Refused
from hierarchy.roles import BUILT_IN, Permission
from tests.hierarchy.test_roles import TABLE
from tests.properties.machine.world import BEGINNING, PEOPLE, ROLES
from tests.properties.reference import STAFF, Member
from tests.properties.reference.joining import FORMERLY
from tests.support.refusals import snapshot

ACTORS = [*PEOPLE, STAFF]
person = st.sampled_from(PEOPLE)
role = st.sampled_from([*BUILT_IN, *ROLES])
choice = st.tuples(st.booleans(), st.integers(min_value=0, max_value=10_000))  # see `take`


def after_change(check):
    """Make an invariant of a check, for the steps that have changed something.

    What was refused has left every row as it was, and those have been looked at already.
    """
    return precondition(lambda machine: machine.has_changed)(invariant()(check))


class Machine(RuleBasedStateMachine):
    """Things are named; what the real system knows by another name is kept beside the name.

    The real objects are those of the moment when they were made, as in a request that began long
    ago: an action has to find out for itself what has become of them.
    """

    def __init__(self, world, name_server):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.travel = time_machine.travel(BEGINNING, tick=False)
        self.clock = self.travel.__enter__()
        vars(self).update(vars(deepcopy(world)))
        self.read = {pk: self._read(row, row.role) for pk, row in self.member_rows.items()}
        self.name_server = name_server
        self.count = self.step = 0
        self.has_changed = True
        self.known = None
        self.actors = set()  # since the last look; the clock is None

    def teardown(self):
        self.travel.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(busy=st.booleans())
    def settle(self, busy):
        if busy:
            self.begin()

    def begin(self):
        """Let things be under way from the start, so that histories get to their ends."""
        raise NotImplementedError

    def _know(self, row, user, node, its_role):
        self.member_rows[row.pk] = row
        self.read[row.pk] = self._read(Membership.objects.get(pk=row.pk), its_role)
        self.reference.members[row.pk] = Member(user, node, its_role)
        self.reference.come_in(user, node)

    # --- Choosing and trying

    def real_role(self, name):
        """Return the role of that name as a request of long ago knew it."""
        return self.real_roles.get(name, name)

    def _read(self, row, its_role):
        """Return what a form for the role says that was made now, and what is read in it."""
        return str(row.shown_role), self.content(its_role)

    def content(self, name):
        """Return what somebody reads who looks at the role: what it is called, and grants."""
        custom = self.reference.roles.get(name)
        return str(name), custom and frozenset(custom.permissions)

    def word(self, name):
        """Return what the system calls a role, of which there may have been others of its name."""
        return str(name).partition(FORMERLY)[0]

    def user(self, name):
        """Return the person as a request of this moment loads them."""
        return User.objects.get(pk=self.users[name].pk)

    def take(self, choice, options, is_allowed, action, *, events=1):
        """Try one of the options, of everything that ever was, so that what is gone is tried too.

        An option says first who does it. Half of the choices are made among those that must be
        allowed, or what is seldom allowed would hardly ever come up. `events` may depend on the
        option. Returns the option with the result at its end, or None if there was a refusal.
        """
        is_guided, number = choice
        options = list(options)
        options = (is_guided and [each for each in options if is_allowed(*each)]) or options
        if not options:
            self.has_changed = False
            return None
        by, *rest = options[number % len(options)]
        allowed = is_allowed(by, *rest)
        if allowed and callable(events):
            events = events(by, *rest)
        done = self.attempt(by, allowed, lambda user: action(user, *rest), events=events)
        return (by, *rest, done) if done else None

    def attempt(self, by, is_allowed, action, *, events=1):
        """Do it: it must be refused, changing nothing, or allowed, exactly as foretold."""
        held = self._held_by(by)
        before = None if is_allowed else self.known or snapshot()
        try:
            result = action(self.user(by))
        except Refused:
            if is_allowed:
                raise
            assert snapshot() == before
            self.has_changed = False
            self.known = before
            return None
        assert is_allowed, "allowed what must be refused"
        self.note_change(by, events=events)
        self.before = held
        return result if result is not None else True

    def note_change(self, by=None, *, events=0):
        """Note that rows differ: by somebody's step, or by the clock's."""
        self.has_changed = True
        self.known = None
        self.actors.add(by)
        self.reference.events += events

    def _held_by(self, by):
        return {name: self.reference.holds(by, name) for name in self.reference.nodes}

    def assert_not_raised(self, by):
        """Nobody gets more by what they do themselves."""
        for name, held in self.before.items():
            if name in self.reference.nodes:
                assert self.reference.holds(by, name) <= held, name

    # --- What must be equal, and what must be true, after every step

    @after_change
    def answer_as_the_reference(self):
        """Asked are who has done it and some others in turn, since each costs queries.

        What all of them hold is stored as `resync` says, which asks about everybody. Django's own
        question is slow, and so are lists: each step asks them of one person.
        """
        self.step += 1
        found = self._present_nodes()
        assert {
            name: (row.slug, row.version, row.suspended_at is not None, row.deleted_at)
            for name, row in found.items()
        } == {
            name: (node.slug, node.version, node.is_suspended, node.deleted_at)
            for name, node in self.reference.nodes.items()
        }
        everybody = list(self.users)
        first = everybody[self.step % len(everybody)]
        others = self.actors | {everybody[(self.step + 3) % len(everybody)]}
        asked = dict.fromkeys(others - {None}, access.held) | {first: self._asked}
        people = User.objects.in_bulk([self.users[name].pk for name in asked])
        for name, answer in asked.items():
            self._compare(name, people[self.users[name].pk], found, answer)
        assert set(self._listed(people[self.users[first].pk])) == {
            (node.level, node.pk)
            for key, node in found.items()
            if f"view_{node.level}" in self.reference.rights_of_member(first, key)
        }
        assert grants.resync(check=True) == []

    def _compare(self, name, user, found, answer):
        for key, node in found.items():
            expected = self.reference.rights_of_member(name, key)
            if name == STAFF and answer == self._asked:  # holds everything, deleted or not
                expected = set(TABLE)
            assert answer(user, node) == expected, (name, key)

    def _asked(self, user, node):
        return {p.value for p in Permission if user.has_perm(p.full_name, node)}

    def _listed(self, user):
        for list_for in (
            visible.organizations_for,
            visible.workspaces_for,
            visible.applications_for,
        ):
            found = list_for(user)
            yield from ((found.model.level, pk) for pk in found.values_list("pk", flat=True))

    def _present_nodes(self):
        """Return every node that the database still has, by name, as it is now."""
        names = {(node.level, node.pk): name for name, node in self.real.items()}
        rows = (row for model in access.NODES.values() for row in model.objects.with_parents())
        return {names[row.level, row.pk]: row for row in rows}

    @after_change
    def store_members_as_the_reference(self):
        stored = {
            (row.pk, row.user_id, word_for(row.given_role), row.is_active, row.ends_at is not None)
            for row in Membership.objects.all()
        }
        assert stored == {
            (pk, self.users[m.user].pk, self.word(m.role), m.is_active, m.ends)
            for pk, m in self.reference.members.items()
        }

    @after_change
    def keep_an_owner(self):
        owned = Membership.objects.effective_owners().values_list("organization", flat=True)
        tops = {k for k, node in self.reference.nodes.items() if node.level == "organization"}
        kept = tops - self.reference.ownerless()
        assert set(owned) == {self.real[name].pk for name in kept}
