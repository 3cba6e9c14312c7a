"""What every step needs: the cast, choosing, trying, and what must be true after each."""

from datetime import UTC, datetime

import time_machine
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from accounts.models import User
from hierarchy import access, grants
from hierarchy.models import AuditEvent, Membership, Organization, word_for
from hierarchy.refusals import Refused
from hierarchy.roles import BUILT_IN, Permission, Role
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.hierarchy.test_roles import TABLE
from tests.properties.reference import STAFF, Custom, Member, Node, Reference
from tests.refusals import snapshot

PEOPLE = ["ann", "bob", "cat", "dan", "eve", "fay"]
TREE = {  # name: (level, parent)
    "acme": ("organization", None),
    "shop": ("workspace", "acme"),
    "press": ("workspace", "acme"),
    "web": ("application", "shop"),
    "live": ("application", "shop"),
    "blog": ("application", "press"),
    "globex": ("organization", None),
    "labs": ("workspace", "globex"),
    "site": ("application", "labs"),
}
CAST = [
    ("ann", "acme", Role.OWNER),
    ("bob", "acme", Role.MANAGER),
    ("cat", "shop", Role.OWNER),
    ("cat", "acme", Role.VIEWER),
    ("dan", "shop", Role.MAINTAINER),
    ("dan", "live", Role.OWNER),
    ("eve", "globex", Role.OWNER),
    ("bob", "globex", Role.OWNER),
    ("fay", "labs", Role.MANAGER),
]

ASKABLE = "acme"  # whom anybody may ask to be let in
JOINABLE = "globex"  # whose domain everybody's address is of

ACTORS = [*PEOPLE, STAFF]
person = st.sampled_from(PEOPLE)
# Custom roles, by name: their organization, and what they are composed of.
ROLES = {
    "builder": ("acme", {"view_workspace", "add_application", "view_application"}),
    "steward": (
        "acme",
        {"view_organization", "view_workspace", "view_workspace_member", "change_workspace_member"},
    ),
    "composer": ("acme", {"view_organization", "manage_custom_roles", "view_workspace"}),
    "helper": ("globex", {"view_organization", "view_workspace", "view_application"}),
}
role = st.sampled_from([*BUILT_IN, *ROLES])
choice = st.tuples(st.booleans(), st.integers(min_value=0, max_value=10_000))  # see `take`


class Machine(RuleBasedStateMachine):
    """Things are named; what the real system knows by another name is kept beside the name.

    The real objects are those of the moment when they were made, as in a request that began long
    ago: an action has to find out for itself what has become of them.
    """

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.travel = time_machine.travel(datetime(2026, 1, 5, tzinfo=UTC), tick=False)
        self.clock = self.travel.__enter__()
        self.reference = Reference(datetime(2026, 1, 5, tzinfo=UTC))
        self.real, self.member_rows = {}, {}
        self.count = self.step = 0

    def teardown(self):
        self.travel.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(busy=st.booleans())
    def settle(self, busy):
        self.users = {name: UserFactory(email=f"{name}@example.com") for name in PEOPLE}
        self.users[STAFF] = UserFactory(is_staff=True, is_superuser=True)
        for name, (level, parent) in TREE.items():
            is_production = name in ("live", "site")
            self.real[name] = self._plant(name, level, parent, is_production)
            self.reference.nodes[name] = Node(level, parent, is_production)
        self.real_roles = {}
        for name, (organization, permissions) in ROLES.items():
            self.reference.roles[name] = Custom(organization, set(permissions))
            self.real_roles[name] = CustomRoleFactory(
                organization=self.real[organization], name=name, permissions=sorted(permissions)
            )
        self.reference.open_to_all.add(ASKABLE)
        self.domain = EmailDomainFactory(node=self.real[JOINABLE], domain="example.com")
        self.reference.domains[JOINABLE] = self.domain.role
        for user, node, its_role in CAST:
            row = MembershipFactory(user=self.users[user], node=self.real[node], role=its_role)
            self._know(row, user, node, its_role)
        if busy:
            self.begin()

    def begin(self):
        """Let things be under way from the start, so that histories get to their ends."""
        raise NotImplementedError

    def _plant(self, name, level, parent, is_production):
        if level == "organization":
            return OrganizationFactory(
                name=f"Node {name}", slug=name, may_ask_to_join=name == ASKABLE
            )
        if level == "workspace":
            return WorkspaceFactory(name=f"Node {name}", organization=self.real[parent])
        environment = "production" if is_production else "development"
        return ApplicationFactory(
            name=f"Node {name}", workspace=self.real[parent], environment=environment
        )

    def _know(self, row, user, node, its_role):
        self.member_rows[row.pk] = row
        self.reference.members[row.pk] = Member(user, node, its_role)

    # --- Choosing and trying

    def real_role(self, name):
        """Return the role of that name as a request of long ago knew it."""
        return self.real_roles.get(name, name)

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
        before = None if is_allowed else snapshot()
        try:
            result = action(self.user(by))
        except Refused:
            if is_allowed:
                raise
            assert snapshot() == before
            return None
        assert is_allowed, "allowed what must be refused"
        self.reference.events += events
        self.before = held
        return result if result is not None else True

    def _held_by(self, by):
        return {name: self.reference.holds(by, name) for name in self.reference.nodes}

    def assert_not_raised(self, by):
        """Nobody gets more by what they do themselves."""
        for name, held in self.before.items():
            if name in self.reference.nodes:
                assert self.reference.holds(by, name) <= held, name

    # --- What must be equal, and what must be true, after every step

    @invariant()
    def answer_as_the_reference(self):
        """Django's own question is slow, and so are lists: each step asks one person, in turn."""
        self.step += 1
        found = self._present_nodes()
        assert set(found) == set(self.reference.nodes)
        for place, name in enumerate(self.users):
            user, is_asked = self.user(name), self.step % len(self.users) == place
            self._compare(name, user, found, self._asked if is_asked else access.held)
            if is_asked:
                assert set(self._listed(user)) == {
                    (node.level, node.pk)
                    for key, node in found.items()
                    if name != STAFF and f"view_{node.level}" in self.reference.rights(name, key)
                }
        assert grants.resync(check=True) == []

    def _compare(self, name, user, found, answer):
        for key, node in found.items():
            expected = self.reference.rights(name, key)
            if name == STAFF:  # holds everything, deleted or not, but is no member of anything
                expected = set(TABLE) if answer == self._asked else set()
            assert answer(user, node) == expected, (name, key)

    def _asked(self, user, node):
        return {p.value for p in Permission if user.has_perm(p.full_name, node)}

    def _listed(self, user):
        for list_for in (access.organizations_for, access.workspaces_for, access.applications_for):
            found = list_for(user)
            yield from ((found.model.level, pk) for pk in found.values_list("pk", flat=True))

    def _present_nodes(self):
        """Return every node that the database still has, by name, as it is now."""
        names = {(node.level, node.pk): name for name, node in self.real.items()}
        rows = (row for model in access.NODES.values() for row in model.objects.with_parents())
        return {names[row.level, row.pk]: row for row in rows}

    @invariant()
    def store_members_as_the_reference(self):
        stored = {
            (row.pk, row.user_id, word_for(row.given_role), row.is_active, row.ends_at is not None)
            for row in Membership.objects.all()
        }
        assert stored == {
            (pk, self.users[m.user].pk, str(m.role), m.is_active, m.ends)
            for pk, m in self.reference.members.items()
        }

    @invariant()
    def keep_an_owner(self):
        owned = Membership.objects.effective_owners().values("organization")
        assert not Organization.objects.exclude(pk__in=owned).exists()

    @invariant()
    def record_every_change_once(self):
        assert AuditEvent.objects.count() == self.reference.events
        numbers = {}
        for organization, number in AuditEvent.objects.order_by("id").values_list(
            "organization_id", "number"
        ):
            if organization is not None:
                numbers[organization] = numbers.get(organization, 0) + 1
                assert number == numbers[organization]
