"""Move of a node, with all that hangs on it, to another place.

One transaction does it: docs/decisions/transfers.md says what comes along and what stays behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from hierarchy import access, audit, fates, grants, notices
from hierarchy.fates import Move
from hierarchy.locking import refusing_duplicates
from hierarchy.models import Membership, WayIn, path_of
from hierarchy.models.audit_event import Changes
from hierarchy.nodes import transfer_effects
from hierarchy.nodes.actions import slugs

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


def move(
    node: AnyNode,
    place: AnyNode,
    *,
    slug: str,
    kept: list[Membership],
    by: User,
) -> AnyNode:
    """Hang the locked `node` on the locked `place`, with the memberships `kept` and no others.

    `slug` is as for `transfers.accept`. What becomes of everything else, its model declares.
    """
    home = node.organization
    former = node.parent
    former_slug = node.slug
    leaves = home != place.organization
    # Each organization's log names the other one, and nothing that is inside it.
    source, target = (home, place.organization) if leaves else (former, place)
    members = list(Membership.objects.within(node).select_related("user"))
    came = {"members": [[], _labels(kept)], "settings": _settings_told(node, place)}
    stay = frozenset(member.pk for member in kept)
    left = {"members": [_labels(members), []]} | fates.leave(Move(node, place, stay, by))
    _let_in(kept, str(source), by)
    notices.tell_ended([each for each in members if each.pk not in stay], node, by=by)
    moved = _rehang(node, place, slug)
    grants.derive_all({member.user_id for member in members}, moved.organization)
    access.forget(by)
    went: Changes = {target.level.value: [str(source), target.name]}
    if moved.slug != former_slug:
        went["slug"] = [former_slug, moved.slug]
    if leaves:
        label = f"{moved.name} → {target.name}"
        _record("transfer.leave", moved, by, went | left, node=former, label=label)
    else:
        came = left | came | {"members": [_labels(members), _labels(kept)]}
    _record("transfer.accept", moved, by, went | came, node=moved, label=str(source))
    return moved


@fates.when_moved(Membership)
def _end_all_but_kept(move: Move) -> Changes:
    """End the other memberships: the event names all of them, whatever becomes of them."""
    Membership.objects.within(move.node).exclude(pk__in=move.kept).delete()
    return {}


def _let_in(kept: list[Membership], former: str, by: User) -> None:
    """Note how they came in where the node is from now on: `by` let them in now."""
    rows = Membership.objects.filter(pk__in=[member.pk for member in kept])
    rows.update(way_in=WayIn.TRANSFER, way_in_detail=former, invited_by=by)


def _rehang(node: AnyNode, place: AnyNode, slug: str) -> AnyNode:
    """Hang the node on its new place: the database takes everything that names its path along."""
    scope = slugs.scope_under(node, place)
    new_slug = slug or slugs.suggest(node.slug, scope, besides=node)
    new_slug = slugs.claim(new_slug, scope, besides=node)
    slugs.retire(node, node.slug)
    for name, part in path_of(place).items():
        if part is not None:
            setattr(node, name, part)
    node.slug = new_slug
    node.version = node.version + 1
    parents = [part.level.value for part in place.path]
    taken = _(
        "%(place)s already has an application with that name in that environment. Rename one of"
        " them first."
    )
    with refusing_duplicates(taken % {"place": place.name}):
        node.save(update_fields=[*parents, "slug", "version"])
    return node


def _settings_told(node: AnyNode, place: AnyNode) -> list[Any]:
    """Return the settings that change with the place, before and after, as the event keeps them."""
    changed = transfer_effects.changed_settings(node, place)
    now = [f"{change.now.setting.label}: {change.now.display}" for change in changed]
    then = [f"{change.then.setting.label}: {change.then.display}" for change in changed]
    return [now, then]


def _labels(members: list[Membership]) -> list[str]:
    return [audit.label_of(member.user) for member in members]


def _record(
    action: str, moved: AnyNode, by: User, changes: Changes, *, node: AnyNode | None, label: str
) -> None:
    told = {name: values for name, values in changes.items() if any(values)}
    audit.record(action, by=by, node=node, target=moved, target_label=label, changes=told)
