"""Staff say why, whatever they change in the admin: on every page, and for rows of every list.

Doors are found as the admin has them: each address of each ModelAdmin, and each action of a list.
A new one through which something changes unasked fails here; one that can't be tried with the first
row there is has to be given a better one.
"""

from copy import deepcopy

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.utils import timezone

from hierarchy.access import NODES
from hierarchy.audit import REFUSED
from hierarchy.members.actions import staff
from hierarchy.models import AuditEvent, MailState, OutgoingMail, OwnershipRecovery, Workspace
from hierarchy.roles import Level, Role
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory, failed_job
from tests.support.acting import invitations
from tests.support.addresses import ROUTES, ask, fill
from tests.support.admin_forms import list_url
from tests.test_versions import UNFIT, _body, _Form, lively  # noqa: F401 - a fixture

WHY = "They asked for it."
# What is only to be read, or leads elsewhere. Lists have a test of their own.
TO_BE_READ = ("_changelist", "_history", "_people", "_access", "_open_in_console", "_recover")


@pytest.fixture
def furnished(lively):  # noqa: F811
    """The world, with a row of each kind that staff can decide about."""
    shop = lively.nodes["own"][Level.WORKSPACE]
    owner = lively.people["O"]
    mail = invitations.send(shop, "new@example.com", Role.VIEWER, by=owner).mail
    OutgoingMail.objects.filter(pk=mail.pk).update(state=MailState.FAILED, last_error="refused")
    MembershipFactory(node=lively.nodes["own"][Level.ORGANIZATION], role=Role.VIEWER)
    Group.objects.create(name="Support")
    failed_job()
    lively.heir = UserFactory()
    OwnershipRecovery.objects.create(
        organization=OrganizationFactory(), user=lively.heir, reason=WHY, due_at=timezone.now()
    )
    return lively


def _added(world):
    """Return what is to be filled in where something is added, by the name of the page."""
    acme, shop = (world.nodes["own"][level].pk for level in (Level.ORGANIZATION, Level.WORKSPACE))
    orphan = OrganizationFactory().pk
    heir = world.heir.pk
    app = {"name": "Kiosk", "slug": "kiosk", "platform": "web", "environment": "staging"}
    return {
        "hierarchy_workspace_add": {"organization": acme, "name": "Depot", "slug": "depot"},
        "hierarchy_application_add": {"workspace": shop, "website": "https://a.example.com"} | app,
        "hierarchy_membership_add": {"organization": acme, "user": heir, "role": "viewer"},
        "hierarchy_invitation_add": {"organization": acme, "email": "a@example.com", "days": "7"},
        "hierarchy_ownershiprecovery_add": {"organization": orphan, "user": heir, "reason": WHY},
        "auth_group_add": {"name": "Finance"},
        "auth_group_change": {"name": "Renamed"},
    }


def _tried(client, url, body):
    """Return the answer, and the events that it left behind; it is undone."""
    cookies = deepcopy(client.cookies)
    last = AuditEvent.objects.order_by("id").last()
    with transaction.atomic():
        response = Client.post(client, url, body)  # nothing is added to it
        made = AuditEvent.objects.filter(pk__gt=last.pk if last else 0).exclude(action=REFUSED)
        events = list(made.values_list("action", "reason", "organization_id"))
        transaction.set_rollback(True)
    client.cookies = cookies
    return response, events


def _unsaid(client, url, body):
    """Return what an organization would read without a reason: unasked, or though it was given.

    None where the page can only be read.
    """
    answer, unasked = _tried(client, url, {k: v for k, v in body.items() if k != "why"})
    if answer.status_code == 403:
        return None
    told = _tried(client, url, body | {"why": WHY})[1]
    mute = [event for event in unasked if event[2] is not None and event[1] != WHY]
    return mute + [event for event in told if event[1] != WHY], told


def _rows(world, rf, model_admin):
    request = rf.get("/admin/")
    request.user = world.people["S"]
    return model_admin.get_queryset(request)


def _row(world, rf, model_admin):
    own = {NODES[level]: node for level, node in world.nodes["own"].items()}
    return own.get(model_admin.model) or _rows(world, rf, model_admin).first()


def _pages(world, rf):
    """Yield the name and the address of each page of each ModelAdmin, about one row that it has."""
    for model_admin in django_admin.site._registry.values():
        row = _row(world, rf, model_admin)
        values = {"object_id": row.pk if row else 0, "pk": row.pk if row else 0, "group": "privacy"}
        for name in {getattr(pattern, "name", "") for pattern in model_admin.get_urls()} - {
            "",
            None,
        }:
            yield name, fill(ROUTES[f"admin:{name}"], values)


def test_every_page_of_the_admin_asks_for_the_reason(furnished, rf):
    client = furnished.clients["S"]
    wrong = []
    seen = set()
    tried = set()
    added = _added(furnished)
    for name, page in _pages(furnished, rf):
        if name.endswith(TO_BE_READ):
            continue
        for action, fields in _Form(ask(client, "GET", page).body).forms:
            body = _body(page, fields) | added.get(name, {})
            found = None if "logout" in action else _unsaid(client, action or page, body)
            if found is None:
                continue
            unsaid, told = found
            wrong += [(name, *event) for event in unsaid]
            seen.add(name)
            tried |= {name} if told else set()

    assert wrong == []
    assert seen - tried == UNFIT  # a page that does nothing has not been tried


def test_every_action_on_many_rows_asks_for_the_reason(furnished, rf):
    client = furnished.clients["S"]
    wrong = []
    idle = set()
    for model, model_admin in django_admin.site._registry.items():
        if not model_admin.actions:
            continue
        ticked = [f"{row.pk}:{model_admin.shown(row)}" for row in _rows(furnished, rf, model_admin)]
        for verb in model_admin.actions:
            body = {"action": verb, "index": 0, "_selected_action": ticked}
            unsaid, told = _unsaid(client, list_url(model), body)
            wrong += [(model.__name__, *event) for event in unsaid]
            idle |= set() if told else {(model.__name__, verb)}

    assert wrong == []
    assert idle == {("Organization", "resume_many"), ("Application", "resume_many")}  # none rests


def test_show_what_is_going_to_happen_to_which_rows(world):
    client = world.clients["S"]
    shop, press = (world.nodes[name][Level.WORKSPACE] for name in ("own", "sibling"))
    ticked = [f"{row.pk}:{row.shown}" for row in (shop, press)]
    body = {"action": "suspend_many", "index": 0, "_selected_action": ticked}

    page = client.post(list_url(Workspace), body)

    assert not Workspace.objects.filter(suspended_at__isnull=False).exists()
    assert page.context["title"] == "Suspend: 2 workspaces"
    assert page.context["rows"] == [press, shop]
    (form,) = (fields for _url, fields in _Form(page.content).forms if "why" in fields)
    client.post(list_url(Workspace), form | {"why": WHY})
    suspended = AuditEvent.objects.filter(action="workspace.suspend")
    assert list(suspended.values_list("target_id", "reason")) == [(shop.pk, WHY), (press.pk, WHY)]


def test_refuse_a_reason_for_a_deletion_with_what_nobody_can_see(world):
    group = Group.objects.create(name="Support")
    body = {"post": "yes", "version": str(staff.shown_of_group(group)), "why": "Left\u202e"}

    response = world.clients["S"].post(f"/admin/auth/group/{group.pk}/delete/", body)

    assert "Remove invisible characters" in response.content.decode()
    assert Group.objects.filter(pk=group.pk).exists()
