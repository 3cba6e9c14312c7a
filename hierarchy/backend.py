"""Django's question `user.has_perm(permission, node)`, answered from what memberships grant."""

from __future__ import annotations

from typing import Any

from django.db import models
from guardian.backends import ObjectPermissionBackend

from hierarchy.access import Anybody, held, staff_rights_count
from hierarchy.models import Node, Path
from hierarchy.roles import APP_LABEL


class HierarchyBackend(ObjectPermissionBackend):
    """Answers Django's `user.has_perm(permission, node)`, with inheritance down the tree.

    guardian's own backend knows the stored rows only; this one reads them as roles on a subtree.
    `node` may also be a row that hangs on a node. Without an object Django's backend answers.
    """

    def authenticate(self, request: object, *_credentials: object, **_more: object) -> None:
        return None

    def has_perm(self, user_obj: Anybody, perm: str, obj: models.Model | None = None) -> bool:
        app_label, _dot, codename = perm.partition(".")
        node = _node_of(obj)
        if node is None or app_label != APP_LABEL or not user_obj.is_active:
            return False
        if codename in held(user_obj, node):
            return True
        return user_obj.is_staff and staff_rights_count() and user_obj.has_perm(perm)

    def get_all_permissions(self, user_obj: Anybody, obj: models.Model | None = None) -> set[str]:
        node = _node_of(obj)
        if node is None or not user_obj.is_active:
            return set()
        return {permission.full_name for permission in held(user_obj, node)}


def _node_of(obj: models.Model | None) -> Any:
    if isinstance(obj, Path):
        return obj.node
    return obj if isinstance(obj, Node) else None
