"""The addresses of this room's pages, grouped by noun."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from hierarchy.console.addresses import ORGANIZATION, at_every_level
from hierarchy.console.navigation import Page, declare
from hierarchy.console.views.waiting import WaitingList
from hierarchy.console.views.waiting import declare as declare_waiting
from hierarchy.members.views import (
    accounts,
    custom_roles,
    membership_batches,
    memberships,
    ownership,
    roles,
    waiting,
)
from hierarchy.roles import VIEW_MEMBER, Level

ORGANIZATIONS = frozenset({Level.ORGANIZATION})
declare(
    Page(20, "members", "membership-index", _("Members"), "users", VIEW_MEMBER, "m"),
    Page(30, "roles", "role-index", _("Roles"), "shield", VIEW_MEMBER, levels=ORGANIZATIONS),
)
declare_waiting(
    WaitingList(20, "console/home/_ownership.html", waiting.offered, waiting.maybe_offered)
)

urlpatterns: list[URLPattern] = [
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
    # Roles
    path(f"{ORGANIZATION}roles/", roles.index, name="role-index"),
    path(f"{ORGANIZATION}roles/new/", custom_roles.create, name="custom-role-create"),
    path(f"{ORGANIZATION}roles/<int:pk>/", custom_roles.detail, name="custom-role-detail"),
    path(f"{ORGANIZATION}roles/<int:pk>/edit/", custom_roles.edit, name="custom-role-edit"),
    path(f"{ORGANIZATION}roles/<int:pk>/delete/", custom_roles.delete, name="custom-role-delete"),
    # Accounts
    path("accounts/close/", accounts.close, name="account-close"),
]
