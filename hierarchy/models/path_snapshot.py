"""The path of rows that outlive the node they speak of, and so can't reference it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

from hierarchy.models.fate import HasFate
from hierarchy.models.path import level_of_path, path_of
from hierarchy.roles import Level

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

RowT = TypeVar("RowT", bound=models.Model)


class PathSnapshotQuerySet(models.QuerySet[RowT, RowT]):
    def within(self, node: AnyNode) -> Self:
        """Return the rows about `node` and everything beneath it."""
        return self.filter(
            **{f"{name}_id": part.pk for name, part in path_of(node).items() if part}
        )


class PathSnapshot(HasFate):
    """The same three columns as `Path`, without foreign keys."""

    organization_id = models.BigIntegerField(null=True)
    workspace_id = models.BigIntegerField(null=True)
    application_id = models.BigIntegerField(null=True)

    class Meta:
        abstract = True

    @property
    def level(self) -> Level:
        return level_of_path(self.workspace_id, self.application_id)


def path_snapshot_of(node: AnyNode | None) -> dict[str, int | None]:
    """Return the three path columns of a row that speaks of `node`; all None without one."""
    if node is None:
        return {"organization_id": None, "workspace_id": None, "application_id": None}
    return {f"{name}_id": part.pk if part else None for name, part in path_of(node).items()}
