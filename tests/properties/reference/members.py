"""What may be done with members, in miniature."""

from hierarchy.roles import Role
from tests.properties.reference.nodes import Nodes
from tests.properties.reference.tree import STAFF


class Members(Nodes):
    def owners(self, organization):
        return {
            m.user
            for m in self.members.values()
            if m.node == organization
            and m.role == Role.OWNER
            and m.is_active
            and not m.ends
            and m.user not in self.inactive
        }

    def is_last_owner(self, member):
        """Whether the organization would have no active owner without this membership."""
        is_top = self.nodes[member.node].level == "organization"
        return is_top and member.role == Role.OWNER and self.owners(member.node) == {member.user}

    def lower(self, member):
        """Return the person's memberships beneath this one."""
        return {
            pk: m
            for pk, m in self.members.items()
            if m.user == member.user and m.node != member.node and member.node in self.path(m.node)
        }

    def may_manage(self, by, pk, verb):
        """Rule 1: the permission, somebody else's membership, and never more than one holds."""
        member = self.members.get(pk)
        if member is None or not self.is_open(member.node) or member.user == by:
            return False
        return self._may_each(by, [member], verb)

    def _may_each(self, by, members, verb):
        """Whether that may be done to each by itself; what is in the trash is no obstacle."""
        return all(
            {f"{verb}_{self.nodes[m.node].level}_member"} | self.grants(m.role, m.node)
            <= self.holds(by, m.node)
            for m in members
        )

    def may_change_role(self, by, pk, role):
        if not self.may_manage(by, pk, "change"):
            return False
        member = self.members[pk]
        if not self.grants(role, member.node) <= self.rights(by, member.node):
            return False
        if not self.suits(role, member.node):
            return False
        return role == Role.OWNER or not self.is_last_owner(member)

    def may_change_dates(self, by, pk, ends):
        if not self.may_manage(by, pk, "change"):
            return False
        return not ends or not self.is_last_owner(self.members[pk])

    def may_extend_member(self, by, pk):
        """Whether what ends by itself may end later: that is another end."""
        return self.may_change_dates(by, pk, True) and self.members[pk].ends

    def may_suspend_member(self, by, pk):
        if not self.may_manage(by, pk, "change"):
            return False
        member = self.members[pk]
        may_beneath = self._may_each(by, self.lower(member).values(), "change")
        return may_beneath and member.is_active and not self.is_last_owner(member)

    def may_reactivate_member(self, by, pk):
        if not self.may_manage(by, pk, "change"):
            return False
        member = self.members[pk]
        may_beneath = self._may_each(by, self.lower(member).values(), "change")
        return may_beneath and not member.is_active

    def may_remove(self, by, pk):
        if not self.may_manage(by, pk, "remove"):
            return False
        member = self.members[pk]
        may_beneath = self._may_each(by, self.lower(member).values(), "remove")
        return may_beneath and not self.is_last_owner(member)

    def may_leave(self, by, pk):
        member = self.members.get(pk)
        if member is None or member.user != by:
            return False
        return self.is_open(member.node) and not self.is_last_owner(member)

    def end(self, pk):
        """Remove a membership and those beneath it."""
        for gone in [pk, *self.lower(self.members[pk])]:
            del self.members[gone]

    def may_add(self, by, name, user, role):
        """Staff who may invite, and see members, on every tree; rule 1 is theirs, too."""
        level = self.nodes[name].level
        needed = {f"invite_{level}_member", f"view_{level}_member"}
        may_invite = needed <= set(self.everywhere(by))
        may_give = self.suits(role, name) and self.grants(role, name) <= self.rights(by, name)
        is_free = not self.is_member(user, name) and user not in self.inactive
        is_free = is_free and not self.is_silenced(user, name)
        return may_invite and may_give and is_free and self.is_open(name)

    def is_member(self, user, name):
        return any(m.user == user and m.node == name for m in self.members.values())

    def may_deactivate(self, by, user):
        sole = any(self.is_last_owner(m) for m in self.members.values() if m.user == user)
        return by == STAFF and user not in self.inactive and not sole
