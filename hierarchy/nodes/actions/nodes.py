"""Actions on organizations, workspaces and applications alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.batches import one_by_one
from config.versions import Shown
from hierarchy import access, audit, fates, notices
from hierarchy.access import NODES
from hierarchy.activity.actions import purge_receipts
from hierarchy.fates import Happening
from hierarchy.locking import (
    lock,
    lock_organization,
    refuse_suspended,
    refusing_duplicates,
    validate,
)
from hierarchy.models import Application, Organization
from hierarchy.models.node import oldest_restorable
from hierarchy.nodes.actions import slugs
from hierarchy.refusals import NotAllowed, Refused, refuse_stale
from hierarchy.roles import CHANGE, DELETE, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accounts.models import User
    from config.versions import Version
    from hierarchy.models.node import AnyNode

NodeT = TypeVar("NodeT", bound="AnyNode")

# The fields that describe a node, and those that say how people come into an organization.
GENERAL: Final[dict[Level, tuple[str, ...]]] = {
    Level.ORGANIZATION: ("name", "slug", "kind", "email", "website", "logo"),
    Level.WORKSPACE: ("name", "slug", "website", "logo"),
    Level.APPLICATION: ("name", "slug", "platform", "website", "bundle_id"),
}
JOINING: Final = ("invitation_domains", "may_ask_to_join")
# What the verbs are to the rows on the node and beneath; resuming is nothing to them.
HAPPENINGS: Final = {
    "suspend": Happening.SUSPENDED,
    "delete": Happening.DELETED,
    "restore": Happening.RESTORED,
}


@transaction.atomic
def edit(node: NodeT, *, by: User, version: Version, **changes: object) -> NodeT:
    """Change the named fields of `node`; return it as it is then.

    `version` is that of what is `shown_to_edit` to those who fill in one of these fields. `logo`
    takes an image in its final form, or "" to remove it.
    """
    is_about_joining = bool(changes) and set(changes) <= set(JOINING)
    fields = JOINING if is_about_joining else GENERAL[node.level]
    unknown = set(changes) - set(fields)
    if unknown or (is_about_joining and node.level is not Level.ORGANIZATION):
        raise ValueError(f"not editable together: {', '.join(sorted(changes))}")
    node = lock(node)
    access.require_change(by, CHANGE[node.level], node)
    refuse_stale(shown_to_edit(node, fields), version)
    before = _labels(node, changes)
    former_slug = node.slug
    _apply(node, changes)
    if not audit.differences(before, _labels(node, changes)):
        return node
    if node.slug != former_slug:
        slugs.retire(node, former_slug)
    node.version += 1
    with refusing_duplicates(_("That name or slug is already taken."), field="name"):
        node.save(update_fields=[*changes, "version"])
    difference = audit.differences(before, _labels(node, changes))
    if former_logo := difference.get("logo", [""])[0]:
        _delete_file(node, former_logo)
    audit.record(f"{node.level}.edit", by=by, node=node, changes=difference)
    return node


@transaction.atomic
def suspend(node: NodeT, *, by: User, version: Version) -> NodeT:
    """Suspend `node` and everything beneath it: it can be read, but not changed or served.

    `version` is that of the node's `shown`, as for all that is done at the press of a button.
    """
    node = lock(node)
    access.require(by, DELETE[node.level], node)
    refuse_stale(node.shown, version)
    return _set_state(node, "suspend", by, suspended_at=timezone.now())


@transaction.atomic
def resume(node: NodeT, *, by: User, version: Version) -> NodeT:
    """Undo `suspend`. Nodes above that are suspended stay suspended."""
    node = lock(node, even_suspended=True)
    access.require(by, DELETE[node.level], node)
    if node.suspended_at is None:
        raise Refused("not_suspended", _("%(node)s isn't suspended.") % {"node": node.name})
    refuse_stale(node.shown, version)
    return _set_state(node, "resume", by, suspended_at=None)


@transaction.atomic
def delete(node: NodeT, *, by: User, version: Version) -> NodeT:
    """Move `node` to the trash: from now on, it exists only for those who may restore it."""
    node = lock(node)
    access.require(by, DELETE[node.level], node)
    refuse_stale(node.shown, version)
    return _set_state(node, "delete", by, deleted_at=timezone.now(), deleted_by=by)


@transaction.atomic
def restore(node: NodeT, *, by: User, version: Version) -> NodeT:
    """Bring `node` back from the trash, with everything that was beneath it."""
    node = lock(node, even_deleted=True, even_suspended=True)
    if not access.may_restore(by, node):
        raise NotAllowed(DELETE[node.level], node)
    if node.deleted_at is None:
        raise Refused("not_deleted", _("%(node)s isn't deleted.") % {"node": node.name})
    refuse_stale(node.shown, version)
    if node.deleted_at <= oldest_restorable():
        raise Refused("too_late", _("%(node)s can no longer be restored.") % {"node": node.name})
    if node.parent is not None and node.parent.is_deleted:
        sentence = _("Restore %(parent)s first.") % {"parent": node.parent.name}
        raise Refused("parent_deleted", sentence)
    if node.parent is not None:
        refuse_suspended(node.parent)
    taken = _("Another application in this environment now has that name. Rename it first.")
    with refusing_duplicates(taken):
        return _set_state(node, "restore", by, deleted_at=None, deleted_by=None)


def shown_to_edit(node: AnyNode, fields: Iterable[str] = ()) -> Shown:
    """Return what the form for `fields` shows: unless they are given, those that describe it."""
    return Shown(node, *(fields or GENERAL[node.level]))


def purge_expired() -> int:
    """Delete permanently every node that has been in the trash too long; return how many."""
    return one_by_one(_expired_nodes(), purge)


def _expired_nodes() -> Iterator[AnyNode]:
    """Yield them, the lower first; those of a level are looked for when it is its turn."""
    for level in reversed(Level):
        expired = NODES[level].objects.filter(deleted_at__lte=oldest_restorable())
        yield from expired.with_parents()


@transaction.atomic
def purge(node: AnyNode) -> bool:
    """Delete a node whose time in the trash is over, with everything beneath it.

    Its slug stays reserved, and its reviews and events with the organization; of an organization
    itself the receipt stays. Returns False when it has been restored or moved in the meantime.
    """
    lock_organization(node.organization_id)
    expired = NODES[node.level].objects.filter(deleted_at__lte=oldest_restorable())
    fresh = expired.with_parents().filter(pk=node.pk).first()
    if fresh is None or fresh.organization_id != node.organization_id:
        return False
    audit.record(f"{fresh.level}.purge", by=None, node=fresh)
    slugs.retire(fresh, fresh.slug)
    fates.happen(Happening.PURGED, fresh)
    for name in _files_beneath(fresh):
        _delete_file(fresh, name)
    if isinstance(fresh, Organization):
        purge_receipts.issue(fresh)
    fresh.delete()
    return True


def _apply(node: AnyNode, changes: dict[str, object]) -> None:
    """Set the fields, the slug last: whether it is free is asked under its canonical form."""
    for field, value in changes.items():
        if field == "logo":
            _set_logo(node, value)
        else:
            setattr(node, field, value)
    validate(node, *(field for field in changes if field != "logo"))
    if "slug" in changes:
        node.slug = slugs.claim(node.slug, slugs.scope_of(node), besides=node)


def _set_logo(node: Any, value: Any) -> None:
    """Set an image, which is written to the storage only when the row is saved, or none."""
    if isinstance(value, ContentFile) or not value:
        node.logo = value or ""


def _labels(node: AnyNode, fields: Iterable[str]) -> dict[str, object]:
    """Return the fields as the record shows them: a file by its name."""
    values = {field: getattr(node, field) for field in fields}
    if "logo" in values:
        values["logo"] = values["logo"].name or ""
    return values


def _set_state(node: NodeT, verb: str, by: User, **fields: object) -> NodeT:
    for field, value in fields.items():
        setattr(node, field, value)
    node.save(update_fields=list(fields))
    told = fates.happen(HAPPENINGS[verb], node) if verb in HAPPENINGS else {}
    audit.record(f"{node.level}.{verb}", by=by, node=node, changes=told)
    notices.tell_of_node(node, verb, by=by)
    return node


def _files_beneath(node: AnyNode) -> list[str]:
    if isinstance(node, Application):
        return []
    names = [node.logo.name]
    if isinstance(node, Organization):
        names += node.workspaces.values_list("logo", flat=True)
    return [name for name in names if name]


def _delete_file(node: Any, name: str) -> None:
    storage = node._meta.get_field("logo").storage
    transaction.on_commit(lambda: storage.delete(name))
