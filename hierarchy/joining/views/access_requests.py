"""Asking for access, and what those who decide do with a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.versions import sent
from hierarchy import access
from hierarchy.console import lookup
from hierarchy.console.limits import limit
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import (
    Request,
    ask_password_for_ownership,
    attempt,
    attempt_with_message,
    dialog,
    press,
)
from hierarchy.console.views.sent_once import once
from hierarchy.joining.actions import access_requests
from hierarchy.joining.forms.access_requests import AskForm
from hierarchy.members.actions import blocks
from hierarchy.members.forms.memberships import RoleForm
from hierarchy.models import AccessRequest
from hierarchy.refusals import NotAllowed
from hierarchy.roles import VIEW, VIEW_MEMBER, Level, Permission, Role, in_order

if TYPE_CHECKING:
    from hierarchy.models import AnyRole, Membership
    from hierarchy.models.node import AnyNode

# Requests that one person, and all people in one organization, can make: each sends a few mails.
ASKING = {"access_request_ask": "20/h/user,500/d/key"}


@require_POST
@once
def ask(request: Request, **path: str) -> HttpResponse:
    """Ask for a permission that one lacks, as the page that said so offers."""
    node = lookup.get_node(request.user, path, to=VIEW)
    if limited := limit_asking(request, node):
        return limited
    form = AskForm(request.POST)
    if form.is_valid():
        done = _("Your request has been sent. You'll get an e-mail with the answer.")
        attempt_with_message(
            request, lambda: access_requests.ask(node, by=request.user, **form.cleaned_data), done
        )
    else:
        messages.error(request, _("That request couldn't be read. Go back and send it again."))
    return redirect(node_url(node))


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: Request, pk: int, **path: str) -> HttpResponse:
    """Grant what is asked for, with a role that one may hand out."""
    asked = _load(request, pk, path)
    roles = access_requests.roles_to_approve_with(asked, request.user)
    membership = access_requests.membership_of(asked)
    initial = {
        "role": _proposed(roles, membership, asked.node.level),
        "version": access_requests.shown_to_approve(asked, membership),
    }
    form = RoleForm(request.POST or None, roles=roles, initial=initial)
    if form.is_valid():
        role = form.cleaned_data["role"]
        version = form.cleaned_data["version"]
        ask_password_for_ownership(request, asked.level, role)
        approved = attempt(
            form, lambda: access_requests.approve(asked, role, by=request.user, version=version)
        )
        if approved:
            words = {"person": asked.user, "role": approved.role_label}
            messages.success(request, _("%(person)s now has the role %(role)s.") % words)
            return redirect(node_url(asked.node, "membership-index"))
    return dialog(
        request,
        "access_requests/approve",
        asked.node,
        asked=asked,
        title=_("Approve the request from %(person)s") % {"person": asked.user},
        form=form,
        membership=membership,
        differences=[_difference(role, membership, asked) for role in roles],
    )


@require_POST
def decline(request: Request, pk: int, **path: str) -> HttpResponse:
    """Say no."""
    asked = _load(request, pk, path)
    done = _("The request from %(person)s has been declined.") % {"person": asked.user}
    press(request, access_requests.decline, asked, done)
    return redirect(node_url(asked.node, "membership-index"))


@require_http_methods(["GET", "HEAD", "POST"])
def block(request: Request, pk: int, **path: str) -> HttpResponse:
    """Decline, and hear no more of that person in the whole organization."""
    asked = _load(request, pk, path)
    organization = asked.organization
    _require(request, Permission.INVITE_ORGANIZATION_MEMBER, organization)
    if request.method == "POST":
        done = _("%(person)s has been blocked and can no longer ask for access.") % {
            "person": asked.user
        }
        attempt_with_message(
            request,
            lambda: blocks.block(
                organization, asked.user, by=request.user, version=sent(request.POST)
            ),
            done,
        )
        return redirect(node_url(asked.node, "membership-index"))
    title = _("Block %(person)s") % {"person": asked.user}
    shown = blocks.shown_to_block(organization, asked.user)
    return dialog(
        request, "access_requests/block", asked.node, title=title, asked=asked, shown=shown
    )


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take back one's own request."""
    rows = AccessRequest.objects.filter(user=request.user).with_nodes()
    asked = get_object_or_404(rows, pk=pk)
    done = _("Your request has been withdrawn.")
    press(request, access_requests.withdraw, asked, done)
    return redirect("console:home")


def limit_asking(request: Request, node: AnyNode) -> HttpResponse | None:
    """Return the answer to a person who has asked too often, or None."""
    return limit(request, ASKING, key=node.organization.pk)


def _load(request: Request, pk: int, path: dict[str, str]) -> AccessRequest:
    """Return the request on that node, for a person who may answer it; 404 otherwise."""
    node = lookup.get_node(request.user, path, to=VIEW_MEMBER)
    asked = lookup.load(AccessRequest.objects.select_related("user"), pk, at=node)
    _require(request, access_requests.permission_to_decide(asked), node)
    return asked


def _require(request: Request, permission: Permission, node: AnyNode) -> None:
    if permission not in access.held(request.user, node):
        raise NotAllowed(permission, node)


def _proposed(roles: list[AnyRole], membership: Membership | None, level: Level) -> Role | None:
    """Return viewer where that suffices and takes nothing away; else none: someone has to choose.

    Nobody gets more by a click on what was chosen for them.
    """
    suffices = _granted(membership) <= Role.VIEWER.permissions_on(level)
    return Role.VIEWER if suffices and Role.VIEWER in roles else None


def _granted(membership: Membership | None) -> frozenset[Permission]:
    """Return what the role of an answer takes the place of: nothing, where access has ended."""
    return membership.permissions if membership and not membership.has_ended else frozenset()


def _difference(
    role: AnyRole, membership: Membership | None, asked: AccessRequest
) -> dict[str, object]:
    """Return what the person may do by the role and may not yet, and what they lose by it."""
    node = asked.node
    above = access.held(asked.user, node.parent) if node.parent else frozenset()
    had = _granted(membership)
    has = role.permissions_on(node.level)
    return {
        "role": role,
        "gains": in_order(has - access.held(asked.user, node)),
        "loses": in_order(had - has - above),
    }
