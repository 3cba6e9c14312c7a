"""Steps on custom roles."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import rule

from config.versions import AS_IT_IS
from hierarchy.models import CustomRole
from hierarchy.roles import Permission
from tests.properties.machine.base import ACTORS, ROLES, Machine, choice, role
from tests.support.acting import custom_roles

COMPOSITIONS = [
    {"view_workspace", "change_workspace"},
    {"view_organization", "view_workspace", "invite_workspace_member"},
    {"view_workspace", "view_application"},
]


class CustomRoles(Machine):
    @rule(choice=choice, permissions=st.sampled_from(COMPOSITIONS))
    def compose_role(self, choice, permissions):
        """Under the name of one that may have been deleted, so that things of old stay known."""
        organizations = {name: organization for name, (organization, _) in ROLES.items()}
        done = self.take(
            choice,
            product(ACTORS, ROLES),
            lambda by, name: (
                name in self.reference.roles
                and self.reference.may_compose_role(by, name, permissions)
            ),
            lambda user, name: custom_roles.create(
                self.real[organizations[name]],
                name=name,
                permissions=map(Permission, permissions),
                by=user,
            ),
        )
        if done:
            by, name, row = done
            self.count += 1
            alias = f"{name} of old {self.count}"
            self.real_roles[alias] = self.real_roles[name]
            self.real_roles[name] = row
            self.reference.compose_role(name, permissions, alias)
            self.assert_not_raised(by)

    @rule(
        choice=choice,
        permissions=st.sampled_from(COMPOSITIONS),
        behind=st.sampled_from([None, 0, 0, 1]),
    )
    def edit_role(self, choice, permissions, behind):
        """By a form of this moment, by one of when it was another, or by what has none."""

        def version(name):
            row = CustomRole.objects.filter(pk=self.real_roles[name].pk).first()
            if behind:
                row.description = "As it was"
            return AS_IT_IS if behind is None else str(row.shown)

        done = self.take(
            choice,
            product(ACTORS, ROLES),
            lambda by, name: (
                name in self.reference.roles
                and not behind
                and self.reference.may_edit_role(by, name, permissions)
            ),
            lambda user, name: custom_roles.edit(
                self.real_roles[name],
                name=name,
                permissions=map(Permission, permissions),
                by=user,
                version=version(name),
            ),
            events=lambda _by, name: self.reference.roles[name].permissions != permissions,
        )
        if done:
            by, name, _custom = done
            custom = self.reference.roles[name]
            custom.version += custom.permissions != permissions
            custom.permissions = set(permissions)
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
