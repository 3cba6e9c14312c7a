"""Steps of those who come without being invited, and of those who answer them."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from hierarchy.models import AccessRequest, BlockedPerson
from hierarchy.roles import BUILT_IN, Permission
from tests.properties.machine.base import (
    ACTORS,
    PEOPLE,
    ROLES,
    Machine,
    after_change,
    choice,
    person,
)
from tests.properties.reference import STAFF
from tests.support.acting import access_requests, blocks

WISHES = [
    None,
    "change_organization",
    "change_workspace",
    "add_application",
    "view_application_settings",
    "delete_application",
]


class Joining(Machine):
    def __init__(self, world, name_server):
        super().__init__(world, name_server)
        self.request_rows = {}
        self.blocked_rows = {}

    @rule(choice=choice, permission=st.sampled_from(WISHES))
    def ask(self, choice, permission):
        present = [name for name in PEOPLE if name not in self.reference.inactive]
        wish = permission and Permission(permission)
        done = self.take(  # others have no session to do it with
            choice,
            product([*present, STAFF], self.real, [permission]),
            self.reference.may_ask,
            lambda user, name, _wish: access_requests.ask(
                self.real[name], by=user, permission=wish
            ),
        )
        if done:
            by, name, _wish, row = done
            self.request_rows[row.pk] = row
            self.reference.ask(row.pk, by, name, permission)

    @precondition(lambda self: self.request_rows)
    @rule(choice=choice)
    def approve(self, choice):
        done = self.take(
            choice,
            product(ACTORS, self.request_rows, [*BUILT_IN, *ROLES]),
            self.reference.may_approve,
            lambda user, pk, new: access_requests.approve(
                self.request_rows[pk], self.real_role(new), by=user
            ),
        )
        if done:
            by, pk, new, row = done
            request = self.reference.requests[pk]
            self.reference.approve(pk, new)
            if row.pk not in self.reference.members:
                self._know(row, request.user, request.node, new)
            self.assert_not_raised(by)

    def _on_request(self, choice, is_allowed, action, state):
        done = self.take(
            choice,
            product(ACTORS, self.request_rows),
            is_allowed,
            lambda user, pk: action(self.request_rows[pk], by=user),
        )
        if done:
            self.reference.requests[done[1]].state = state

    @precondition(lambda self: self.request_rows)
    @rule(choice=choice)
    def decline_request(self, choice):
        self._on_request(choice, self.reference.may_answer, access_requests.decline, "declined")

    @precondition(lambda self: self.request_rows)
    @rule(choice=choice)
    def withdraw_request(self, choice):
        self._on_request(
            choice, self.reference.may_withdraw_request, access_requests.withdraw, "withdrawn"
        )

    @rule(choice=choice, who=person)
    def block(self, choice, who):
        done = self.take(
            choice,
            product(ACTORS, ["acme", "globex"], [who]),
            self.reference.may_block,
            lambda user, name, _who: blocks.block(self.real[name], self.users[who], by=user),
        )
        if done:
            _by, name, _who, row = done
            self._know_blocked(row, name, who)

    def _know_blocked(self, row, organization, who):
        self.blocked_rows[row.pk] = row
        self.reference.block(row.pk, organization, who)

    @precondition(lambda self: self.blocked_rows)
    @rule(choice=choice)
    def unblock(self, choice):
        done = self.take(
            choice,
            product(ACTORS, self.blocked_rows),
            self.reference.may_unblock,
            lambda user, pk: blocks.unblock(self.blocked_rows[pk], by=user) or True,
        )
        if done:
            self.reference.unblock(done[1])

    @after_change
    def store_requests_as_the_reference(self):
        rows = AccessRequest.objects.values_list("pk", "state", "permission")
        assert set(rows) == {
            (pk, request.state, request.permission or "")
            for pk, request in self.reference.requests.items()
        }
        blocked = set(BlockedPerson.objects.values_list("pk", flat=True))
        assert blocked == set(self.reference.blocked)
