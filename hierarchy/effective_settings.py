"""Effective settings of a node, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from config.versions import Shown
from hierarchy.models import SettingValue
from hierarchy.roles import Level
from hierarchy.setting_definitions import (
    SETTINGS,
    Group,
    Json,
    Setting,
    lock_of,
    settings_of,
    title_of,
)

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class EffectiveSetting:
    """Effective value of a setting for a node, with its provenance.

    `source` is the node that sets it, None for the default. `inherited` is what would apply if the
    node itself set nothing. `lock` is the node that locks it, None where nobody does; `unlocked` is
    what would apply without the lock of a node above.
    """

    setting: Setting
    value: Json
    inherited: Json
    unlocked: Json
    is_own: bool
    is_locked_above: bool
    source: AnyNode | None
    lock: AnyNode | None
    set_by: User | None
    set_at: datetime | None

    @property
    def display(self) -> str:
        return self.setting.display(self.value)

    @property
    def inherited_display(self) -> str:
        return self.setting.display(self.inherited)

    @property
    def unlocked_display(self) -> str:
        return self.setting.display(self.unlocked)


@dataclass(frozen=True)
class _Rows:
    """The rows of one setting on the path of a node, from the top down."""

    rows: list[SettingValue]
    level: Level  # of the node

    @property
    def own(self) -> SettingValue | None:
        return next((row for row in self.rows if row.level is self.level), None)

    @property
    def above(self) -> list[SettingValue]:
        return [row for row in self.rows if row.level is not self.level]

    @property
    def locking(self) -> SettingValue | None:
        """The topmost lock: those beneath it lock nothing."""
        return next((row for row in self.rows if row.locked), None)

    @property
    def inherited(self) -> SettingValue | None:
        locks = (row for row in self.above if row.locked)
        return next(locks, self.above[-1] if self.above else None)

    @property
    def nearest(self) -> SettingValue | None:
        return self.rows[-1] if self.rows else None


def effective_settings(
    node: AnyNode, *, under: AnyNode | None = None
) -> dict[str, EffectiveSetting]:
    """Return the effective settings of `node` by key, in one query; or as if it hung `under` that.

    The value of the topmost node that locks the setting applies, or else the node's own, or its
    nearest ancestor's, or the default.
    """
    rows = SettingValue.objects.on_path(node)
    path = node.path
    if under is not None:
        rows = SettingValue.objects.at(node) | SettingValue.objects.on_path(under)
        path = [*under.path, node]
    by_key: dict[str, list[SettingValue]] = {}
    for row in sorted(rows.select_related("updated_by"), key=lambda row: row.level.depth):
        by_key.setdefault(row.key, []).append(row)
    by_key["default_locale"] = _defaults_among_locked(by_key, node.level)
    known: dict[str, Json] = {}
    inherited: dict[str, Json] = {}
    unlocked: dict[str, Json] = {}
    result: dict[str, EffectiveSetting] = {}
    for key, setting in SETTINGS.items():
        found = _Rows(by_key.get(key, []), node.level)
        decides = found.locking or found.nearest
        known[key] = _value(setting, decides, known)
        inherited[key] = _value(setting, found.inherited, inherited)
        unlocked[key] = _value(setting, found.nearest, unlocked)
        result[key] = EffectiveSetting(
            setting=setting,
            value=known[key],
            inherited=inherited[key] if found.own else known[key],
            unlocked=unlocked[key],
            is_own=decides is not None and decides is found.own,
            is_locked_above=found.locking is not None and found.locking is not found.own,
            source=_node_of(decides, path),
            lock=_node_of(found.locking, path),
            set_by=decides.updated_by if decides else None,
            set_at=decides.updated_at if decides else None,
        )
    return result


def _defaults_among_locked(
    by_key: Mapping[str, list[SettingValue]], level: Level
) -> list[SettingValue]:
    """Return the default locales but for those beneath a lock of the locales that lacks them.

    A default is always one of the locales: so it would get round the lock.
    """
    rows = by_key.get("default_locale", [])
    lock = _Rows(by_key.get("locales", []), level).locking
    if lock is None:
        return rows
    return [row for row in rows if row.level.depth <= lock.level.depth or row.value in lock.value]


def _node_of(row: SettingValue | None, path: Sequence[AnyNode]) -> AnyNode | None:
    return next((part for part in path if row and part.level is row.level), None)


def _value(setting: Setting, row: SettingValue | None, known: dict[str, Json]) -> Json:
    return _complete(setting.key, row.value if row else setting.default_for(known), known)


def _complete(key: str, value: Json, known: dict[str, Json]) -> Json:
    """Return `value`, with the default locale among the locales even where they come from above."""
    if key == "locales" and isinstance(value, list) and known["default_locale"] not in value:
        return [str(known["default_locale"]), *value]
    return value


class Own(NamedTuple):
    """A value that a node itself sets, and whether it locks the setting for what is beneath."""

    value: Json
    locked: bool = False


def facts_of(own: Mapping[str, Own], keys: Iterable[str]) -> dict[str, object]:
    """Return what a node sets of these settings, None where it inherits, and what it locks."""
    facts: dict[str, object] = {}
    for key in keys:
        held = own.get(key)
        facts[key] = held.value if held else None
        facts[lock_of(key)] = bool(held and held.locked)
    return facts


class ShownSettings(Shown):
    """Settings of `node` itself, as the form of a group shows them; `own`, if already known."""

    def __init__(self, node: AnyNode, group: Group, own: Mapping[str, Own] | None = None) -> None:
        found = own_values(node, group) if own is None else own
        facts: dict[str, Any] = facts_of(found, (setting.key for setting in settings_of(group)))
        super().__init__(node, about=f"settings {group}", **facts)

    def label(self, name: str) -> str:
        return title_of(name)

    def words(self, name: str, fact: Any) -> str:
        if name not in SETTINGS:
            return _("Yes") if fact else _("No")
        return _("Inherited") if fact is None else SETTINGS[name].display(fact)


def own_values(node: AnyNode, group: Group) -> dict[str, Own]:
    """Return what `node` itself sets in `group`, by key."""
    keys = [setting.key for setting in settings_of(group)]
    rows = SettingValue.objects.at(node).filter(key__in=keys)
    return {
        key: Own(value, locked) for key, value, locked in rows.values_list("key", "value", "locked")
    }
