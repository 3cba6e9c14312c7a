"""What members do with invitations: send, send again, copy the link, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hierarchy import access
from hierarchy.actions import invitations
from hierarchy.forms.invitations import InvitationForm
from hierarchy.models import Invitation
from hierarchy.navigation import node_url
from hierarchy.refusals import NotAllowed, Refused
from hierarchy.roles import INVITE_MEMBER
from hierarchy.views.pages import Request, attempt, attempt_with_message, go, render_dialog

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

# Mails that one person, and one organization, can cause.
SENDING = {"invitation_send": "50/h/user,500/d/key"}


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: Request, **path: str) -> HttpResponse:
    """Offer a role on the node to an e-mail address."""
    node = access.get_node(request.user, path, to=INVITE_MEMBER)
    roles = access.roles_to_give(request.user, node)
    form = InvitationForm(request.POST or None, roles=roles)
    if form.is_valid():
        if limited := _limit(request, node):
            return limited
        sent = attempt(form, lambda: invitations.send(node, by=request.user, **form.cleaned_data))
        if sent:
            done = _("%(email)s is invited as %(role)s.")
            messages.success(request, done % {"email": sent.email, "role": sent.role_label.lower()})
            return go(request, node_url(node, "membership-index"))
    title = _("Invite to %(node)s") % {"node": node.name}
    return _dialog(request, "send", node, title=title, form=form, action_url=request.path)


@require_POST
def resend(request: Request, pk: int, **path: str) -> HttpResponse:
    """Send a new link; the old one is dead."""
    invitation = _load(request, pk, path)
    if limited := _limit(request, invitation.node):
        return limited
    done = _("%(email)s gets a new link. The old one is dead.") % {"email": invitation.email}
    attempt_with_message(request, lambda: invitations.resend(invitation, by=request.user), done)
    return go(request, node_url(invitation.node, "membership-index"))


@require_POST
def copy_link(request: Request, pk: int, **path: str) -> HttpResponse:
    """Show a new link, this once; the old one is dead."""
    invitation = _load(request, pk, path)
    node = invitation.node
    try:
        link = invitations.copy_link(invitation, by=request.user)
    except NotAllowed:
        raise
    except Refused as refused:
        messages.error(request, refused.sentence)
        return go(request, node_url(node, "membership-index"))
    invitation.refresh_from_db(fields=["proves_address", "expires_at"])
    title = _("Link for %(email)s") % {"email": invitation.email}
    return _dialog(request, "copy_link", node, title=title, link=link, invitation=invitation)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: Request, pk: int, **path: str) -> HttpResponse:
    """Take an open invitation back."""
    invitation = _load(request, pk, path)
    node = invitation.node
    if request.method == "POST":
        done = _("The invitation of %(email)s is revoked.") % {"email": invitation.email}
        attempt_with_message(request, lambda: invitations.revoke(invitation, by=request.user), done)
        return go(request, node_url(node, "membership-index"))
    title = _("Revoke the invitation of %(email)s") % {"email": invitation.email}
    return _dialog(
        request, "revoke", node, title=title, invitation=invitation, action_url=request.path
    )


def _load(request: Request, pk: int, path: dict[str, str]) -> Invitation:
    """Return the invitation of that node, for somebody who may invite there; 404 otherwise."""
    node = access.get_node(request.user, path, to=INVITE_MEMBER)
    rows = Invitation.objects.at(node).with_nodes().select_related("mail")
    return get_object_or_404(rows, pk=pk)  # type: ignore[no-any-return]


def _limit(request: Request, node: AnyNode) -> HttpResponse | None:
    """Return the answer to somebody who has caused too many mails, or None."""
    return ratelimit.consume_or_429(  # type: ignore[no-any-return]
        request, action="invitation_send", config=SENDING, key=str(node.path[0].pk)
    )


def _dialog(request: Request, name: str, node: AnyNode, **context: Any) -> HttpResponse:
    return render_dialog(
        request,
        f"console/invitations/_{name}.html",
        node=node,
        section="members",
        members_url=node_url(node, "membership-index"),
        **context,
    )
