"""Every list of the console: a hundred rows take no more queries than one."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from hierarchy.console.navigation import node_url
from hierarchy.models import AccessReview, AuditEvent, CustomRole, Environment, Organization
from hierarchy.models.access_review import ReviewState
from hierarchy.roles import Role
from tests.factories import (
    AccessRequestFactory,
    AccessReviewFactory,
    AccessReviewRowFactory,
    ApplicationFactory,
    BlockedPersonFactory,
    CustomRoleFactory,
    EmailDomainFactory,
    InvitationFactory,
    MembershipFactory,
    OrganizationFactory,
    OwnershipOfferFactory,
    TransferFactory,
    TrustedOriginFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.lab.benchmarks.databases import FULL, count_queries, undone, use
from tests.lab.benchmarks.measuring import note, report

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
    "role_holders": lambda place: node_url(
        place.organization, "custom-role-detail", pk=place.role.pk
    ),
    "domains_and_blocked": lambda place: node_url(place.organization, "joining"),
    "reviews": lambda place: node_url(place.organization, "access-review-index"),
    "review": lambda place: node_url(
        place.organization, "access-review-detail", pk=place.review.pk
    ),
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
        one = _counts(_place("one", 1))
        hundred = _counts(_place("hundred", 100))
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
    owner = UserFactory(email=f"counted-{prefix}@example.com")
    names = [f"counted-{prefix}-{n}" for n in range(number)]
    organization, *others = [OrganizationFactory(name=name, slug=name) for name in names]
    for node in (organization, *others):
        MembershipFactory(node=node, user=owner, role=Role.OWNER)
        TransferFactory(node=WorkspaceFactory(organization=node), to_organization=organization)
    workspace, *_rest = [
        WorkspaceFactory(organization=organization, name=name, slug=name) for name in names
    ]
    application, *_rest = [
        ApplicationFactory(
            workspace=workspace, name=name, slug=name, environment=Environment.PRODUCTION
        )
        for name in names
    ]
    role, *_rest = [CustomRoleFactory(organization=organization, name=name) for name in names]
    review = AccessReviewFactory(node=organization, size=number)
    for name in names:
        deleted = {"deleted_at": timezone.now(), "deleted_by": owner}
        WorkspaceFactory(organization=organization, name=f"deleted {name}", **deleted)
        TrustedOriginFactory(node=application, host=f"{name}.example.com")
        _people_of(organization, name, role, review)
        _event(organization, name)
    _at_rest(owner, number)
    return SimpleNamespace(
        owner=owner,
        organization=organization,
        workspace=workspace,
        application=application,
        role=role,
        review=review,
    )


def _people_of(
    organization: Organization, name: str, role: CustomRole, review: AccessReview
) -> None:
    """Make a member, a holder of the role, and who is invited, asks or is blocked."""
    member = MembershipFactory(node=organization, user__email=f"{name}@example.com")
    AccessReviewRowFactory(review=review, member=member)
    MembershipFactory(node=organization, role=Role.CUSTOM, custom_role=role)
    InvitationFactory(node=organization, email=f"invited-{name}@example.com")
    AccessRequestFactory(node=organization)
    BlockedPersonFactory(organization=organization)
    EmailDomainFactory(node=organization, domain=f"{name}.example.com")
    ended = {"state": ReviewState.FINISHED, "ended_at": timezone.now()}
    AccessReviewFactory(node=organization, **ended)


def _at_rest(user: User, number: int) -> None:
    """Let the user have memberships, offers and invitations that stand on their home page."""
    over = timezone.now() - timedelta(days=1)
    for _n in range(number):
        node = OrganizationFactory()
        MembershipFactory(node=node, user=user, ends_at=over)
        OwnershipOfferFactory(organization=node, user=user)
        AccessRequestFactory(node=node, user=user)


def _event(organization: Organization, name: str) -> None:
    AuditEvent.objects.create(
        organization_id=organization.pk,
        action="organization.edit",
        door="console",
        node_label=name,
        target_type="organization",
        target_id=organization.pk,
        target_name=name,
        changes={"name": ["before", name]},
    )
