"""The addresses of this room's pages, grouped by noun."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from hierarchy.console.addresses import ORGANIZATION, at_every_level
from hierarchy.console.views.waiting import WaitingList
from hierarchy.console.views.waiting import declare as declare_waiting
from hierarchy.joining.views import (
    access_requests,
    email_domains,
    invitations,
    joining,
    received_invitations,
    waiting,
)
from hierarchy.roles import Level
from hierarchy.settings.views.settings import declare_tab

declare_tab("joining", _("Joining"), frozenset({Level.ORGANIZATION}))
declare_waiting(
    WaitingList(10, "console/home/_offers.html", waiting.offers, waiting.maybe_offers),
    WaitingList(40, "console/home/_joinable.html", waiting.domains, waiting.maybe_domains),
    WaitingList(50, "console/home/_requests.html", waiting.answerable, waiting.maybe_answerable),
    WaitingList(70, "console/home/_asked.html", waiting.asked, waiting.maybe_asked),
)

DOMAINS = f"{ORGANIZATION}settings/joining/domains/"

urlpatterns: list[URLPattern] = [
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
