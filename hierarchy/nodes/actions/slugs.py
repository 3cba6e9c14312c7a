"""Slugs: which are free for a node, and what becomes of one that is given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from hierarchy.models import Application, FormerSlug, Organization, Workspace
from hierarchy.models.path_snapshot import path_snapshot_of
from hierarchy.names import LONGEST_SLUG, clean_slug
from hierarchy.refusals import Refused
from hierarchy.roles import Level

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class Scope:
    """Nodes among which a slug must be unique."""

    level: Level
    organization: Organization | None = None
    workspace: Workspace | None = None
    environment: str = ""

    def nodes(self) -> QuerySet[Organization] | QuerySet[Workspace] | QuerySet[Application]:
        """Return the nodes of the scope, deleted ones included: they may come back."""
        if self.level is Level.WORKSPACE:
            return Workspace.objects.filter(organization=self.organization)
        if self.level is Level.APPLICATION:
            within = Application.objects.filter(workspace=self.workspace)
            return within.filter(environment=self.environment)
        return Organization.objects.all()

    def former(self, slug: str) -> QuerySet[FormerSlug]:
        """Return the reservations of `slug` in the scope."""
        rows = FormerSlug.objects.held().filter(slug=slug, environment=self.environment)
        if self.level is Level.ORGANIZATION:
            return rows.filter(workspace_id=None)
        if self.level is Level.WORKSPACE:
            return rows.filter(
                organization_id=_key(self.organization),
                workspace_id__isnull=False,
                application_id=None,
            )
        return rows.filter(workspace_id=_key(self.workspace), application_id__isnull=False)


def _key(place: Organization | Workspace | None) -> int | None:
    return place.pk if place else None


def scope_of(node: AnyNode) -> Scope:
    """Return the scope in which the slug of an existing node must be unique."""
    return scope_under(node, node.parent)


def scope_under(node: AnyNode, place: AnyNode | None) -> Scope:
    """Return the scope in which the slug of `node` must be unique if it hangs under `place`."""
    if place is None:
        return Scope(Level.ORGANIZATION)
    if isinstance(node, Application) and not isinstance(place, Organization):
        return Scope(Level.APPLICATION, place.organization, place.workspace, node.environment)
    return Scope(Level.WORKSPACE, place.organization)


def reason_against(slug: str, scope: Scope, *, besides: AnyNode | None = None) -> str:
    """Return why `slug` can't be given in `scope`, or "". `besides` may keep or retake its own."""
    try:
        slug = clean_slug(slug)
    except ValidationError as error:
        return str(error.messages[0])
    others = scope.nodes().filter(slug=slug)
    former = scope.former(slug)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
        former = former.exclude(**{f"{besides.level}_id": besides.pk})
    if others.exists():
        return _("“%(slug)s” is already taken.") % {"slug": slug}
    if former.exists():
        return _("“%(slug)s” belonged to something else until recently.") % {"slug": slug}
    return ""


def suggest(slug: str, scope: Scope, *, besides: AnyNode | None = None) -> str:
    """Return `slug`, or the first of slug-2, slug-3 … that is free in `scope`."""
    if not slug or not reason_against(slug, scope, besides=besides):
        return slug
    stem = slug[: LONGEST_SLUG - 3].rstrip("-")
    candidates = (f"{stem}-{number}" for number in range(2, 100))
    return next((candidate for candidate in candidates if not reason_against(candidate, scope)), "")


def claim(slug: str, scope: Scope, *, besides: AnyNode | None = None) -> str:
    """Return `slug` in its canonical form, reserved until the commit; refuse what is not free."""
    _serialize(slug, scope)
    sentence = reason_against(slug, scope, besides=besides)
    if sentence:
        raise Refused("slug", sentence, field="slug")
    slug = clean_slug(slug)
    if besides is not None:
        scope.former(slug).filter(**{f"{besides.level}_id": besides.pk}).delete()
    return slug


def retire(node: AnyNode, slug: str) -> None:
    """Keep `slug`, which `node` gives up, leading to it and away from others."""
    _serialize(slug, scope_of(node))
    FormerSlug.objects.create(
        **path_snapshot_of(node), slug=slug, environment=getattr(node, "environment", "")
    )


def _serialize(slug: str, scope: Scope) -> None:
    """Let one transaction at a time decide about a slug: the other one then sees what it did."""
    place = _key(scope.workspace or scope.organization) or ""
    key = f"{scope.level}:{place}:{scope.environment}:{slug}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
