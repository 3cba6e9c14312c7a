"""Changing the settings that a node overrides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hierarchy import access, audit
from hierarchy.effective_settings import (
    Own,
    ShownSettings,
    effective_settings,
    facts_of,
    own_values,
)
from hierarchy.locking import lock
from hierarchy.models import SettingValue
from hierarchy.models.audit_event import Changes
from hierarchy.models.path import path_of
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import CHANGE
from hierarchy.setting_definitions import SETTINGS, Group, Json, lock_of, settings_of

if TYPE_CHECKING:
    from accounts.models import User
    from config.versions import Version
    from hierarchy.models.node import AnyNode


@transaction.atomic
def change(
    node: AnyNode,
    group: Group,
    values: Mapping[str, Json | None],
    *,
    by: User,
    version: Version,
    locks: Mapping[str, bool] | None = None,
) -> Changes:
    """Set what `node` overrides in `group`; None inherits. Return {key: [before, after]}.

    `locks` says of a key that the node sets whether it is locked for everything beneath it; a lock
    that isn't named stays. `version` is that of the `ShownSettings` that `by` has read.
    """
    unknown = {*values, *(locks or {})} - {setting.key for setting in settings_of(group)}
    if unknown:
        raise ValueError(f"not in {group}: {', '.join(sorted(unknown))}")
    node = lock(node)
    access.require_change(by, CHANGE[node.level], node)
    before = own_values(node, group)
    refuse_stale(ShownSettings(node, group, before), version)
    after = _wished(before, values, locks or {})
    changed = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    for key in changed:
        permission = SETTINGS[key].permission
        if permission is not None:
            access.require(by, permission, node)
    refuse_locked(node, {key: after[key].value for key in changed if key in after})
    changes = audit.differences(facts_of(before, changed), facts_of(after, changed))
    if changed:
        _store(node, {key: after.get(key) for key in changed}, by)
        audit.record("settings.change", by=by, node=node, target_label=group.value, changes=changes)
    return changes


def _wished(
    before: Mapping[str, Own], values: Mapping[str, Json | None], locks: Mapping[str, bool]
) -> dict[str, Own]:
    after = dict(before)
    for key, value in values.items():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = Own(clean(key, value), key in before and before[key].locked)
    for key, is_locked in locks.items():
        if key in after:
            after[key] = after[key]._replace(locked=is_locked)
        elif is_locked:
            sentence = _("Set a value here to lock it.")
            raise Refused("invalid", sentence, field=lock_of(key))
    return after


def refuse_locked(node: AnyNode, values: Mapping[str, Json]) -> None:
    """Refuse to set any of these settings on `node` where something above has locked it.

    A default locale joins the locales: where those are locked, it has to be one of them.
    """
    effective = effective_settings(node) if values else {}
    for key, value in values.items():
        current = effective[key]
        locales = effective["locales"]
        if key == "default_locale" and value not in cast("list[str]", locales.value):
            current = locales if locales.is_locked_above else current
        lock_above = current.lock if current.is_locked_above else None
        if lock_above is not None:
            sentence = _("%(node)s has locked this setting, so it can't be set here.")
            raise Refused("locked", sentence % {"node": lock_above.name}, field=key)


def clean(key: str, value: object) -> Json:
    """Return `value` as the setting stores it; refuse what its declaration does not allow."""
    try:
        return SETTINGS[key].clean(value)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field=key) from error


def _store(node: AnyNode, values: Mapping[str, Own | None], by: User) -> None:
    SettingValue.objects.at(node).filter(key__in=values).delete()
    now = timezone.now()
    SettingValue.objects.bulk_create(
        SettingValue(**path_of(node), key=key, updated_by=by, updated_at=now, **own._asdict())
        for key, own in values.items()
        if own is not None
    )
