"""What a form proposes is the least harmful: no ready choice hands out power or takes it away."""

from html.parser import HTMLParser

import pytest

from hierarchy.models import CustomRole
from hierarchy.roles import Level, Role
from tests.support.addresses import NODES, OTHERS, STAFF, node_url, opened, other_url, staff_url

# Where a role is shown because somebody has it: saving the form as it comes changes nothing.
STORED_ROLES = {
    "console:membership-change-role",
    "console:invitation-change-role",
    "console:access-review-row-change",
    "console:email-domain-edit",
    "admin:hierarchy_membership_change",
}
# What is ticked because it holds already, or is the safest of several: by page, the names. A key
# that is good alone asks for a finger, a face or a PIN, and can't be given away as a password can.
TICKED = {
    "console:application-create": {"environments=development"},
    "console:custom-role-edit": {"on_organization=view_organization"},
    "mfa_add_webauthn": {"passwordless=on"},
}
# These pages show what a node has set or inherits.
OF_SETTINGS = ("console:settings", "_settings")


class _Choices(HTMLParser):
    """Collects (kind, name, value) of what is chosen when the page opens, in forms that send."""

    def __init__(self, body):
        super().__init__()
        self.found = []
        self._sends = False
        self._select = None
        self._options = []
        self.feed(body.decode())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self._sends = (attributes.get("method") or "").lower() == "post"
        if not self._sends:
            return
        if tag == "select":
            self._select = attributes.get("name")
            self._options = []
        elif tag == "option" and self._select:
            self._options.append((attributes.get("value", ""), "selected" in attributes))
        elif tag == "input" and "checked" in attributes:
            value = attributes.get("value") or "on"
            self.found.append((attributes["type"], attributes.get("name"), value))

    def handle_endtag(self, tag):
        if tag == "form":
            self._sends = False
        elif tag == "select" and self._select:
            chosen = [value for value, is_selected in self._options if is_selected]
            first = [value for value, _is_selected in self._options[:1]]
            for value in chosen or first:
                self.found.append(("select", self._select, value))
            self._select = None


def _is_grave(value):
    """Return whether the value stands for a role that holds something grave, on any level."""
    if value.startswith("custom-"):
        role = CustomRole.objects.get(pk=value.removeprefix("custom-"))
    elif value in Role.values and value != Role.CUSTOM:
        role = Role(value)
    else:
        return False
    return any(p.is_grave for level in Level for p in role.permissions_on(level))


@pytest.fixture
def choices(world):
    """[(page, kind, name, value)] of all that is chosen on the pages of an owner and of staff."""
    owner = world.clients["O"]
    staff = world.clients["S"]
    pages = [(owner, page[0], node_url(world, page, "own")) for page in NODES]
    pages += [(owner, page, other_url(world, page)) for page in OTHERS]
    pages += [(staff, page, staff_url(world, page)) for page in STAFF]
    found = []
    for client, page, url in pages:
        answer = opened(client, url)
        if answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", ""):
            found += [(page, *choice) for choice in _Choices(answer.body).found]
    return found


def test_no_form_proposes_power_or_harm(choices):
    roles = {(page, name, value) for page, _kind, name, value in choices if _is_grave(value or "")}
    ticked = {}
    for page, kind, name, value in choices:
        if kind == "checkbox" and not any(each in page for each in OF_SETTINGS):
            ticked.setdefault(page, set()).add(f"{name}={value}")

    assert {role for role in roles if role[0] not in STORED_ROLES} == set()
    assert ticked == TICKED
    assert len(choices) > 100  # the pages have been read
