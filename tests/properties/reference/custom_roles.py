"""Custom roles in miniature."""

from hierarchy.roles import Role
from tests.hierarchy.test_roles import TABLE
from tests.properties.reference.domains import Domains
from tests.properties.reference.tree import Custom


class CustomRoles(Domains):
    def completed(self, permissions):
        """Return the permissions with those to see what they are about, as they come along."""
        levels = {TABLE[permission][0] for permission in permissions}
        levels |= {"workspace"} if "application" in levels else set()
        return permissions | {f"view_{level}" for level in levels}

    def may_compose(self, by, organization, permissions):
        """Rule 4: nobody adds to a role what they don't hold."""
        if organization not in self.nodes or not self.is_open(organization):
            return False
        may = self.may(by, "manage_custom_roles", organization)
        return may and self.completed(permissions) <= self.rights(by, organization)

    def may_compose_role(self, by, role, permissions):
        """Whether there can be a role of that name again, in the organization where it was."""
        custom = self.roles[role]
        return custom.is_deleted and self.may_compose(by, custom.organization, permissions)

    def compose_role(self, role, permissions, alias):
        """Let another role have the name; what decided offers name is known as `alias` now."""
        for offer in self.offers.values():
            offer.role = alias if offer.role == role else offer.role
        self.roles[alias] = self.roles[role]
        self.roles[role] = Custom(self.roles[role].organization, set(permissions))

    def wearers(self, role):
        """Return the members who have the role, and the undecided offers of it."""
        members = [m for m in self.members.values() if m.role == role]
        return members, [o for o in self.offers.values() if (o.role, o.state) == (role, "pending")]

    def may_manage_role(self, by, role):
        """Rule 4: nobody changes what they hold themselves, or beyond what they hold."""
        custom = self.roles[role]
        (members, offers) = self.wearers(role)
        organization = custom.organization
        if custom.is_deleted or organization not in self.nodes or not self.is_open(organization):
            return False
        if not self.may(by, "manage_custom_roles", organization):
            return False
        if any(m.user == by for m in members):
            return False
        if self.domains_giving(role) and not self.is_as_owner(by, organization):
            return False  # who joins by their address gets it
        return custom.permissions <= self.holds(by, organization) and all(
            {f"change_{self.nodes[row.node].level}_member"} | self.grants(role, row.node)
            <= self.holds(by, row.node)
            for row in [*members, *offers]
        )

    def may_edit_role(self, by, role, permissions):
        permissions = self.completed(permissions)
        if not self.may_manage_role(by, role) or not permissions <= self.holds(
            by, self.roles[role].organization
        ):
            return False
        everything = self.grants(Role.OWNER, self.roles[role].organization)
        if self.domains_giving(role) and everything <= permissions:
            return False
        nodes = [row.node for part in self.wearers(role) for row in part]
        nodes += [row.organization for row in self.domains_giving(role)]
        return all(f"view_{self.nodes[name].level}" in permissions for name in nodes)

    def may_delete_role(self, by, role, replacement):
        if replacement == role or not self.may_manage_role(by, role):
            return False
        rows = [row for part in self.wearers(role) for row in part]
        if rows and replacement is None:
            return False
        return all(
            self.suits(replacement, row.node)
            and self.grants(replacement, row.node) <= self.holds(by, row.node)
            for row in rows
        )

    def delete_role(self, role, replacement):
        for row in [row for part in self.wearers(role) for row in part]:
            row.role = replacement
        for row in self.domains_giving(role):
            row.role = Role.VIEWER
        self.open_doors()
        self.roles[role].is_deleted = True
