"""Settings in miniature."""

from tests.properties.reference.nodes import Nodes

DEFAULTS = {"retention_days": 395, "time_zone": "UTC", "require_signed_token": True}


class Settings(Nodes):
    def __init__(self, now):
        super().__init__(now)
        self.settings: dict[tuple[str, str], object] = {}

    def forget(self, gone):
        self.settings = {key: value for key, value in self.settings.items() if key[0] not in gone}
        super().forget(gone)

    def may_set(self, by, name, key, value):
        if not self.may_edit(by, name):
            return False
        guarded = key == "require_signed_token" and self.settings.get((name, key)) != value
        return not guarded or self.may(by, "change_token_requirement", name)

    def effective(self, name, key):
        """Return the value that holds, and the node that sets it."""
        for part in reversed(self.path(name)):
            if (part, key) in self.settings:
                return self.settings[part, key], part
        return DEFAULTS[key], None
