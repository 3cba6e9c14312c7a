"""Steps on settings."""

from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import rule

from config.versions import AS_IT_IS
from hierarchy.effective_settings import ShownSettings, effective_settings
from hierarchy.setting_definitions import SETTINGS
from tests.properties.machine.base import ACTORS, Machine, choice
from tests.support.acting import settings

VALUES = [
    ("retention_days", 30),
    ("retention_days", 60),
    ("retention_days", None),
    ("time_zone", "Europe/Rome"),
    ("time_zone", None),
    ("require_signed_token", False),
    ("require_signed_token", None),
]


class Settings(Machine):
    @rule(choice=choice, wish=st.sampled_from(VALUES), form=st.sampled_from([None, "then", "now"]))
    def change_setting(self, choice, wish, form):
        """By a form of when nothing was set, by one of this moment, or by what has none."""
        key, value = wish
        stored = self.reference.settings
        group = SETTINGS[key].group

        def own(name):
            present = {k: held for (place, k), held in stored.items() if place == name}
            return {k: held for k, held in present.items() if SETTINGS[k].group == group}

        def version(name):
            known = {"then": {}, "now": own(name)}
            node = self.real[name]
            return str(ShownSettings(node, group, known[form])) if form else AS_IT_IS

        done = self.take(
            choice,
            product(ACTORS, self.real),
            lambda by, name: (
                name in self.reference.nodes
                and not (form == "then" and own(name))
                and self.reference.may_set(by, name, key, value)
            ),
            lambda user, name: (
                settings.change(
                    self.real[name], group, {key: value}, by=user, version=version(name)
                )
                or True
            ),
            events=lambda _by, name: stored.get((name, key)) != value,
        )
        if done and value is None:
            stored.pop((done[1], key), None)
        elif done:
            stored[done[1], key] = value
        for place, node in self._present_nodes().items():
            holds, source = self.reference.effective(place, key)
            effective = effective_settings(node)[key]
            assert effective.value == holds, place
            assert effective.source == (self.real[source] if source else None), place
