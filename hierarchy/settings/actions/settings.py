"""Changing the settings that a node overrides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from hierarchy import access, audit
from hierarchy.effective_settings import ShownSettings, own_values
from hierarchy.locking import lock
from hierarchy.models import SettingValue
from hierarchy.models.audit_event import Changes
from hierarchy.models.path import path_of
from hierarchy.refusals import Refused, refuse_stale
from hierarchy.roles import CHANGE
from hierarchy.setting_definitions import SETTINGS, Group, Json, settings_of

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
) -> Changes:
    """Set what `node` overrides in `group`; None inherits. Return {key: [before, after]}.

    `version` is that of the `ShownSettings` that `by` has read.
    """
    unknown = set(values) - {setting.key for setting in settings_of(group)}
    if unknown:
        raise ValueError(f"not in {group}: {', '.join(sorted(unknown))}")
    node = lock(node)
    access.require_change(by, CHANGE[node.level], node)
    before = own_values(node, group)
    refuse_stale(ShownSettings(node, group, before), version)
    cleaned = {key: None if value is None else clean(key, value) for key, value in values.items()}
    changes = audit.differences({key: before.get(key) for key in cleaned}, cleaned)
    for key in changes:
        permission = SETTINGS[key].permission
        if permission is not None:
            access.require(by, permission, node)
    if changes:
        _store(node, {key: cleaned[key] for key in changes}, by)
        audit.record("settings.change", by=by, node=node, target_label=group.value, changes=changes)
    return changes


def clean(key: str, value: object) -> Json:
    """Return `value` as the setting stores it; refuse what its declaration does not allow."""
    try:
        return SETTINGS[key].clean(value)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field=key) from error


def _store(node: AnyNode, values: Mapping[str, Json | None], by: User) -> None:
    SettingValue.objects.at(node).filter(key__in=values).delete()
    now = timezone.now()
    SettingValue.objects.bulk_create(
        SettingValue(**path_of(node), key=key, value=value, updated_by=by, updated_at=now)
        for key, value in values.items()
        if value is not None
    )
