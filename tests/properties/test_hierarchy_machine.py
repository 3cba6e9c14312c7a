"""Random histories of two organizations, compared step by step with the reference in miniature."""

import os
from datetime import UTC, datetime, timedelta

import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from hierarchy import access, grants
from hierarchy.actions import (
    accounts,
    applications,
    custom_roles,
    invitations,
    memberships,
    nodes,
    organizations,
    workspaces,
)
from hierarchy.actions import settings as settings_actions
from hierarchy.effective_settings import effective_settings
from hierarchy.models import AuditEvent, Invitation, Membership, Organization, word_for
from hierarchy.refusals import Refused
from hierarchy.roles import BUILT_IN, Permission, Role
from hierarchy.setting_definitions import SETTINGS
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.hierarchy.test_roles import TABLE
from tests.properties.reference import STAFF, TERM, Custom, Member, Node, Reference
from tests.refusals import snapshot

COMMON = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "print_blob": True,
}
PROFILES = {
    "ci": settings(max_examples=40, stateful_step_count=30, derandomize=True, **COMMON),
    "thorough": settings(max_examples=200, stateful_step_count=50, **COMMON),
}
PROFILE = PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "ci")]

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
VALUES = {
    "retention_days": [30, 60, None],
    "time_zone": ["Europe/Rome", None],
    "require_signed_token": [False, None],
}
MOST_NODES = 14

person = st.sampled_from(PEOPLE)
actor = st.sampled_from([*PEOPLE, STAFF])
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
COMPOSITIONS = [
    {"view_workspace", "change_workspace"},
    {"view_organization", "view_workspace", "invite_workspace_member"},
    {"view_application"},
]
role = st.sampled_from([*BUILT_IN, *ROLES])
some = st.integers(min_value=0, max_value=10_000)


class Hierarchy(RuleBasedStateMachine):
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
        self.real, self.member_rows, self.offer_rows = {}, {}, {}
        self.count = self.step = 0

    def teardown(self):
        self.travel.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def settle(self):
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
        for user, node, its_role in CAST:
            row = MembershipFactory(user=self.users[user], node=self.real[node], role=its_role)
            self._know(row, user, node, its_role)

    def _plant(self, name, level, parent, is_production):
        if level == "organization":
            return OrganizationFactory(name=f"Node {name}", slug=name)
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

    def pick(self, rows, number):
        """Return one of everything that ever was, so that what is gone is tried too."""
        return list(rows)[number % len(rows)] if rows else None

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

    # --- Nodes

    @precondition(lambda self: len(self.real) < MOST_NODES)
    @rule(by=actor, number=some, production=st.booleans())
    def create(self, by, number, production):
        parent = self.pick(self.real, number)
        node = self.reference.nodes.get(parent)
        if node is None or node.level == "application":
            return
        self.count += 1
        name = f"new-{self.count}"
        fields = {"name": f"Node {name}", "slug": name}
        environment = "production" if production else "staging"
        level = "workspace" if node.level == "organization" else "application"
        done = self.attempt(
            by,
            self.reference.may_create(by, parent, f"add_{level}"),
            lambda user: (
                workspaces.create(self.real[parent], by=user, **fields)
                if level == "workspace"
                else applications.create(
                    self.real[parent], by=user, platform="web", environment=environment, **fields
                )
            ),
        )
        if done:
            self.real[name] = done
            is_production = production and level == "application"
            self.reference.nodes[name] = Node(level, parent, is_production)

    @precondition(lambda self: len(self.real) < MOST_NODES)
    @rule(by=person)
    def found(self, by):
        self.count += 1
        name = f"new-{self.count}"
        done = self.attempt(
            by,
            by not in self.reference.inactive,
            lambda user: organizations.create(by=user, name=f"Node {name}", slug=name),
        )
        if done:
            self.real[name] = done
            self.reference.nodes[name] = Node("organization", None)
            self._know(Membership.objects.at(done).get(), by, name, Role.OWNER)

    def _on_node(self, by, number, is_allowed, action):
        name = self.pick(self.real, number)
        allowed = name in self.reference.nodes and is_allowed(by, name)
        done = self.attempt(by, allowed, lambda user: action(self.real[name], by=user))
        return self.reference.nodes[name] if done else None

    @rule(by=actor, number=some)
    def edit(self, by, number):
        self.count += 1
        name = f"Edited {self.count}"
        self._on_node(
            by,
            number,
            self.reference.may_edit,
            lambda node, by: nodes.edit(node, by=by, name=name),
        )

    @rule(by=actor, number=some)
    def suspend(self, by, number):
        node = self._on_node(by, number, self.reference.may_delete_or_suspend, nodes.suspend)
        if node:
            node.is_suspended = True

    @rule(by=actor, number=some)
    def resume(self, by, number):
        node = self._on_node(by, number, self.reference.may_resume, nodes.resume)
        if node:
            node.is_suspended = False

    @precondition(lambda self: any(n.is_suspended for n in self.reference.nodes.values()))
    @rule(by=actor, number=some)
    def resume_what_is_suspended(self, by, number):
        suspended = [n for n in self.reference.nodes if self.reference.nodes[n].is_suspended]
        self.resume(by, list(self.real).index(self.pick(suspended, number)))

    @rule(by=actor, number=some)
    def delete(self, by, number):
        node = self._on_node(by, number, self.reference.may_delete_or_suspend, nodes.delete)
        if node:
            node.deleted_at = self.reference.now

    @rule(by=actor, number=some)
    def restore(self, by, number):
        node = self._on_node(by, number, self.reference.may_restore, nodes.restore)
        if node:
            node.deleted_at = None

    @precondition(lambda self: any(n.deleted_at for n in self.reference.nodes.values()))
    @rule(by=actor, number=some)
    def restore_what_is_deleted(self, by, number):
        deleted = [n for n in self.reference.nodes if self.reference.nodes[n].deleted_at]
        self.restore(by, list(self.real).index(self.pick(deleted, number)))

    @rule()
    def purge(self):
        assert nodes.purge_expired() == self.reference.purge()

    # --- Members

    @rule(by=actor, number=some, new=role)
    def change_role(self, by, number, new):
        pk = self.pick(self.member_rows, number)
        member = self.reference.members.get(pk)
        same = member is not None and member.role == new
        done = self.attempt(
            by,
            self.reference.may_change_role(by, pk, new),
            lambda user: memberships.change_role(
                self.member_rows[pk], self.real_role(new), by=user
            ),
            events=0 if same else 1,
        )
        if done:
            member.role = new
            self.assert_not_raised(by)

    @rule(by=actor, number=some, ends=st.booleans())
    def change_dates(self, by, number, ends):
        """Dates are by the database's clock, which no test can turn."""
        pk = self.pick(self.member_rows, number)
        member = self.reference.members.get(pk)
        self.count += 1
        ends_at = datetime.now(UTC) + timedelta(days=10_000 + self.count) if ends else None
        same = member is not None and not ends and not member.ends
        if self.attempt(
            by,
            self.reference.may_change_dates(by, pk, ends),
            lambda user: memberships.change_dates(
                self.member_rows[pk], starts_at=None, ends_at=ends_at, by=user
            ),
            events=0 if same else 1,
        ):
            member.ends, member.has_ended = ends, False
            self.assert_not_raised(by)

    @precondition(lambda self: any(m.ends for m in self.reference.members.values()))
    @rule(number=some)
    def let_time_run_out(self, number):
        """What would happen by itself, is made to have happened: in both tables, as stored."""
        dated = [pk for pk, m in self.reference.members.items() if m.ends]
        pk = self.pick(dated, number)
        ended = datetime(2025, 1, 1, tzinfo=UTC)
        row = Membership.objects.get(pk=pk)
        Membership.objects.filter(pk=pk).update(ends_at=ended)
        access.GRANTS[row.level].objects.filter(
            user=row.user_id, content_object=row.node.pk
        ).update(ends_at=ended)
        self.reference.members[pk].has_ended = True

    # --- Custom roles

    def _composed(self, by, name, is_allowed, action, *, events=1):
        allowed = name in self.reference.roles and is_allowed()
        return self.attempt(by, allowed, lambda u: action(self.real_roles[name], u), events=events)

    @rule(by=actor, name=st.sampled_from(list(ROLES)), permissions=st.sampled_from(COMPOSITIONS))
    def edit_role(self, by, name, permissions):
        custom = self.reference.roles.get(name)
        same = custom is not None and custom.permissions == permissions
        if self._composed(
            by,
            name,
            lambda: self.reference.may_edit_role(by, name, permissions),
            lambda role, user: custom_roles.edit(
                role, name=name, permissions=map(Permission, permissions), by=user
            ),
            events=0 if same else 1,
        ):
            custom.permissions = set(permissions)
            self.assert_not_raised(by)

    @rule(by=actor, name=st.sampled_from(list(ROLES)), replacement=role)
    def delete_role(self, by, name, replacement):
        if self._composed(
            by,
            name,
            lambda: self.reference.may_delete_role(by, name, replacement),
            lambda role, user: custom_roles.delete(
                role, by=user, replacement=self.real_role(replacement)
            ),
        ):
            self.reference.delete_role(name, replacement)
            self.assert_not_raised(by)

    # --- Members, once more

    @rule(by=actor, number=some)
    def suspend_member(self, by, number):
        pk = self.pick(self.member_rows, number)
        if self.attempt(
            by,
            self.reference.may_suspend_member(by, pk),
            lambda user: memberships.suspend(self.member_rows[pk], by=user),
        ):
            self.reference.members[pk].is_active = False

    @rule(by=actor, number=some)
    def reactivate_member(self, by, number):
        suspended = [pk for pk, m in self.reference.members.items() if not m.is_active]
        pk = self.pick(suspended or self.member_rows, number)
        if self.attempt(
            by,
            self.reference.may_reactivate_member(by, pk),
            lambda user: memberships.reactivate(self.member_rows[pk], by=user),
        ):
            self.reference.members[pk].is_active = True
            self.assert_not_raised(by)

    @rule(by=actor, number=some)
    def remove(self, by, number):
        pk = self.pick(self.member_rows, number)
        if self.attempt(
            by,
            self.reference.may_remove(by, pk),
            lambda user: memberships.remove(self.member_rows[pk], by=user),
        ):
            self.reference.end(pk)
            self.assert_not_raised(by)

    @rule(number=some)
    def leave(self, number):
        pk = self.pick(self.member_rows, number)
        by = next(n for n, u in self.users.items() if u.pk == self.member_rows[pk].user_id)
        if by in self.reference.inactive:
            return  # has no session to do it with
        if self.attempt(
            by,
            self.reference.may_leave(by, pk),
            lambda user: memberships.leave(self.member_rows[pk], by=user),
        ):
            self.reference.end(pk)
            self.assert_not_raised(by)

    @rule(by=actor, number=some, who=person, new=role)
    def add(self, by, number, who, new):
        name = self.pick(self.real, number)
        allowed = name in self.reference.nodes and self.reference.may_add(by, name, who, new)
        done = self.attempt(
            by,
            allowed,
            lambda user: memberships.add(
                self.real[name], self.user(who), self.real_role(new), by=user
            ),
        )
        if done:
            self._know(done, who, name, new)

    @rule(by=actor, who=person)
    def deactivate(self, by, who):
        if self.attempt(
            by,
            self.reference.may_deactivate(by, who),
            lambda user: accounts.deactivate(self.users[who], by=user),
        ):
            self.reference.inactive.add(who)

    @precondition(lambda self: self.reference.inactive)
    @rule(by=st.just(STAFF) | actor, number=some)
    def reactivate(self, by, number):
        who = self.pick(sorted(self.reference.inactive), number)
        if self.attempt(by, by == STAFF, lambda u: accounts.reactivate(self.users[who], by=u)):
            self.reference.inactive.discard(who)

    # --- Invitations

    @rule(by=actor, number=some, who=person, new=role)
    def send(self, by, number, who, new):
        name = self.pick(self.real, number)
        allowed = name in self.reference.nodes and self.reference.may_send(by, name, who, new)
        email = self.users[who].email
        done = self.attempt(
            by,
            allowed,
            lambda user: invitations.send(self.real[name], email, self.real_role(new), by=user),
        )
        if done:
            self.offer_rows[done.pk] = done
            self.reference.send(done.pk, by, name, who, new)

    def _renew(self, by, number, action):
        pk = self.pick(self.offer_rows, number)
        if pk and self.attempt(
            by,
            self.reference.may_renew(by, pk),
            lambda user: action(self.offer_rows[pk], by=user),
        ):
            offer = self.reference.offers[pk]
            offer.state, offer.inviter = "pending", by
            offer.expires = self.reference.now + TERM
            self.offer_rows[pk] = Invitation.objects.with_nodes().get(pk=pk)  # the new link

    @precondition(lambda self: self.offer_rows)
    @rule(by=actor, number=some)
    def resend(self, by, number):
        self._renew(by, number, invitations.resend)

    @precondition(lambda self: self.offer_rows)
    @rule(by=actor, number=some)
    def copy_link(self, by, number):
        self._renew(by, number, invitations.copy_link)

    @precondition(lambda self: self.offer_rows)
    @rule(by=actor, number=some)
    def revoke(self, by, number):
        pk = self.pick(self.offer_rows, number)
        if self.attempt(
            by,
            self.reference.may_change_offer(by, pk),
            lambda user: invitations.revoke(self.offer_rows[pk], by=user),
        ):
            self.reference.offers[pk].state = "revoked"

    def _addressee(self, pk, number):
        """Return whom it is for, and now and then somebody else."""
        names = {user.email: name for name, user in self.users.items()}
        return PEOPLE[number % 6] if number % 5 == 0 else names[self.offer_rows[pk].email]

    @precondition(lambda self: self.offer_rows)
    @rule(number=some, whom=some)
    def accept(self, number, whom):
        pk = self.pick(self.offer_rows, number)
        by = self._addressee(pk, whom)
        done = self.attempt(
            by,
            self.reference.may_accept(by, pk),
            lambda user: invitations.accept(self.offer_rows[pk], by=user),
        )
        if done:
            offer = self.reference.offers[pk]
            offer.state = "accepted"
            self._know(done, by, offer.node, offer.role)

    @precondition(lambda self: self.offer_rows)
    @rule(number=some, whom=some)
    def decline(self, number, whom):
        pk = self.pick(self.offer_rows, number)
        by = self._addressee(pk, whom)
        if self.attempt(
            by,
            self.reference.is_acceptable(by, pk),
            lambda user: invitations.decline(self.offer_rows[pk], by=user),
        ):
            self.reference.offers[pk].state = "declined"

    # --- Settings and time

    @rule(by=actor, number=some, key=st.sampled_from(list(VALUES)), which=some)
    def change_setting(self, by, number, key, which):
        name, value = self.pick(self.real, number), self.pick(VALUES[key], which)
        allowed = name in self.reference.nodes and self.reference.may_set(by, name, key, value)
        same = self.reference.settings.get((name, key)) == value
        done = self.attempt(
            by,
            allowed,
            lambda user: settings_actions.change(
                self.real[name], SETTINGS[key].group, {key: value}, by=user
            ),
            events=0 if same else 1,
        )
        if done is not None and value is None:
            self.reference.settings.pop((name, key), None)
        elif done is not None:
            self.reference.settings[name, key] = value
        for place, node in self._present_nodes().items():
            holds, source = self.reference.effective(place, key)
            effective = effective_settings(node)[key]
            assert effective.value == holds, place
            assert effective.source == (self.real[source] if source else None), place

    @rule(days=st.sampled_from([1, 3, 7, 16, 31]))
    def wait(self, days):
        self.clock.shift(timedelta(days=days))
        self.reference.now += timedelta(days=days)

    # --- What must be equal, and what must be true, after every step

    @invariant()
    def answer_as_the_reference(self):
        """Django's own question is slow: each step asks it of one person, in turn."""
        self.step += 1
        found = self._present_nodes()
        assert set(found) == set(self.reference.nodes)
        for place, name in enumerate(self.users):
            user, is_asked = self.user(name), self.step % len(self.users) == place
            self._compare(name, user, found, self._asked if is_asked else access.held)
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
    def store_as_the_reference(self):
        stored = {
            (row.pk, row.user_id, word_for(row.given_role), row.is_active, row.ends_at is not None)
            for row in Membership.objects.all()
        }
        assert stored == {
            (pk, self.users[m.user].pk, str(m.role), m.is_active, m.ends)
            for pk, m in self.reference.members.items()
        }
        offers = {
            (row.pk, row.state, word_for(row.given_role), row.expires_at)
            for row in Invitation.objects.all()
        }
        assert offers == {
            (pk, o.state, str(o.role), o.expires) for pk, o in self.reference.offers.items()
        }

    @invariant()
    def keep_an_owner(self):
        for pk in Organization.objects.values_list("pk", flat=True):
            assert Membership.objects.effective_owners().filter(organization=pk).exists()

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


def test_history_of_two_organizations(db):
    assert set(TABLE) == set(Permission)
    run_state_machine_as_test(Hierarchy, settings=PROFILE)
