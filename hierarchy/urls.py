"""The console's addresses, grouped by noun. One name serves all levels: see `at_every_level`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from hierarchy.views import (
    accounts,
    audit_events,
    invitations,
    memberships,
    received_invitations,
    roles,
)

app_name = "console"

ORGANIZATION = "o/<slug:organization>/"
WORKSPACE = f"{ORGANIZATION}w/<slug:workspace>/"
APPLICATION = f"{WORKSPACE}a/<slug:application>/<slug:environment>/"


def at_every_level(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the same page under an organization, a workspace and an application.

    `reverse` picks the address by the slugs it is given (`navigation.node_url`).
    """
    return [path(node + route, view, name=name) for node in (ORGANIZATION, WORKSPACE, APPLICATION)]


urlpatterns: list[URLPattern] = [
    # Memberships
    *at_every_level("members/", memberships.index, "membership-index"),
    *at_every_level("members/leave/", memberships.leave, "membership-leave"),
    *at_every_level("members/<int:pk>/role/", memberships.change_role, "membership-change-role"),
    *at_every_level("members/<int:pk>/suspend/", memberships.suspend, "membership-suspend"),
    *at_every_level(
        "members/<int:pk>/reactivate/", memberships.reactivate, "membership-reactivate"
    ),
    *at_every_level("members/<int:pk>/remove/", memberships.remove, "membership-remove"),
    # Roles
    path(f"{ORGANIZATION}roles/", roles.index, name="role-index"),
    # Activity
    *at_every_level("activity/", audit_events.index, "audit-event-index"),
    *at_every_level("activity/export.<slug:form>", audit_events.export, "audit-event-export"),
    # Accounts
    path("accounts/close/", accounts.close, name="account-close"),
    # Invitations
    *at_every_level("members/invite/", invitations.send, "invitation-send"),
    *at_every_level("invitations/<int:pk>/resend/", invitations.resend, "invitation-resend"),
    *at_every_level("invitations/<int:pk>/link/", invitations.copy_link, "invitation-copy-link"),
    *at_every_level("invitations/<int:pk>/revoke/", invitations.revoke, "invitation-revoke"),
    # An invitation, for whom it is for
    path("invitations/<str:token>/", received_invitations.open, name="invitation-open"),
    path("invitation/", received_invitations.detail, name="invitation-detail"),
    path("invitation/accept/", received_invitations.accept, name="invitation-accept"),
    path("invitation/decline/", received_invitations.decline, name="invitation-decline"),
    path("invitation/switch/", received_invitations.switch_account, name="invitation-switch"),
]
