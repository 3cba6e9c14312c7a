"""Every list of the console: a hundred rows take no more queries than one."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from hierarchy import grants
from hierarchy.models import (
    Application,
    AuditEvent,
    Invitation,
    Membership,
    Organization,
    TrustedOrigin,
    Workspace,
)
from hierarchy.models.path import path_of
from hierarchy.navigation import node_url
from hierarchy.roles import Role
from tests.benchmarks.databases import FULL, count_queries, undone, use
from tests.benchmarks.measuring import note, report

LISTS = {
    "home": lambda place: f"{reverse('console:home')}?all",
    "workspaces": lambda place: node_url(place.organization),
    "applications": lambda place: node_url(place.workspace),
    "members": lambda place: node_url(place.organization, "membership-index"),
    "invitations": lambda place: node_url(place.organization, "invitation-index"),
    "inherited_members": lambda place: node_url(place.application, "membership-index"),
    "who_may": lambda place: f"{node_url(place.application, 'access')}?permission=view_application",
    "activity": lambda place: node_url(place.organization, "audit-event-index"),
    "origins": lambda place: node_url(place.application, "trusted-origin-index"),
    "roles": lambda place: node_url(place.organization, "role-index"),
    "trash": lambda place: reverse("console:trash"),
    "switcher": lambda place: reverse("console:switcher"),
    "search": lambda place: reverse("console:search", query={"q": "counted"}),
    "search_workspaces": lambda place: reverse(
        "console:search", query={"q": "counted", "kind": "workspace"}
    ),
    "search_people": lambda place: reverse(
        "console:search", query={"q": "counted", "kind": "person"}
    ),
}


def measure() -> None:
    use(FULL)
    with undone():
        one, hundred = _counts(_place("one", 1)), _counts(_place("hundred", 100))
    for name in LISTS:
        note(f"list.queries.{name}", hundred[name], f"queries ({one[name]} of one row)")
    report("list.queries.more", max(hundred[name] - one[name] for name in LISTS), 0)


def _counts(place: SimpleNamespace) -> dict[str, int]:
    client = Client(SERVER_NAME="localhost")
    client.force_login(place.owner)
    return {name: _count(client, url_of(place)) for name, url_of in LISTS.items()}


def _count(client: Client, url: str) -> int:
    """Return the queries of the second visit: the first one notes that somebody was there."""
    assert client.get(url).status_code == 200, url
    return count_queries(lambda: client.get(url))


def _place(prefix: str, number: int) -> SimpleNamespace:
    """Make an organization with so many rows in each of its lists, of an owner with so many."""
    owner = User.objects.create(email=f"counted-{prefix}@example.com")
    names = [f"counted-{prefix}-{n}" for n in range(number)]
    organizations = [Organization.objects.create(name=name, slug=name) for name in names]
    for organization in organizations:
        Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
        grants.derive(owner, organization)
    organization = organizations[0]
    workspaces = [
        Workspace.objects.create(organization=organization, name=name, slug=name) for name in names
    ]
    deleted = {"organization": organization, "deleted_at": timezone.now(), "deleted_by": owner}
    for name in names:
        Workspace.objects.create(name=f"deleted {name}", slug=f"deleted-{name}", **deleted)
    applications = [_application(workspaces[0], name) for name in names]
    for name in names:
        _member_and_offer(organization, name, by=owner)
        _event(organization, name)
        TrustedOrigin.objects.create(**path_of(applications[0]), host=f"{name}.example.com")
    return SimpleNamespace(
        owner=owner,
        organization=organization,
        workspace=workspaces[0],
        application=applications[0],
    )


def _application(workspace: Workspace, name: str) -> Application:
    return Application.objects.create(
        organization=workspace.organization,
        workspace=workspace,
        name=name,
        slug=name,
        platform="web",
        environment="production",
    )


def _member_and_offer(organization: Organization, name: str, *, by: User) -> None:
    user = User.objects.create(email=f"{name}@example.com")
    Membership.objects.create(organization=organization, user=user, role=Role.VIEWER)
    Invitation.objects.create(
        organization=organization,
        email=f"invited-{name}@example.com",
        role=Role.VIEWER,
        token_hash=name,
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=1),
    )


def _event(organization: Organization, name: str) -> None:
    AuditEvent.objects.create(
        organization_id=organization.pk,
        action="organization.edit",
        actor_label=name,
        door="console",
        node_label=name,
        target_type="organization",
        target_id=organization.pk,
        target_label=name,
        changes={"name": ["before", name]},
    )
