"""Doing the same to many at once, in miniature."""

from copy import deepcopy

from tests.properties.reference.joining import Joining


class Batches(Joining):
    def may_change_many(self, by, members, verb, role):
        """Whether it may be done to each, after those before it."""
        if not self._may(by, members[0], verb, role):
            return False
        later = deepcopy(self)
        for pk in members:
            if not later._may(by, pk, verb, role):
                return False
            later.change(pk, verb, role)
        return True

    def _may(self, by, pk, verb, role):
        if verb == "change_role":
            return self.may_change_role(by, pk, role)
        ways = {
            "suspend": self.may_suspend_member,
            "reactivate": self.may_reactivate_member,
            "remove": self.may_remove,
        }
        return ways[verb](by, pk)

    def change(self, pk, verb, role):
        member = self.members[pk]
        if verb == "change_role":
            member.role = role
        elif verb == "remove":
            self.end(pk)
        else:
            member.is_active = verb == "reactivate"

    def may_send_many(self, by, name, people, role):
        if name not in self.nodes or len(set(people)) < len(people):
            return False
        return all(self.may_send(by, name, user, role) for user in people)
