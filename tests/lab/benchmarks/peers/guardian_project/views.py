"""What such a project asks, as its code is usually written."""

from guardian.backends import ObjectPermissionBackend
from guardian.shortcuts import get_objects_for_user, get_users_with_perms

from tests.lab.benchmarks.peers.guardian_project.models import APP_LABEL, Workspace

# What guardian puts behind `user.has_perm`; ours answers that method in this process.
_backend = ObjectPermissionBackend()


def has_perm(user, codename, node):
    return _backend.has_perm(user, f"{APP_LABEL}.{codename}", node)


def climb(user, application):
    """Return whether `user` may see an application, there or from what is above it."""
    workspace = application.workspace
    return (
        has_perm(user, "view_application", application)
        or has_perm(user, "view_workspace", workspace)
        or has_perm(user, "view_organization", workspace.organization)
    )


def workspaces_for(user):
    visible = get_objects_for_user(user, f"{APP_LABEL}.view_workspace", Workspace)
    return visible.select_related("organization").order_by("name", "id")


def people_of(node):
    return get_users_with_perms(node)
