"""A tree, somebody who acts on it, and the same tree in miniature.

A step is tried for real by its action and undone, and so is what a test sets up for it: one world
serves all decisions of its actor.
"""

from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from itertools import product

from django.contrib.auth.models import Permission as DjangoPermission
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from hierarchy.models import Membership, Status
from hierarchy.refusals import Refused
from hierarchy.roles import BUILT_IN, Role
from tests.factories import (
    ApplicationFactory,
    CustomRoleFactory,
    MembershipFactory,
    OrganizationFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.hierarchy.test_roles import TABLE
from tests.properties.reference import STAFF, Custom, Member, Node, Reference

DAY = timedelta(days=1)
LEVELS = ("organization", "workspace", "application")
VIEWS = {f"view_{level}" for level in LEVELS}


def _of_members(*verbs):
    return VIEWS | {f"{verb}_{level}_member" for verb in verbs for level in LEVELS}


HELPER = "helper"  # a custom role that may change members everywhere, and nothing else
GREETER = "greeter"  # that may invite them
COMPOSER = "composer"  # that composes roles, and may do a part of what can be put into them
REGENT = "regent"  # that may do whatever an owner may, and is none
COMPOSES = {"manage_custom_roles", "change_application", "invite_workspace_member"}
CUSTOM = {
    HELPER: _of_members("change"),
    GREETER: _of_members("invite"),
    COMPOSER: _of_members("change") | COMPOSES,
    REGENT: set(TABLE),
}
CLERK = "clerk"  # of the staff, without most rights
EVERYWHERE = _of_members("invite", "view") | {"change_workspace_member", "add_application"}
FORMER = "former clerk"  # who owns acme, and whose rights as one of the staff were forgotten

ROLES = [*BUILT_IN, HELPER]
TREE = {  # name: (level, parent)
    "acme": ("organization", None),
    "shop": ("workspace", "acme"),
    "press": ("workspace", "acme"),
    "web": ("application", "shop"),
    "globex": ("organization", None),
    "labs": ("workspace", "globex"),
    "site": ("application", "labs"),
}
PLACES = ["acme", "shop", "web"]  # where the other person is a member, and on the path of each
ACTORS = [
    STAFF,
    "nobody",
    "owner of globex",
    *(f"{role} of {place}" for place, role in product([*PLACES, "press"], ROLES)),
]
MEMBERS = [actor for actor in ACTORS if " of " in actor]
# Those besides whose rights lie between the built-in roles.
SPECIAL = [
    CLERK,
    FORMER,
    *(f"{role} of acme" for role in (GREETER, COMPOSER, REGENT)),
    *(f"{role} of shop" for role in (GREETER, REGENT)),
]
EVERYBODY = [*ACTORS, *SPECIAL]
# For what is decided on the organization alone: who holds something beneath it is one of many.
ABOVE = [
    STAFF,
    "nobody",
    *("owner of globex", "owner of shop", "owner of web"),
    *(f"{role} of acme" for role in ROLES),
    *SPECIAL,
]


class World:
    def __init__(self, actor):
        self.title = actor
        self.reference = Reference(timezone.now())
        self.nodes = {}
        for name, (level, parent) in TREE.items():
            self.nodes[name] = self._plant(level, parent)
            self.reference.nodes[name] = Node(level, parent)
        self.custom = {}
        for name, permissions in CUSTOM.items():
            self.compose(name, permissions)
        is_staff = actor in (STAFF, CLERK)
        self.actor = UserFactory(is_staff=is_staff, is_superuser=actor == STAFF)
        if actor in (CLERK, FORMER):
            found = DjangoPermission.objects.filter(codename__in=EVERYWHERE)
            self.actor.user_permissions.set(found)
        self.name = STAFF if actor == STAFF else "actor"
        if actor == CLERK:
            self.reference.clerks["actor"] = EVERYWHERE
        self.other, self.third = UserFactory.create_batch(2)
        self.users = {self.name: self.actor, "other": self.other, "third": self.third}
        if actor == FORMER:
            self.join(self.name, "acme", Role.OWNER)
        if " of " in actor:
            role, place = actor.split(" of ")
            self.join(self.name, place, role)

    def _plant(self, level, parent):
        if level == "organization":
            return OrganizationFactory()
        if level == "workspace":
            return WorkspaceFactory(organization=self.nodes[parent])
        return ApplicationFactory(workspace=self.nodes[parent])

    def compose(self, name, permissions, organization="acme"):
        self.custom[name] = CustomRoleFactory(
            organization=self.nodes[organization], permissions=sorted(permissions)
        )
        self.reference.roles[name] = Custom(organization, set(permissions))
        return self.custom[name]

    def real(self, role):
        return self.custom.get(role) or Role(role)

    def columns(self, role):
        """Return the columns of a row that names the role."""
        custom = self.custom.get(role)
        return {"role": Role.CUSTOM, "custom_role": custom} if custom else {"role": Role(role)}

    def known(self, role):
        return role if role in self.custom else Role(role)

    def join(self, name, place, role, status=Status.ACTIVE, ends_in=None):
        """Make somebody a member, whose access may end by itself, or may have ended."""
        row = MembershipFactory(
            node=self.nodes[place],
            user=self.users[name],
            status=status,
            ends_at=ends_in and timezone.now() + ends_in,
            **self.columns(role),
        )
        self.reference.members[row.pk] = Member(
            name,
            place,
            self.known(role),
            is_active=status == Status.ACTIVE,
            ends=ends_in is not None,
            has_ended=ends_in is not None and ends_in < timedelta(),
        )
        return Membership.objects.select_related("user").get(pk=row.pk)

    def close_account(self, name):
        self.reference.inactive.add(name)
        User.objects.filter(pk=self.users[name].pk).update(is_active=False)

    @contextmanager
    def aside(self):
        """Undo at the end what has been set up, in both trees."""
        before = deepcopy(self.reference), dict(self.custom), dict(self.users)
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        self.reference, self.custom, self.users = before

    def some(self, cases):
        """Yield those of the cases that are in the sample: all that is decided there is judged."""
        for case in cases:
            self.offered += 1
            self.is_chosen = self.sample.takes_next()
            if self.is_chosen:
                yield case
        self.is_chosen = False

    def judge(self, step, expected, action, by=None):
        """Do a step as a request of its own would, undo it, and note it if it is wrong.

        Only a thorough run takes the time for each of them.
        """
        self.offered += 1
        if not (self.is_chosen or self.sample.takes_next()):
            return
        self.note(step, expected, self._is_allowed(action, self.users[by or self.name]))

    def note(self, step, expected, found):
        self.judged += 1
        if found is not expected:
            must = "allowed" if expected else "refused"
            self.wrong.append(f"{self.title}: {step}: must be {must}")

    def _is_allowed(self, action, by):
        try:
            with transaction.atomic():
                action(User.objects.get(pk=by.pk))
                transaction.set_rollback(True)
        except Refused:
            return False
        return True
