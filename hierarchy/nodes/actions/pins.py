"""Keeping nodes at the top of one's switcher: a preference, not a change of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hierarchy.models import Pin
from hierarchy.models.path import path_of

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


def pin(node: AnyNode, *, by: User) -> None:
    """Keep `node` at the top."""
    Pin.objects.get_or_create(user=by, **path_of(node))


def unpin(node: AnyNode, *, by: User) -> None:
    """Put `node` among the others again."""
    Pin.objects.at(node).filter(user=by).delete()
