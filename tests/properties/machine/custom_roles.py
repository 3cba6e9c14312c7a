"""Steps on custom roles."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import rule

from hierarchy.actions import custom_roles
from hierarchy.roles import Permission
from tests.properties.machine.base import ACTORS, ROLES, Machine, choice, role

COMPOSITIONS = [
    {"view_workspace", "change_workspace"},
    {"view_organization", "view_workspace", "invite_workspace_member"},
    {"view_workspace", "view_application"},
]


class CustomRoles(Machine):
    @rule(choice=choice, permissions=st.sampled_from(COMPOSITIONS))
    def edit_role(self, choice, permissions):
        done = self.take(
            choice,
            product(ACTORS, ROLES),
            lambda by, name: (
                name in self.reference.roles and self.reference.may_edit_role(by, name, permissions)
            ),
            lambda user, name: custom_roles.edit(
                self.real_roles[name],
                name=name,
                permissions=map(Permission, permissions),
                by=user,
            ),
            events=lambda _by, name: self.reference.roles[name].permissions != permissions,
        )
        if done:
            by, name, _custom = done
            self.reference.roles[name].permissions = set(permissions)
            self.assert_not_raised(by)

    @rule(choice=choice, replacement=role)
    def delete_role(self, choice, replacement):
        done = self.take(
            choice,
            product(ACTORS, ROLES),
            lambda by, name: (
                name in self.reference.roles
                and self.reference.may_delete_role(by, name, replacement)
            ),
            lambda user, name: (
                custom_roles.delete(
                    self.real_roles[name], by=user, replacement=self.real_role(replacement)
                )
                or True
            ),
        )
        if done:
            by, name, _gone = done
            self.reference.delete_role(name, replacement)
            self.assert_not_raised(by)
