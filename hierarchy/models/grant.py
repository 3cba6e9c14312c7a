"""django-guardian's tables with direct foreign keys: what is enforced.

One row per membership that is in force, holding the permission that stands for its role on that
node ("manager_workspace"). Derived from memberships by `hierarchy.access` and written by nothing
else. The group tables stay empty: guardian falls back to its generic ones where they are missing.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from hierarchy.models.application import Application
from hierarchy.models.organization import Organization
from hierarchy.models.workspace import Workspace


def _indexes(noun: str) -> tuple[models.Index, ...]:
    """Return the indexes that make a check and a member list independent of the table's size."""
    return (
        models.Index(
            fields=("user",),
            include=("content_object", "permission"),
            name=f"hierarchy_{noun}grant_user",
        ),
        models.Index(
            fields=("content_object", "user"),
            include=("permission",),
            name=f"hierarchy_{noun}grant_node",
        ),
    )


class OrganizationGrant(UserObjectPermissionBase):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    content_object = models.ForeignKey(Organization, models.CASCADE, db_index=False)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
        indexes = _indexes("org")


class WorkspaceGrant(UserObjectPermissionBase):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    content_object = models.ForeignKey(Workspace, models.CASCADE, db_index=False)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
        indexes = _indexes("ws")


class ApplicationGrant(UserObjectPermissionBase):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    content_object = models.ForeignKey(Application, models.CASCADE, db_index=False)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
        indexes = _indexes("app")


class OrganizationGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Organization, models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class WorkspaceGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Workspace, models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class ApplicationGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Application, models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
