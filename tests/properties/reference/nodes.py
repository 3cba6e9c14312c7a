"""What may be done with nodes, in miniature."""

from datetime import timedelta

from tests.properties.reference.slugs import Slugs

TRASH = timedelta(days=30)


class Nodes(Slugs):
    def may_create(self, by, parent):
        beneath = {"organization": "add_workspace", "workspace": "add_application"}
        if parent not in self.nodes or not self.is_open(parent):
            return False
        return self.may(by, beneath[self.nodes[parent].level], parent)

    def may_edit(self, by, name):
        if not (self.is_open(name) and self.may(by, "change_*", name)):
            return False
        node = self.nodes[name]
        return not node.is_production or self.may(by, "change_production_application", name)

    def may_delete_or_suspend(self, by, name):
        return self.is_open(name) and self.may(by, "delete_*", name)

    def may_resume(self, by, name):
        return (
            self.exists(name) and self.nodes[name].is_suspended and self.may(by, "delete_*", name)
        )

    def may_restore(self, by, name):
        node = self.nodes.get(name)
        if node is None or node.deleted_at is None or self.now - node.deleted_at >= TRASH:
            return False
        if node.parent and not self.is_open(node.parent):
            return False
        return f"delete_{node.level}" in self.holds(by, name)

    def purge(self):
        """Remove what was in the trash for too long; return how many were there by themselves."""
        deleted = {name: node.deleted_at for name, node in self.nodes.items() if node.deleted_at}
        over = {name for name, since in deleted.items() if self.now - since >= TRASH}
        gone = set().union(*(self.beneath(name) for name in over))
        for name in over:
            self.retire(name)
        self.forget(gone)
        self.events += len(over)
        return len(over)
