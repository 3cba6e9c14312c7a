"""No form changes what exists unless it was made from what is stored: every form, every door.

Forms are found as people are shown them. One that sends no version has to be listed here as one
that changes nothing that others could have decided about; so a new form without one fails.
"""

import inspect
from copy import deepcopy
from datetime import timedelta
from functools import partial
from html.parser import HTMLParser
from itertools import cycle, islice

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from config.versions import SALT
from hierarchy.access import NODES
from hierarchy.models import (
    AccessReviewRow,
    Invitation,
    JoinMode,
    Membership,
    OwnershipRecovery,
    Status,
)
from hierarchy.roles import Level, Role
from hierarchy.rooms import import_from_each
from tests.factories import (
    AccessRequestFactory,
    EmailDomainFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    TransferFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.support.addresses import opened, pages_with_forms
from tests.support.loaded import SHOWN
from tests.support.planted import planted
from tests.support.refusals import snapshot
from tests.support.sampling import IS_THOROUGH

# What makes something, shows something, or is about one's own session and credentials alone.
CHANGES_NOTHING_THAT_EXISTS = {
    "access-request-ask",
    "access-review-keep",  # each row that is ticked has a version: see below
    "access-review-start",
    "account_change_password",
    "account_email",
    "account_logout",
    "account_reauthenticate",
    "account_reset_password",
    "application-create",
    "custom-role-create",
    "email-domain-add",
    "index",
    "invitation-send",
    "invitation-send-many",
    "invitation-switch",
    "join",
    "logout",
    "membership-selected",  # each member who is ticked has one
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_generate_recovery_codes",
    "organization-create",
    "ownership-offer",
    "pin",
    "search",
    "session-end",
    "trusted-origin-add",
    "unpin",
    "usersessions_list",
    "view-as",
    "view-as-leave",
    "workspace-create",
}
# In the admin: lists, of which each row has a version; adding; and pages to be read.
IN_ADMIN = ("_changelist", "_add", "_change", "_history")
# What somebody fills in: what the page proposes would often change nothing.
FILLED = {
    "edit": {"name": "Renamed"},
    "settings": {"retention_days_source": "own", "retention_days": "77"},
    "custom-role-edit": {"name": "Renamed"},
    "custom-role-delete": {},
    "email-domain-edit": {"mode": "off"},
    "joining": {"invitation_domains": "example.org"},
    "membership-change-role": {"role": "manager"},
    "membership-change-dates": {"ends_at": "2044-01-01T00:00"},
    "invitation-change-role": {"role": "manager"},
    "access-request-approve": {"role": "viewer"},
    "access-review-row-change": {"role": "manager"},
    "trusted-origin-edit": {"origin": "other.example.com", "confirmed": "on"},
    "successor": {"successor-email": "viewer@example.com"},
    "profile": {"last_name": "Renamed"},
    "hierarchy_membership_change": {"role": "manager"},
    "hierarchy_organization_change": {"name": "Renamed"},
    "hierarchy_workspace_change": {"name": "Renamed"},
    "hierarchy_application_change": {
        "name": "Renamed",
        "origins-0-origin": "other.example.com",
        "origins-0-confirmed": "on",
    },
    "accounts_user_change": {"is_staff": "on"},
} | {
    f"hierarchy_{level}_settings": {"retention_days_source": "own", "retention_days": "77"}
    for level in Level
}
# What is shown though it can't be done as things stand: to who comes by address.
UNFIT = {f"hierarchy_{level}_{verb}" for level in Level for verb in ("resume", "restore")} | {
    "hierarchy_membership_reactivate",
    "accounts_user_reactivate",
}
# What the right version does depends on the answer of a name server.
ASKS_OTHERS = {"email-domain-verify"}


AT_ONCE = 1
WAYS_TO_BE_WRONG = ("none", "older 0", "empty", "another's", "twice", "guessed", "tampered")


def _is_sent(at):
    """Return whether a browser sends the field as it stands."""
    kind = at.get("type")
    return kind != "file" and (kind not in ("checkbox", "radio") or "checked" in at)


class _Form(HTMLParser):
    """Collects of each form that posts something where to, and what it sends as it stands."""

    def __init__(self, body):
        super().__init__()
        self.forms = []
        self._fields = None
        self._select = ""
        self._text = ""
        self.feed(body.decode())

    def handle_starttag(self, tag, attributes):
        at = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._fields = {}
            if at.get("method", "").lower() == "post":
                self.forms.append((at.get("action", ""), self._fields))
        elif self._fields is None:
            return
        elif tag == "select":
            self._select = at.get("name", "")
        elif tag == "option" and self._select and "selected" in at:
            self._fields.setdefault(self._select, []).append(at.get("value", ""))
        elif tag == "textarea":
            self._text = at.get("name", "")
        elif tag == "input" and "name" in at and _is_sent(at):
            unsaid = "on" if at.get("type") == "checkbox" else ""
            self._fields.setdefault(at["name"], []).append(at.get("value", unsaid))

    def handle_data(self, data):
        if self._text and self._fields is not None:
            self._fields[self._text] = [data.strip()]

    def handle_endtag(self, tag):
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""


@pytest.fixture
def lively(world):
    """The world, with something of each kind that an owner can decide about."""
    owner = world.people["O"]
    world.more = planted("something lively", partial(_enliven, world), beside=owner.pk)
    return world


def _enliven(world):
    """Make it, and return the addresses of the pages that it adds."""
    owner = world.people["O"]
    nodes = world.nodes["own"]
    acme = nodes[Level.ORGANIZATION]
    shop = nodes[Level.WORKSPACE]
    MembershipFactory(node=acme, ends_at=timezone.now() + timedelta(days=3))
    MembershipFactory(node=acme, status=Status.SUSPENDED)
    resting = WorkspaceFactory(organization=acme, slug="resting", suspended_at=timezone.now())
    other = OrganizationFactory(slug="other")
    boss = MembershipFactory(node=other, role=Role.OWNER).user
    MembershipFactory(node=other, user=owner, role=Role.MANAGER)
    offered = OwnershipOfferFactory(organization=other, user=owner, offered_by=boss)
    OwnershipOfferFactory(organization=acme)
    OwnershipRecovery.objects.create(organization=acme, user=UserFactory(), reason="Lost")
    given = WorkspaceFactory(organization=other)
    taken = TransferFactory(node=given, to_organization=acme, offered_by=boss)
    TransferFactory(node=shop, to_organization=other)
    door = EmailDomainFactory(
        node=OrganizationFactory(),
        domain="example.com",
        mode=JoinMode.AUTOMATIC,
        verified_at=timezone.now(),
    )
    AccessRequestFactory(node=other, user=owner)
    Invitation.objects.filter(pk=world.offer.pk).update(invited_by=owner)
    return [
        f"/ownership/{offered.pk}/",
        f"/transfers/{taken.pk}/",
        f"/o/{door.organization.slug}/join/",
        f"/o/{acme.slug}/w/{resting.slug}/settings/",
        f"/o/{acme.slug}/members/",
    ]


@pytest.fixture
def forms(lively):
    """Every form that an owner, staff and an invited person are shown: (browser, url, fields)."""
    owner = lively.clients["O"]
    invited = lively.clients["t"]
    pages = pages_with_forms(lively) + [(owner, page) for page in lively.more]
    invited.get(f"/invitation/{lively.offer.pk}/")
    pages += [(invited, "/invitation/"), (invited, "/accounts/close/")]
    found = {}
    for client, page in pages:
        answer = opened(client, page, of="lively")
        if "text/html" in answer.headers.get("Content-Type", ""):
            for action, fields in _Form(answer.body).forms:
                found.setdefault((client, action or page, tuple(fields)), fields)
    return [(client, url, fields) for (client, url, _names), fields in found.items()]


def _name(url):
    return resolve(url.partition("?")[0]).url_name


def _versions(fields):
    """Return the names of the fields of a form that say of which version it is."""
    return [name for name in fields if name == "version" or name.endswith("-version")]


def test_every_form_says_what_it_was_made_from(forms):
    silent = {
        _name(url)
        for _client, url, fields in forms
        if not any(fields[name][0] for name in _versions(fields))
    }
    in_admin = {name for name in silent if name.endswith(IN_ADMIN)}
    shown = {_name(url) for _client, url, fields in forms if _versions(fields)}

    assert silent - in_admin - {"transfer"} <= CHANGES_NOTHING_THAT_EXISTS
    # The doors of `tests.support.loaded`, which knows by another way what their pages show.
    assert set(SHOWN) - shown == {"transfer"}  # its form comes once a place was named


def _body(url, fields):
    """Return what a form sends that somebody has filled in."""
    usual = {name: values for name, values in fields.items() if name != "why"}
    if "confirmation" in fields:
        usual["confirmation"] = _to_be_typed(url)
    if "why" in fields:
        usual["why"] = "They asked for it."
    return usual | FILLED.get(_name(url), {})


def _to_be_typed(url):
    names = {"web": "Web", "shop": "Shop", "acme": "Acme"}
    values = resolve(url.partition("?")[0]).kwargs
    slug = values.get("application") or values.get("workspace") or values.get("organization")
    if "hierarchy" in url:
        level, pk = url.split("/")[3:5]
        return NODES[level].objects.get(pk=pk).name
    return names.get(slug, "outsider@example.com")


def _send(client, url, body):
    """Return the answer, and what is stored after it; it is undone.

    Sent as it stands: a browser of these tests adds the version that a form has forgotten.
    """
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        sent = {name: value for name, value in body.items() if value is not None}
        response = Client.post(client, url, sent)
        stored = snapshot(but_noted=True)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response, stored


def _read_otherwise(version):
    """Yield versions as the page would have sent them, had one of its facts been another then."""
    *about, facts = signing.Signer(salt=SALT).unsign_object(version)
    for name in facts if IS_THOROUGH else list(facts)[-1:]:
        another = facts | {name: "another"}
        yield signing.Signer(salt=SALT).sign_object([*about, another], compress=True)


def _wrong(version, others, rotation):
    """Return versions that fit no form that has `version`, by what is wrong with them."""
    odd = {
        "empty": "",
        "twice": [version, version],
        "guessed": "1",
        "tampered": version[:-1] + ("A" if version[-1] != "A" else "B"),
    }
    foreign = next(each for each in others if each != version)
    older = {f"older {i}": each for i, each in enumerate(_read_otherwise(version))}
    wrong = odd | {"none": None, "another's": foreign} | older
    if IS_THOROUGH:
        return wrong
    return {kind: wrong[kind] for kind in islice(rotation, AT_ONCE) if kind in wrong}


def test_no_form_of_another_version_changes_anything(forms):
    others = [fields["version"][0] for _client, _url, fields in forms if fields.get("version")]
    rotation = cycle(WAYS_TO_BE_WRONG)
    before = snapshot(but_noted=True)
    seen = set()
    wrong = []
    for client, url, fields in forms:
        name = _name(url)
        body = _body(url, fields)
        for field in _versions(fields):
            version = fields[field][0]
            if not version or (name, field) in seen or name in UNFIT:
                continue
            response, after = _send(client, url, body)
            if response.status_code == 403 and name.endswith("_change"):
                continue  # to be read
            seen.add((name, field))
            if (response.status_code == 409 or after == before) and name not in ASKS_OTHERS:
                wrong.append(f"{name}: nothing is done by the right one: {response.status_code}")
            others.append(others.pop(0))
            for kind, text in _wrong(version, others, rotation).items():
                response, after = _send(client, url, body | {field: text})
                page = response.content.decode()
                if response.status_code != 409 or after != before:
                    wrong.append(f"{name} {field}, {kind}: {response.status_code} {url}")
                elif "Current version" not in page and "Both versions are the same" not in page:
                    wrong.append(f"{name} {field}, {kind}: doesn't show both")

    assert not wrong, "\n".join(wrong)


def test_no_action_lets_a_version_be_forgotten():
    for module in import_from_each("actions"):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            for parameter in inspect.signature(function).parameters.values():
                if parameter.name in ("version", "versions", "preview"):
                    assert parameter.default is parameter.empty, f"{module.__name__}.{name}"


# --- Many rows at once ---------------------------------------------------------------------------


def _ticks(row, other):
    """Return what may stand beside a box that is ticked, by what is wrong with it."""
    return {
        "none": [f"{row.pk}"],
        "empty": [f"{row.pk}:"],
        "guessed": [f"{row.pk}:1"],
        "another's": [f"{row.pk}:{other.shown}"],
        "another form's": [f"{row.pk}:{row.shown_role}"],
        "twice": [f"{row.pk}:{row.shown}", f"{row.pk}:{row.shown}"],
    }


@pytest.mark.parametrize("verb", ["suspend", "remove", "change_role"])
def test_no_member_is_changed_by_a_box_of_another_version(world, verb):
    acme = world.nodes["own"][Level.ORGANIZATION]
    one, other = MembershipFactory.create_batch(2, node=acme)
    form = {"verb": verb, "confirmed": "yes", "role": "manager"}
    url = f"/o/{acme.slug}/members/selected/"

    before = snapshot(but_noted=True)
    for kind, ticked in _ticks(one, other).items():
        body = form | {"member": [*ticked, f"{other.pk}:{other.shown}"]}
        response, after = _send(world.clients["O"], url, body)

        assert (kind, response.status_code, after == before) == (kind, 409, True)

    ticked = [f"{row.pk}:{row.shown}" for row in (one, other)]
    response, after = _send(world.clients["O"], url, form | {"member": ticked})
    assert (response.status_code, after == before) == (302, False)


def test_no_row_of_a_review_is_kept_by_a_box_of_another_version(world):
    acme = world.nodes["own"][Level.ORGANIZATION]
    rows = world.rows["own"][Level.ORGANIZATION]
    url = f"/o/{acme.slug}/access/reviews/{rows['access-review']}/keep/"
    row = rows["access-review-row"]
    own = Membership.objects.get(pk=AccessReviewRow.objects.get(pk=row).membership_id)
    member = Membership.objects.at(acme).exclude(pk=own.pk).first()

    before = snapshot(but_noted=True)
    for kind, ticked in _ticks(own, member).items():
        body = {"row": [text.replace(str(own.pk), str(row), 1) for text in ticked]}
        response, after = _send(world.clients["O"], url, body)

        assert (kind, response.status_code, after == before) == (kind, 409, True)


@pytest.mark.parametrize("verb", ["suspend_many", "reactivate_many"])
def test_no_row_of_the_admin_is_changed_by_a_box_of_another_version(world, verb):
    acme = world.nodes["own"][Level.ORGANIZATION]
    one, other = MembershipFactory.create_batch(2, node=acme)
    url = "/admin/hierarchy/membership/"

    before = snapshot(but_noted=True)
    for kind, ticked in _ticks(one, other).items():
        body = {"action": verb, "index": 0, "_selected_action": ticked, "why": "Asked for."}
        response, after = _send(world.clients["S"], url, body)

        assert (kind, response.status_code, after == before) == (kind, 409, True)
