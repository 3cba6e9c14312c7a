from guardian.backends import ObjectPermissionBackend


class HierarchyBackend(ObjectPermissionBackend):
    pass
