"""Custom roles in miniature."""

from tests.properties.reference.invitations import Invitations


class CustomRoles(Invitations):
    def wearers(self, role):
        """Return the members who have the role, and the undecided offers of it."""
        members = [m for m in self.members.values() if m.role == role]
        return members, [o for o in self.offers.values() if (o.role, o.state) == (role, "pending")]

    def may_manage_role(self, by, role):
        """Rule 4: nobody changes what they hold themselves, or beyond what they hold."""
        custom, (members, offers) = self.roles[role], self.wearers(role)
        organization = custom.organization
        if custom.is_deleted or organization not in self.nodes or not self.is_open(organization):
            return False
        if not self.may(by, "manage_custom_roles", organization):
            return False
        if any(m.user == by for m in members):
            return False
        needed = {f"change_{self.nodes[row.node].level}_member" for row in [*members, *offers]}
        return custom.permissions | needed <= self.holds(by, organization)

    def may_edit_role(self, by, role, permissions):
        if not self.may_manage_role(by, role) or not permissions <= self.holds(
            by, self.roles[role].organization
        ):
            return False
        rows = [row for part in self.wearers(role) for row in part]
        return all(f"view_{self.nodes[row.node].level}" in permissions for row in rows)

    def may_delete_role(self, by, role, replacement):
        if replacement == role or not self.may_manage_role(by, role):
            return False
        rows = [row for part in self.wearers(role) for row in part]
        return all(
            self.suits(replacement, row.node)
            and self.grants(replacement, row.node) <= self.holds(by, row.node)
            for row in rows
        )

    def delete_role(self, role, replacement):
        for row in [row for part in self.wearers(role) for row in part]:
            row.role = replacement
        self.roles[role].is_deleted = True
