"""The console's addresses, grouped by noun. One name serves all levels: see `at_every_level`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from hierarchy.activity.views import audit_events
from hierarchy.home.views import access as views_access
from hierarchy.home.views import home, search, switcher, view_as
from hierarchy.joining.views import (
    access_requests,
    email_domains,
    invitations,
    joining,
    received_invitations,
)
from hierarchy.members.views import (
    accounts,
    custom_roles,
    membership_batches,
    memberships,
    ownership,
    roles,
)
from hierarchy.nodes.views import (
    applications,
    logos,
    nodes,
    organizations,
    slugs,
    transfers,
    trash,
    workspaces,
)
from hierarchy.reviews.views import access_reviews
from hierarchy.settings.views import settings, trusted_origins

app_name = "console"

ORGANIZATION = "o/<slug:organization>/"
WORKSPACE = f"{ORGANIZATION}w/<slug:workspace>/"
APPLICATION = f"{WORKSPACE}a/<slug:application>/<slug:environment>/"
DOMAINS = f"{ORGANIZATION}settings/joining/domains/"


def at_every_level(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under an organization, a workspace and an application.

    `reverse` picks the address by the slugs it is given (`navigation.node_url`).
    """
    return [path(ORGANIZATION + route, view, name=name), *below_an_organization(route, view, name)]


def below_an_organization(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under a workspace and an application."""
    return [path(node + route, view, name=name) for node in (WORKSPACE, APPLICATION)]


def above_applications(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under an organization and a workspace."""
    return [path(node + route, view, name=name) for node in (ORGANIZATION, WORKSPACE)]


urlpatterns: list[URLPattern] = [
    # From everywhere
    path("", home.home, name="home"),
    path("switcher/", switcher.switcher, name="switcher"),
    path("search/", search.search, name="search"),
    path("trash/", trash.index, name="trash"),
    path("trash/<slug:level>/<int:pk>/restore/", trash.restore, name="restore"),
    path("slugs/check/", slugs.check, name="slug-check"),
    # Organizations
    path("organizations/new/", organizations.create, name="organization-create"),
    path(ORGANIZATION, organizations.detail, name="detail"),
    path(f"{ORGANIZATION}logo/", logos.show, name="logo"),
    # Workspaces
    path(f"{ORGANIZATION}workspaces/new/", workspaces.create, name="workspace-create"),
    path(WORKSPACE, workspaces.detail, name="detail"),
    path(f"{WORKSPACE}logo/", logos.show, name="logo"),
    # Applications
    path(f"{WORKSPACE}applications/new/", applications.create, name="application-create"),
    path(APPLICATION, applications.detail, name="detail"),
    # Nodes of every level
    *at_every_level("pin/", nodes.pin, "pin"),
    *at_every_level("unpin/", nodes.unpin, "unpin"),
    *at_every_level("settings/", nodes.edit, "edit"),
    *at_every_level("settings/suspend/", nodes.suspend, "suspend"),
    *at_every_level("settings/resume/", nodes.resume, "resume"),
    *at_every_level("settings/delete/", nodes.delete, "delete"),
    # Transfers
    *below_an_organization("settings/transfer/", transfers.transfer, "transfer"),
    *below_an_organization("settings/transfer/withdraw/", transfers.withdraw, "transfer-withdraw"),
    path("transfers/<int:pk>/", transfers.detail, name="transfer-offer"),
    path("transfers/<int:pk>/accept/", transfers.accept, name="transfer-accept"),
    path("transfers/<int:pk>/decline/", transfers.decline, name="transfer-decline"),
    # Joining without an invitation
    path(f"{ORGANIZATION}join/", joining.join, name="join"),
    path(f"{ORGANIZATION}join/now/", joining.join_now, name="join-now"),
    path(f"{ORGANIZATION}settings/joining/", joining.edit, name="joining"),
    path(f"{DOMAINS}add/", email_domains.add, name="email-domain-add"),
    path(f"{DOMAINS}<int:pk>/", email_domains.edit, name="email-domain-edit"),
    path(f"{DOMAINS}<int:pk>/verify/", email_domains.verify, name="email-domain-verify"),
    path(f"{DOMAINS}<int:pk>/remove/", email_domains.remove, name="email-domain-remove"),
    path(
        f"{ORGANIZATION}settings/joining/blocked/<int:pk>/unblock/",
        joining.unblock,
        name="blocked-person-unblock",
    ),
    # Access requests
    *at_every_level("requests/ask/", access_requests.ask, "access-request-ask"),
    *at_every_level(
        "requests/<int:pk>/approve/", access_requests.approve, "access-request-approve"
    ),
    *at_every_level(
        "requests/<int:pk>/decline/", access_requests.decline, "access-request-decline"
    ),
    *at_every_level("requests/<int:pk>/block/", access_requests.block, "access-request-block"),
    path("requests/<int:pk>/withdraw/", access_requests.withdraw, name="access-request-withdraw"),
    # Settings
    *at_every_level("settings/<slug:group>/", settings.change, "settings"),
    # Trusted origins
    path(f"{APPLICATION}origins/", trusted_origins.index, name="trusted-origin-index"),
    path(f"{APPLICATION}origins/add/", trusted_origins.add, name="trusted-origin-add"),
    path(f"{APPLICATION}origins/<int:pk>/", trusted_origins.edit, name="trusted-origin-edit"),
    path(
        f"{APPLICATION}origins/<int:pk>/remove/",
        trusted_origins.remove,
        name="trusted-origin-remove",
    ),
    # Memberships
    *at_every_level("members/", memberships.index, "membership-index"),
    *at_every_level("members/selected/", membership_batches.selected, "membership-selected"),
    *at_every_level("members/leave/", memberships.leave, "membership-leave"),
    *at_every_level("members/<int:pk>/role/", memberships.change_role, "membership-change-role"),
    *at_every_level("members/<int:pk>/dates/", memberships.change_dates, "membership-change-dates"),
    *at_every_level("members/<int:pk>/extend/", memberships.extend, "membership-extend"),
    *at_every_level("members/<int:pk>/suspend/", memberships.suspend, "membership-suspend"),
    *at_every_level(
        "members/<int:pk>/reactivate/", memberships.reactivate, "membership-reactivate"
    ),
    *at_every_level("members/<int:pk>/remove/", memberships.remove, "membership-remove"),
    # Ownership
    path(f"{ORGANIZATION}ownership/", ownership.index, name="ownership"),
    path(f"{ORGANIZATION}ownership/offer/", ownership.offer, name="ownership-offer"),
    path(f"{ORGANIZATION}ownership/withdraw/", ownership.withdraw, name="ownership-withdraw"),
    path(
        f"{ORGANIZATION}ownership/recovery/cancel/",
        ownership.cancel_recovery,
        name="ownership-recovery-cancel",
    ),
    path(f"{ORGANIZATION}ownership/successor/", ownership.name_successor, name="successor"),
    path("ownership/<int:pk>/", ownership.detail, name="ownership-offer-detail"),
    path("ownership/<int:pk>/accept/", ownership.accept, name="ownership-offer-accept"),
    path("ownership/<int:pk>/decline/", ownership.decline, name="ownership-offer-decline"),
    # Access
    *at_every_level("access/", views_access.index, "access"),
    *at_every_level("access/view-as/", view_as.start, "view-as"),
    path("view-as/leave/", view_as.leave, name="view-as-leave"),
    # Access reviews
    *above_applications("access/reviews/", access_reviews.index, "access-review-index"),
    *above_applications("access/reviews/start/", access_reviews.start, "access-review-start"),
    *above_applications("access/reviews/<int:pk>/", access_reviews.detail, "access-review-detail"),
    *above_applications("access/reviews/<int:pk>/keep/", access_reviews.keep, "access-review-keep"),
    *above_applications(
        "access/reviews/rows/<int:pk>/change/", access_reviews.change, "access-review-row-change"
    ),
    *above_applications(
        "access/reviews/rows/<int:pk>/remove/", access_reviews.remove, "access-review-row-remove"
    ),
    *above_applications(
        "access/reviews/<int:pk>/finish/", access_reviews.finish, "access-review-finish"
    ),
    *above_applications(
        "access/reviews/<int:pk>/cancel/", access_reviews.cancel, "access-review-cancel"
    ),
    *above_applications(
        "access/reviews/<int:pk>/evidence.<slug:form>",
        access_reviews.download,
        "access-review-evidence",
    ),
    *above_applications(
        "access/reviews/<int:pk>/evidence.<slug:form>.sha256",
        access_reviews.checksum,
        "access-review-checksum",
    ),
    # Roles
    path(f"{ORGANIZATION}roles/", roles.index, name="role-index"),
    path(f"{ORGANIZATION}roles/new/", custom_roles.create, name="custom-role-create"),
    path(f"{ORGANIZATION}roles/<int:pk>/", custom_roles.detail, name="custom-role-detail"),
    path(f"{ORGANIZATION}roles/<int:pk>/edit/", custom_roles.edit, name="custom-role-edit"),
    path(f"{ORGANIZATION}roles/<int:pk>/delete/", custom_roles.delete, name="custom-role-delete"),
    # Activity
    *at_every_level("activity/", audit_events.index, "audit-event-index"),
    *at_every_level("activity/export.<slug:form>", audit_events.export, "audit-event-export"),
    # Accounts
    path("accounts/close/", accounts.close, name="account-close"),
    # Invitations
    *at_every_level("members/invite/", invitations.send, "invitation-send"),
    *at_every_level("members/invite/many/", invitations.send_many, "invitation-send-many"),
    *at_every_level("members/invitations/", invitations.index, "invitation-index"),
    *at_every_level("invitations/<int:pk>/extend/", invitations.extend, "invitation-extend"),
    *at_every_level(
        "invitations/<int:pk>/role/", invitations.change_role, "invitation-change-role"
    ),
    *at_every_level("invitations/<int:pk>/resend/", invitations.resend, "invitation-resend"),
    *at_every_level("invitations/<int:pk>/link/", invitations.copy_link, "invitation-copy-link"),
    *at_every_level("invitations/<int:pk>/revoke/", invitations.revoke, "invitation-revoke"),
    # An invitation, for whom it is for
    path("invitations/<str:token>/", received_invitations.open, name="invitation-open"),
    path("invitation/<int:pk>/", received_invitations.show, name="invitation-show"),
    path("invitation/", received_invitations.detail, name="invitation-detail"),
    path("invitation/accept/", received_invitations.accept, name="invitation-accept"),
    path("invitation/decline/", received_invitations.decline, name="invitation-decline"),
    path("invitation/switch/", received_invitations.switch_account, name="invitation-switch"),
]
