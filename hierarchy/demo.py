"""Demo data: three organizations of different shape, the same at every run, made by the actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from config.versions import AS_IT_IS
from hierarchy.joining.actions import access_requests, invitations
from hierarchy.members.actions import custom_roles, memberships
from hierarchy.models import Environment, Kind, Organization, Workspace
from hierarchy.names import propose_slug
from hierarchy.nodes.actions import applications, nodes, organizations, workspaces
from hierarchy.origins import parse_rule
from hierarchy.reviews.actions import access_reviews
from hierarchy.roles import Permission, Role
from hierarchy.setting_definitions import Group
from hierarchy.settings.actions import settings, trusted_origins

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PASSWORD = "canopy demo password"  # noqa: S105 - it is printed for everyone to see
MEMBERS_OF_THE_GROUP = 300
REGIONS = ("Africa", "Asia", "Europe", "North America", "Oceania", "South America")
DIVISIONS = ("Retail", "Wholesale", "Logistics", "Finance", "Research", "Service")
ZONES = (
    "Africa/Nairobi",
    "Asia/Tokyo",
    "Europe/Rome",
    "America/New_York",
    "Pacific/Auckland",
    "America/Sao_Paulo",
)
LOCALES = ("en-KE", "ja-JP", "it-IT", "en-US", "en-NZ", "pt-BR")


@dataclass(frozen=True)
class SignIn:
    """Person of the demo whom a visitor can sign in as."""

    email: str
    first_name: str
    last_name: str
    description: StrOrPromise


SIGN_INS = (
    SignIn("owner@example.com", "Harbor", "Owner", "owner of the company Harbor"),
    SignIn("manager@example.com", "Harbor", "Manager", "manager of the company Harbor"),
    SignIn("maintainer@example.com", "Harbor", "Maintainer", "maintainer of Harbor's Storefront"),
    SignIn("viewer@example.com", "Harbor", "Viewer", "viewer of the company Harbor"),
    SignIn("solo@example.com", "Solo", "Maker", "owner of a personal project"),
    SignIn("group@example.com", "Meridian", "Owner", "owner of a group with 36 workspaces"),
    SignIn("staff@example.com", "Platform", "Staff", "platform staff: the admin console"),
    SignIn("support@example.com", "Harbor", "Support", "limited staff: the admin, Harbor only"),
)

# Known to the others only: what they may do ends by itself.
CONTRACTOR = SignIn("contractor@example.com", "Harbor", "Contractor", "")


@transaction.atomic
def load() -> bool:
    """Create the demo data unless it is there; return whether it was created."""
    if User.objects.filter(email=SIGN_INS[0].email).exists():
        return False
    hashed = make_password(PASSWORD)
    people = {person.email.partition("@")[0]: _person(person, hashed) for person in SIGN_INS}
    User.objects.filter(pk=people["staff"].pk).update(is_staff=True, is_superuser=True)
    User.objects.filter(pk=people["support"].pk).update(is_staff=True)
    people["staff"].refresh_from_db()
    people["contractor"] = _person(CONTRACTOR, hashed)
    _personal_project(people)
    _company(people)
    _group(people, hashed)
    return True


def _person(person: SignIn, hashed: str) -> User:
    user = User.objects.create(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        password=hashed,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _personal_project(people: dict[str, User]) -> None:
    solo = people["solo"]
    notes = organizations.create(
        by=solo, name="Lantern Notes", slug="lantern-notes", kind=Kind.PERSONAL
    )
    workspace = workspaces.create(
        notes, by=solo, name="Notes", slug="notes", time_zone="Europe/Lisbon"
    )
    for environment in (Environment.PRODUCTION, Environment.DEVELOPMENT):
        _application(workspace, solo, "Web", "web", environment)


def _company(people: dict[str, User]) -> None:
    owner = people["owner"]
    harbor = organizations.create(
        by=owner,
        name="Harbor",
        slug="harbor",
        email="hello@example.com",
        website="https://example.com",
    )
    storefront = _workspace(harbor, owner, "Storefront", "Europe/Rome", "it-IT")
    mobile = _workspace(harbor, owner, "Mobile", "America/New_York", "en-US")
    desk = _workspace(harbor, owner, "Support desk", "Asia/Tokyo", "ja-JP")
    for environment in Environment:
        _application(
            storefront, owner, "Shop", "web", environment, website="https://shop.example.com"
        )
        _application(storefront, owner, "Checkout", "web", environment)
        _application(
            mobile, owner, "Harbor for iOS", "mobile", environment, bundle_id="com.example.harbor"
        )
        _application(desk, owner, "Help center", "web", environment)
    _application(
        mobile, owner, "Kiosk", "desktop", Environment.PRODUCTION, bundle_id="com.example.kiosk"
    )
    nodes.delete(
        _application(desk, owner, "Old widget", "web", Environment.STAGING),
        by=owner,
        version=AS_IT_IS,
    )
    _people_of_the_company(people, harbor, storefront)
    _contractor_of_the_company(people, harbor, storefront)
    _review_of_the_company(people, harbor)
    _settings_of_the_company(owner, harbor, storefront)


def _workspace(
    organization: Organization, by: User, name: str, zone: str, locale: str
) -> Workspace:
    slug = propose_slug(name)
    return workspaces.create(
        organization, by=by, name=name, slug=slug, time_zone=zone, default_locale=locale
    )


def _application(
    workspace: Workspace, by: User, name: str, platform: str, environment: str, **more: str
) -> Any:
    slug = propose_slug(name)
    return applications.create(
        workspace, by=by, name=name, slug=slug, platform=platform, environment=environment, **more
    )


def _people_of_the_company(
    people: dict[str, User], harbor: Organization, storefront: Workspace
) -> None:
    owner = people["owner"]
    staff = people["staff"]
    for node, name, role in (
        (harbor, "manager", Role.MANAGER),
        (harbor, "viewer", Role.VIEWER),
        (storefront, "maintainer", Role.MAINTAINER),
    ):
        offer = invitations.send(node, people[name].email, role, by=owner)
        invitations.accept(offer, by=people[name], version=AS_IT_IS)
    memberships.add(harbor, people["support"], Role.MANAGER, by=staff)
    invitations.send(harbor, "accountant@example.com", Role.VIEWER, by=owner)
    message = _("You'll work on the shop's checkout.")
    invitations.send(storefront, "newcomer@example.com", Role.MAINTAINER, by=owner, message=message)


def _contractor_of_the_company(
    people: dict[str, User], harbor: Organization, storefront: Workspace
) -> None:
    """A role of the company's own, on one application, for three weeks; and a request."""
    owner = people["owner"]
    role = custom_roles.create(
        harbor,
        name=_("Release helper"),
        description=_("Prepares releases and changes applications outside production."),
        permissions=[
            Permission.VIEW_APPLICATION_SETTINGS,
            Permission.CHANGE_APPLICATION,
            Permission.MANAGE_TRUSTED_ORIGINS,
        ],
        by=owner,
    )
    checkout = storefront.applications.get(slug="checkout", environment=Environment.STAGING)
    helper = memberships.add(checkout, people["contractor"], role, by=people["staff"])
    ends_at = timezone.now() + timedelta(days=21)
    memberships.change_dates(helper, starts_at=None, ends_at=ends_at, by=owner, version=AS_IT_IS)
    access_requests.ask(
        storefront,
        by=people["maintainer"],
        permission=Permission.INVITE_WORKSPACE_MEMBER,
        message=_("Two more people will join the checkout team next week."),
    )


def _review_of_the_company(people: dict[str, User], harbor: Organization) -> None:
    due_at = timezone.now() + timedelta(days=14)
    review = access_reviews.start(harbor, due_at=due_at, by=people["owner"])
    seen = list(review.rows.filter(user_id=people["maintainer"].pk))
    as_they_are = {row.pk: AS_IT_IS for row in seen}
    note = _("Still working on the shop.")
    access_reviews.keep(review, seen, by=people["owner"], versions=as_they_are, note=note)


def _settings_of_the_company(owner: User, harbor: Organization, storefront: Workspace) -> None:
    settings.change(
        harbor,
        Group.PRIVACY,
        {"retention_days": 180, "ip_address": "drop"},
        by=owner,
        version=AS_IT_IS,
    )
    settings.change(harbor, Group.SECURITY, {"max_token_age": 3_600}, by=owner, version=AS_IT_IS)
    for application in storefront.applications.filter(slug="shop"):
        trusted_origins.add(application, parse_rule("shop.example.com"), by=owner)
        if not application.is_production:
            local = parse_rule("localhost:3000", allow_insecure=True)
            trusted_origins.add(application, local, by=owner, confirmed=True)
            settings.change(
                application, Group.PRIVACY, {"exclude_bots": False}, by=owner, version=AS_IT_IS
            )


def _group(people: dict[str, User], hashed: str) -> None:
    owner = people["group"]
    staff = people["staff"]
    meridian = organizations.create(by=owner, name="Meridian Group", slug="meridian")
    divisions: list[Workspace] = []
    for region, zone, locale in zip(REGIONS, ZONES, LOCALES, strict=True):
        for division in DIVISIONS:
            workspace = _workspace(meridian, owner, f"{region} {division}", zone, locale)
            _application(workspace, owner, "Portal", "web", Environment.PRODUCTION)
            _application(workspace, owner, "Portal", "web", Environment.DEVELOPMENT)
            divisions.append(workspace)
    places: Iterator[Organization | Workspace] = cycle([meridian, *divisions])
    roles = cycle((Role.VIEWER, Role.MAINTAINER, Role.VIEWER, Role.MANAGER))
    for number, (place, role) in enumerate(zip(places, roles, strict=False), start=1):
        if number > MEMBERS_OF_THE_GROUP:
            break
        member = SignIn(f"member{number:03}@example.com", "Member", f"{number:03}", "")
        memberships.add(place, _person(member, hashed), role, by=staff)
