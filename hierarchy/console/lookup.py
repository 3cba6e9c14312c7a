"""Finding the node that an address names, for people who may see it.

An address is made of slugs, and those change: a former one leads to where the node is now.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, Subquery
from django.db.models.functions import Lower
from django.db.models.lookups import Contains, StartsWith
from django.http import Http404
from django.shortcuts import get_object_or_404

from hierarchy import access
from hierarchy.access import NODES, Anybody
from hierarchy.models import Application, FormerSlug, Membership, Organization, Path, Workspace
from hierarchy.refusals import NotAllowed
from hierarchy.roles import VIEW, VIEW_MEMBER, ByLevel, Level, Permission

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode
    from hierarchy.models.path import PathQuerySet

RowT = TypeVar("RowT", bound=Path)


class Moved(Exception):  # noqa: N818 - not an error: the page stands under another address
    """The slug in the address is a former one of `node`, which the person may see."""

    def __init__(self, node: AnyNode) -> None:
        self.node = node


def get_node(user: Anybody, path: Mapping[str, str], *, to: Permission | ByLevel) -> AnyNode:
    """Return the node at `path` (its slugs, as in an address) if `user`, a member, may do `to`.

    Raises Http404 when there is no such node or the person may not see it, NotAllowed when they
    see it and may not do that, Moved when the address is a former one.
    """
    node = _find(user, path)
    permissions = access.held(user, node)
    if VIEW[node.level] not in permissions:
        raise Http404
    permission = to if isinstance(to, Permission) else to[node.level]
    if permission not in permissions:
        raise NotAllowed(permission, node)
    return node


def get_node_with_members(user: Anybody, path: Mapping[str, str], *, to: ByLevel) -> AnyNode:
    """Return the node as `get_node`, for a person who sees its members as well.

    Otherwise the answers about one of them would tell who is a member.
    """
    node = get_node(user, path, to=to)
    if VIEW_MEMBER[node.level] not in access.held(user, node):
        raise NotAllowed(VIEW_MEMBER[node.level], node)
    return node


def get_own_membership(user: User, path: Mapping[str, str]) -> Membership:
    """Return the membership of `user` on the node at `path`, though it grants nothing right now.

    Raises Http404 without one, Moved when the address is a former one of what they see.
    """
    node = _find(user, path)
    found: Membership | None = Membership.objects.at(node).filter(user=user).first()
    if found is None:
        raise Http404
    found.user = user
    found.hang_on(node)
    return found


def load(rows: PathQuerySet[RowT], pk: int, *, at: AnyNode) -> RowT:
    """Return that one of `rows` which hangs on `at`, a node that `get_node` has checked.

    Raises Http404 without one: the key of a row elsewhere is nobody's way to it.
    """
    row = get_object_or_404(rows.at(at), pk=pk)
    row.hang_on(at)
    return row


def get_organization(user: Anybody, organization: str, *, to: Permission) -> Organization:
    """Return the organization of that slug; otherwise as `get_node`."""
    return cast(Organization, get_node(user, {"organization": organization}, to=to))


def get_workspace(user: Anybody, organization: str, workspace: str, *, to: Permission) -> Workspace:
    """Return the workspace at that address; otherwise as `get_node`."""
    path = {"organization": organization, "workspace": workspace}
    return cast(Workspace, get_node(user, path, to=to))


def get_application(user: Anybody, path: Mapping[str, str], *, to: Permission) -> Application:
    """Return the application at that address; otherwise as `get_node`."""
    return cast(Application, get_node(user, path, to=to))


def formerly(slug: str) -> Organization | None:
    """Return the living organization that has, or had, that slug, no matter who may see it."""
    return _by_present_or_former_slug(Level.ORGANIZATION, {"organization": slug}, {})  # type: ignore[no-any-return]


def _find(user: Anybody, path: Mapping[str, str]) -> AnyNode:
    """Return the living node at `path`, no matter who may see it; raise Moved, or Http404."""
    try:
        node: AnyNode = _at(path).with_parents().get()
    except ObjectDoesNotExist:
        raise _moved(user, path) from None
    # No part of the question: the planner takes the index of living names for as good as that of
    # slugs, and would read all that a workspace has in an environment.
    if node.is_deleted:
        raise _moved(user, path)
    return node


def _at(path: Mapping[str, str]) -> Any:
    """Return the query of the node at `path`, living or not: each level is found by the last.

    With a query of one row in place of each parent, unique indexes lead to the node whatever the
    planner believes of the tables' contents; joins let it begin with all that an organization has.
    """
    nodes: Any = None
    parent: dict[str, Any] = {}
    for level in (level for level in Level if level in path):
        own = {"environment": path["environment"]} if level is Level.APPLICATION else {}
        nodes = NODES[level].objects.filter(slug=path[level], **own, **parent).order_by()
        parent = {level.value: Subquery(nodes.values("pk"))}
    return nodes


def _moved(user: Anybody, path: Mapping[str, str]) -> Exception:
    """Return Moved when every slug of `path` leads, by today's or a former name, to a node."""
    found: dict[str, object] = {}
    for level in (level for level in Level if level in path):
        node = _by_present_or_former_slug(level, path, found)
        if node is None:
            return Http404()
        found = {part.level: part for part in node.path}
    if VIEW[node.level] in access.held(user, node):
        return Moved(node)
    return Http404()


def _by_present_or_former_slug(level: Level, path: Mapping[str, str], found: Any) -> Any:
    """Return what has, or had, that slug right under what was found: today it may be elsewhere."""
    parents = [parent for parent in Level if parent in found]
    scope = {f"{parent}_id": found[parent].pk for parent in parents[-1:]}
    environment = {"environment": path["environment"]} if level is Level.APPLICATION else {}
    nodes = NODES[level].objects.alive().with_parents()
    present = nodes.filter(slug=path[level], **scope, **environment).first()
    if present is not None:
        return present
    below = {f"{lower}_id": None for lower in Level if lower.depth > level.depth}
    former = FormerSlug.objects.filter(slug=path[level], **scope, **environment, **below)
    newest = former.filter(**{f"{level}_id__isnull": False}).order_by("-retired_at").first()
    return nodes.filter(pk=getattr(newest, f"{level}_id")).first() if newest else None


def named(query: str) -> Q:
    """Return the condition that a node is called so: by the start of a word, by slug or id."""
    text = unicodedata.normalize("NFC", query).lower()
    if not text:
        return Q()
    name = Lower("name")
    condition = Q(StartsWith(name, text)) | Q(Contains(name, f" {text}"))
    condition |= Q(slug__startswith=text)
    try:
        return condition | Q(public_id=UUID(text))
    except ValueError:
        return condition
