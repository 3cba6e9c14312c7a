"""The shape that every row below an organization shares: where in the tree it hangs.

`organization` is never null; `workspace` is null for what hangs on the organization; `application`
is null for what hangs on the workspace. Composite foreign keys, which Django 5.2 can't declare, are
added in SQL by the migration `0002_composite_foreign_keys`: (workspace, organization) and
(application, workspace, organization) must exist together, ON UPDATE CASCADE. So no row can name a
workspace of one organization beside another organization, and moving a node is one UPDATE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hierarchy.models.fate import HasFate
from hierarchy.roles import Level

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

RowT = TypeVar("RowT", bound=models.Model)


class PathQuerySet(models.QuerySet[RowT, RowT]):
    """Finds rows by the node that they hang on."""

    def at(self, node: AnyNode) -> Self:
        """Return the rows that hang on `node` itself."""
        return self.filter(**path_of(node))

    def on_path(self, node: AnyNode) -> Self:
        """Return the rows that hang on `node` or on one of its ancestors."""
        path = path_of(node)
        organization, workspace, application = path.values()
        query = Q(workspace=None, application=None)
        if workspace is not None:
            query |= Q(workspace=workspace, application=None)
        if application is not None:
            query |= Q(workspace=workspace, application=application)
        return self.filter(query, organization=organization)

    def within(self, node: AnyNode) -> Self:
        """Return the rows that hang on `node` or anywhere beneath it."""
        return self.filter(**{name: part for name, part in path_of(node).items() if part})

    def alive(self) -> Self:
        """Return the rows whose node isn't deleted, nor under something deleted."""
        return self.filter(**{f"{level}__deleted_at": None for level in Level})

    def with_nodes(self) -> Self:
        """Load along the node that each row hangs on, and its ancestors."""
        return self.select_related(
            "organization",
            "workspace__organization",
            "application__organization",
            "application__workspace__organization",
        )


class Path(HasFate):
    """A row that hangs on a node of the tree."""

    organization = models.ForeignKey(
        "hierarchy.Organization", models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    workspace = models.ForeignKey(
        "hierarchy.Workspace",
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("workspace"),
    )
    application = models.ForeignKey(
        "hierarchy.Application",
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("application"),
    )

    class Meta:
        abstract = True

    @property
    def node(self) -> AnyNode:
        """The node that the row hangs on."""
        return self.application or self.workspace or self.organization

    @property
    def level(self) -> Level:
        return level_of_path(self.workspace_id, self.application_id)

    def hang_on(self, node: AnyNode) -> None:
        """Let the row name `node` and its ancestors as they are loaded there."""
        for name, part in path_of(node).items():
            setattr(self, name, part)


def path_has_no_gap(name: str) -> models.CheckConstraint:
    """Return the constraint that an application is never named without its workspace."""
    return models.CheckConstraint(
        condition=Q(application=None) | Q(workspace__isnull=False), name=name
    )


def newest_first(noun: str) -> tuple[models.Index, ...]:
    """Return the indexes that have the rows of one node in order, the newest first.

    One for each level: with the whole path in a single index PostgreSQL would sort all rows of an
    organization, since `workspace IS NULL` is no constant to it.
    """
    of_level = (
        ("org", Level.ORGANIZATION, Q(workspace=None)),
        ("ws", Level.WORKSPACE, Q(workspace__isnull=False, application=None)),
        ("app", Level.APPLICATION, Q(application__isnull=False)),
    )
    return tuple(
        models.Index(
            fields=(level.value, "-created_at", "-id"),
            condition=condition,
            name=f"hierarchy_{noun}_new_{short}",
        )
        for short, level, condition in of_level
    )


def open_ones(noun: str, state: str) -> tuple[models.Index, ...]:
    """Return the indexes that lead to the few rows in the open `state`, on or beneath a node.

    Each page that tells whether anything waits asks by all three columns.
    """
    return tuple(
        models.Index(
            fields=(level.value,),
            condition=Q(state=state, **{f"{level}__isnull": False} if level.depth else {}),
            name=f"hierarchy_{noun}_open_{short}",
        )
        for short, level in zip(("org", "ws", "app"), Level, strict=True)
    )


def path_of(node: AnyNode) -> dict[str, Any]:
    """Return the three path columns of a row that hangs on `node`, top down."""
    columns = [*node.path, None, None][: len(Level)]
    return {level.value: part for level, part in zip(Level, columns, strict=True)}


def level_of_path(workspace_id: int | None, application_id: int | None) -> Level:
    if application_id is not None:
        return Level.APPLICATION
    return Level.ORGANIZATION if workspace_id is None else Level.WORKSPACE
