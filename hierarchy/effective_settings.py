"""Effective settings of a node, and where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from config.versions import Shown
from hierarchy.models import SettingValue
from hierarchy.setting_definitions import SETTINGS, Group, Json, Setting, settings_of

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


@dataclass(frozen=True)
class EffectiveSetting:
    """Effective value of a setting for a node, with its provenance.

    `source` is the node that sets it, None for the default. `inherited` is what would apply if the
    node itself set nothing.
    """

    setting: Setting
    value: Json
    inherited: Json
    is_own: bool
    source: AnyNode | None
    set_by: User | None
    set_at: datetime | None

    @property
    def display(self) -> str:
        return self.setting.display(self.value)

    @property
    def inherited_display(self) -> str:
        return self.setting.display(self.inherited)


def effective_settings(
    node: AnyNode, *, under: AnyNode | None = None
) -> dict[str, EffectiveSetting]:
    """Return the effective settings of `node` by key, in one query; or as if it hung `under` that.

    The node's own value applies, or else its nearest ancestor's, or else the default.
    """
    rows = SettingValue.objects.on_path(node)
    path = node.path
    if under is not None:
        rows = SettingValue.objects.at(node) | SettingValue.objects.on_path(under)
        path = [*under.path, node]
    values = list(rows.select_related("updated_by").order_by("organization_id"))
    known: dict[str, Json] = {}
    inherited: dict[str, Json] = {}
    result: dict[str, EffectiveSetting] = {}
    for key, setting in SETTINGS.items():
        nearest_first = sorted(
            (row for row in values if row.key == key), key=lambda row: row.level.depth, reverse=True
        )
        own = next((row for row in nearest_first if row.level is node.level), None)
        above = next((row for row in nearest_first if row.level is not node.level), None)
        row = own or above
        inherited[key] = _complete(
            key, above.value if above else setting.default_for(inherited), inherited
        )
        known[key] = _complete(key, row.value if row else setting.default_for(known), known)
        result[key] = EffectiveSetting(
            setting=setting,
            value=known[key],
            inherited=inherited[key] if own else known[key],
            is_own=own is not None,
            source=next((part for part in path if row and part.level is row.level), None),
            set_by=row.updated_by if row else None,
            set_at=row.updated_at if row else None,
        )
    return result


def _complete(key: str, value: Json, known: dict[str, Json]) -> Json:
    """Return `value`, with the default locale among the locales even where they come from above."""
    if key == "locales" and isinstance(value, list) and known["default_locale"] not in value:
        return [str(known["default_locale"]), *value]
    return value


class ShownSettings(Shown):
    """Settings of `node` itself, as the form of a group shows them; `own`, if already known."""

    def __init__(self, node: AnyNode, group: Group, own: Mapping[str, Json] | None = None) -> None:
        found = own_values(node, group) if own is None else own
        facts: dict[str, Any] = {each.key: found.get(each.key) for each in settings_of(group)}
        super().__init__(node, about=f"settings {group}", **facts)

    def label(self, name: str) -> str:
        return str(SETTINGS[name].label)

    def words(self, name: str, fact: Any) -> str:
        return _("Inherited") if fact is None else SETTINGS[name].display(fact)


def own_values(node: AnyNode, group: Group) -> dict[str, Json]:
    """Return what `node` itself sets in `group`, by key."""
    keys = [setting.key for setting in settings_of(group)]
    rows = SettingValue.objects.at(node).filter(key__in=keys)
    return dict(rows.values_list("key", "value"))
