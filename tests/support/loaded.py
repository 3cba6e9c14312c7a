"""A browser that has loaded each page an instant before it sends the form on it.

What a form says of the version that its page has shown is added to what a test sends, unless the
test says it itself: `version=None` leaves it out.
"""

from urllib.parse import urlsplit

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.forms import SHOWN_IN_PROFILE
from accounts.models import User
from config.versions import Shown
from hierarchy.access import NODES
from hierarchy.effective_settings import ShownSettings
from hierarchy.ids import read_id
from hierarchy.joining.actions import access_requests
from hierarchy.joining.views.received_invitations import TOKEN_HASH
from hierarchy.members.actions import accounts, blocks, ownership_recoveries
from hierarchy.models import (
    AccessRequest,
    AccessReview,
    AccessReviewRow,
    BlockedPerson,
    CustomRole,
    EmailDomain,
    Invitation,
    Membership,
    OwnershipOffer,
    Transfer,
    TrustedOrigin,
)
from hierarchy.nodes.actions import nodes, transfers
from hierarchy.reviews.actions import access_reviews
from hierarchy.roles import Level
from hierarchy.staff.admin.base import HierarchyAdmin

TICKED = {"member": Membership, "row": AccessReviewRow}


class Browser(Client):
    def post(self, path, data=None, *args, **kwargs):
        if isinstance(data, dict | None) and "content_type" not in kwargs:
            data = self.with_version(path, dict(data or {}))
        return super().post(path, data, *args, **kwargs)

    def with_version(self, path, data):
        try:
            match = resolve(urlsplit(path).path)
        except Resolver404:
            return data
        is_admin = match.app_name == "admin"
        find = _in_admin if is_admin else SHOWN.get(match.url_name)
        name = "successor-version" if match.url_name == "successor" else "version"
        if find and name not in data:
            shown = find(Page(self, match, data))
            if shown:
                data[name] = str(shown)
        for name, model in TICKED.items():
            if name in data:
                data[name] = [_ticked(model, text) for text in _listed(data[name])]
        if is_admin and "_selected_action" in data:
            data["_selected_action"] = [
                text if ":" in str(text) else _selected(match, text)
                for text in _listed(data["_selected_action"])
            ]
        return {name: value for name, value in data.items() if value is not None}


class Page:
    """The page that the form at an address stands on."""

    def __init__(self, client, match, data):
        self.client = client
        self.name = match.url_name
        self.data = data
        self.values = match.kwargs

    def row(self, model):
        return model.objects.filter(pk=self.values.get("pk")).first()

    @property
    def user(self):
        return User.objects.filter(pk=self.client.session.get("_auth_user_id")).first() or (
            AnonymousUser()
        )

    @property
    def node(self):
        level = [level for level in Level if level in self.values][-1]
        names = {
            part: self.values[part]
            for part in ("organization", "workspace", "application")
            if part in self.values
        }
        slugs = {f"{part}__slug": slug for part, slug in names.items() if part != level}
        more = {"environment": self.values["environment"]} if "environment" in self.values else {}
        rows = NODES[level].objects.with_parents()
        return rows.filter(slug=names[level], **slugs, **more).first()

    @property
    def invitation(self):
        return Invitation.objects.filter(token_hash=self.client.session.get(TOKEN_HASH)).first()


def of(model, name="shown"):
    """Return what finds what is shown of the row of the model that an address names."""

    def find(page):
        row = page.row(model)
        return row and getattr(row, name)

    return find


def _offer(model):
    def find(page):
        chosen = page.data.get("offer")
        rows = model.objects.filter(pk=chosen) if chosen else model.objects.filter(state="pending")
        row = rows.first()
        return row and row.shown

    return find


def _approve(page):
    asked = page.row(AccessRequest)
    return asked and access_requests.shown_to_approve(asked, access_requests.membership_of(asked))


def _block(page):
    asked = page.row(AccessRequest)
    return asked and blocks.shown_to_block(asked.organization, asked.user)


def _of_membership(name):
    def find(page):
        row = page.row(AccessReviewRow)
        member = row and Membership.objects.filter(pk=row.membership_id).first()
        return member and getattr(member, name)

    return find


def _end_of_review(page):
    review = page.row(AccessReview)
    return review and access_reviews.shown_to_end(review)


def _leave(page):
    node = page.node
    own = node and Membership.objects.at(node).filter(user=page.user.pk).first()
    return own and own.shown


def _offer_of_node(page):
    node = page.node
    if "confirmation" not in page.data or node is None:
        return None
    address = str(page.data.get("place", "")).strip("/").lower()
    return transfers.shown_to_offer(node, address)


def _accept_transfer(page):
    offer = Transfer.objects.filter(pk=page.values["pk"]).with_nodes().first()
    if offer is None:
        return None
    chosen = offer.to_organization.workspaces.filter(slug=page.data.get("workspace", "")).first()
    place = offer.to_workspace or (chosen if offer.application else offer.to_organization)
    return place and transfers.shown_to_accept(offer, place)


def _recovery(page):
    node = page.node
    running = node and ownership_recoveries.running(node)
    return running and running.shown


def _join_now(page):
    rows = EmailDomain.objects.filter(organization__slug=page.values["organization"])
    row = rows.filter(mode="automatic").order_by("pk").first()
    return row and row.shown_door


def _node(find):
    return lambda page: page.node and find(page.node)


# By the name of an address.
SHOWN = {
    "profile": lambda page: page.user.pk and Shown(page.user, *SHOWN_IN_PROFILE),
    "edit": _node(nodes.shown_to_edit),
    "joining": _node(lambda node: nodes.shown_to_edit(node, nodes.JOINING)),
    "settings": lambda page: page.node and ShownSettings(page.node, page.values["group"]),
    "suspend": _node(lambda node: node.shown),
    "resume": _node(lambda node: node.shown),
    "delete": _node(lambda node: node.shown),
    "restore": lambda page: page.values["level"] in NODES and of(NODES[page.values["level"]])(page),
    "transfer": _offer_of_node,
    "transfer-withdraw": _offer(Transfer),
    "transfer-accept": _accept_transfer,
    "transfer-decline": of(Transfer),
    "successor": _node(lambda node: node.shown_successor),
    "ownership-withdraw": _offer(OwnershipOffer),
    "ownership-recovery-cancel": _recovery,
    "ownership-offer-accept": of(OwnershipOffer),
    "ownership-offer-decline": of(OwnershipOffer),
    "membership-change-role": of(Membership, "shown_role"),
    "membership-change-dates": of(Membership, "shown_dates"),
    "membership-extend": of(Membership),
    "membership-suspend": of(Membership),
    "membership-reactivate": of(Membership),
    "membership-remove": of(Membership),
    "membership-leave": _leave,
    "custom-role-edit": of(CustomRole),
    "custom-role-delete": of(CustomRole),
    "email-domain-edit": of(EmailDomain, "shown_door"),
    "email-domain-verify": of(EmailDomain),
    "email-domain-remove": of(EmailDomain),
    "join-now": _join_now,
    "blocked-person-unblock": of(BlockedPerson),
    "trusted-origin-edit": of(TrustedOrigin),
    "trusted-origin-remove": of(TrustedOrigin),
    "access-request-approve": _approve,
    "access-request-decline": of(AccessRequest),
    "access-request-withdraw": of(AccessRequest),
    "access-request-block": _block,
    "access-review-row-change": _of_membership("shown_role"),
    "access-review-row-remove": _of_membership("shown"),
    "access-review-finish": _end_of_review,
    "access-review-cancel": _end_of_review,
    "invitation-extend": of(Invitation),
    "invitation-change-role": of(Invitation, "shown_role"),
    "invitation-resend": of(Invitation),
    "invitation-copy-link": of(Invitation),
    "invitation-revoke": of(Invitation),
    "invitation-accept": lambda page: page.invitation and page.invitation.shown_offer,
    "invitation-decline": lambda page: page.invitation and page.invitation.shown_offer,
    "account-close": lambda page: page.user.pk and accounts.shown_to_close(page.user),
}


def _in_admin(page):
    """Return what the page of a button shows; forms that are filled in have it from their page."""
    model_admin, verb = _registered(page.name)
    row = (
        model_admin
        and model_admin.model._default_manager.filter(pk=page.values.get("object_id")).first()
    )
    if row is None or verb in ("change", "changelist", "add", "history"):
        return None
    is_button = verb in getattr(model_admin, "actions_detail", ())
    is_deleted = verb == "delete" and not isinstance(model_admin, HierarchyAdmin)
    if (is_button or is_deleted) and hasattr(model_admin, "shown"):
        return model_admin.shown(row)
    return None


def _registered(name):
    for model, model_admin in admin.site._registry.items():
        start = f"{model._meta.app_label}_{model._meta.model_name}_"
        if name and name.startswith(start):
            return model_admin, name.removeprefix(start)
    return None, ""


def _selected(match, text):
    model_admin, _verb = _registered(match.url_name)
    if not model_admin or not model_admin.actions or read_id(str(text)) is None:
        return text  # of a list without boxes
    row = model_admin.model._default_manager.filter(pk=text).first()
    return f"{text}:{model_admin.shown(row)}" if row else text


def _ticked(model, text):
    if read_id(str(text)) is None:
        return text
    row = model.objects.filter(pk=text).first()
    if isinstance(row, AccessReviewRow):
        row = Membership.objects.filter(pk=row.membership_id).first()
    return f"{text}:{row.shown}" if row else text


def _listed(values):
    if isinstance(values, QueryDict | list | tuple | set):
        return list(values)
    return [values]
