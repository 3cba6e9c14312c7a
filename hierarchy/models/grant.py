"""django-guardian's tables with direct foreign keys: what is enforced.

One row per active membership, holding the permission that stands for its role on that node
("manager_workspace"), the custom role if it is one, and the instants between which it holds.
Derived from memberships by `hierarchy.grants` and written by nothing else.

The database holds each row to its membership, by the migration
`hold_grants_to_their_membership`: it goes with the membership (ON DELETE CASCADE), none can be
written that its membership doesn't imply, and what a membership no longer implies is deleted in
the statement that changes it, no matter who sends it: docs/decisions/grants-and-memberships.md.

The group tables stay empty: guardian falls back to its generic ones where they are missing.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from hierarchy.models.application import Application
from hierarchy.models.custom_role import CustomRole
from hierarchy.models.membership import Membership
from hierarchy.models.organization import Organization
from hierarchy.models.workspace import Workspace


def _indexes(noun: str) -> tuple[models.Index, ...]:
    """Return the indexes that make a check and a member list independent of the table's size."""
    return (
        models.Index(
            fields=("user",),
            include=("content_object", "permission", "custom_role", "starts_at", "ends_at"),
            name=f"hierarchy_{noun}grant_user",
        ),
        models.Index(
            fields=("content_object", "user"),
            include=("permission",),
            name=f"hierarchy_{noun}grant_node",
        ),
        # Some people of a role on a node, those first who have been there longest.
        models.Index(
            fields=("content_object", "permission", "membership"),
            name=f"hierarchy_{noun}grant_eldest",
        ),
        models.Index(
            fields=("custom_role",),
            name=f"hierarchy_{noun}grant_role",
            condition=Q(custom_role__isnull=False),
        ),
    )


class Grant(UserObjectPermissionBase):
    """Grant of guardian with the dates it is valid for, and the custom role if it is one."""

    # The foreign key, and that it is never null, are added in SQL: Django 5.2 can't declare that
    # the database cascades.
    membership = models.OneToOneField(
        Membership, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    custom_role = models.ForeignKey(
        CustomRole, models.CASCADE, related_name="+", null=True, db_index=False
    )
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True
        default_permissions = ()


class OrganizationGrant(Grant):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    content_object = models.ForeignKey(Organization, models.CASCADE, db_index=False)

    class Meta(Grant.Meta):
        abstract = False
        indexes = _indexes("org")


class WorkspaceGrant(Grant):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    content_object = models.ForeignKey(Workspace, models.CASCADE, db_index=False)

    class Meta(Grant.Meta):
        abstract = False
        indexes = _indexes("ws")


class ApplicationGrant(Grant):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    content_object = models.ForeignKey(Application, models.CASCADE, db_index=False)

    class Meta(Grant.Meta):
        abstract = False
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
