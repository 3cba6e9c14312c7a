"""Pages for an invited person: the offer behind the link in the e-mail, to accept or decline.

The link's token goes from the address into the session at once, so it can't leak from there into
titles, histories and logs of other sites. Opening the link decides nothing: mail scanners do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.adapter import AFTER_SIGN_IN, INVITED_EMAIL, VERIFIED_EMAIL, forget_sign_up
from config.versions import sent
from hierarchy.console.limits import limit
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import ask_password_for_ownership
from hierarchy.joining.actions import invitations
from hierarchy.models import Invitation
from hierarchy.refusals import Refused, Stale

if TYPE_CHECKING:
    from hierarchy.console.views.pages import Request

GUESSING = {"invitation_open": "20/m/ip,100/d/ip"}
# What the session holds: the hash of the token.
TOKEN_HASH: Final = "invitation_token_hash"  # noqa: S105 - a name


@require_safe
def show(request: Request, pk: int) -> HttpResponse:
    """Open one of the person's own invitations, as its link would."""
    invitation = get_object_or_404(invitations.open_for(request.user), pk=pk)
    request.session[TOKEN_HASH] = invitation.token_hash
    return redirect("console:invitation-detail")


@require_safe
@login_not_required
def open(request: HttpRequest, token: str) -> HttpResponse:  # noqa: A001 - the verb
    """Move the token out of the address into the session."""
    invitation = invitations.find(token)
    if invitation is None:
        if limited := limit(request, GUESSING, even_reading=True):
            return _private(limited)
        raise Http404
    request.session[TOKEN_HASH] = invitation.token_hash
    response = _private(redirect("console:invitation-detail"))
    # Here alone: from a page with this policy browsers send forms as from nowhere ("Origin: null"),
    # which the protection against forged requests refuses.
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@login_not_required
def detail(request: HttpRequest) -> HttpResponse:
    """Show who invites whom to what, as what, until when."""
    invitation = _current(request)
    is_addressed = invitations.is_addressed_to(request.user, invitation)
    if not _is_open(invitation):
        forget_sign_up(request)
        context = _closed(invitation) if is_addressed else {}
        return _private(render(request, "console/invitations/closed.html", context))
    if not request.user.is_authenticated:
        _prepare_sign_up(request, invitation)
    return _show(request, invitation)


@require_POST
@login_not_required
def accept(request: HttpRequest) -> HttpResponse:
    """Become a member, once."""
    invitation = _current(request)
    if not _is_open(invitation) or not request.user.is_authenticated:
        return redirect("console:invitation-detail")
    ask_password_for_ownership(request, invitation.level, invitation.given_role)
    try:
        membership = invitations.accept(invitation, by=request.user, version=sent(request.POST))
    except Refused as refused:
        return _refuse(request, invitation, refused)
    _forget(request)
    words = {"node": membership.node.name, "role": membership.role_label.lower()}
    messages.success(request, _("Welcome to %(node)s: your role here is %(role)s.") % words)
    return redirect(node_url(membership.node))


@require_POST
@login_not_required
def decline(request: HttpRequest) -> HttpResponse:
    """Say no."""
    invitation = _current(request)
    if not _is_open(invitation) or not request.user.is_authenticated:
        return redirect("console:invitation-detail")
    try:
        invitations.decline(invitation, by=request.user, version=sent(request.POST))
    except Refused as refused:
        return _refuse(request, invitation, refused)
    _forget(request)
    messages.success(request, _("You've declined the invitation."))
    return redirect("console:home")


@require_POST
@login_not_required
def switch_account(request: HttpRequest) -> HttpResponse:
    """Sign out and come back to the invitation, to sign in with the invited address."""
    token_hash = _current(request).token_hash
    logout(request)
    request.session[TOKEN_HASH] = token_hash
    return redirect("console:invitation-detail")


def _refuse(request: HttpRequest, invitation: Invitation, refused: Refused) -> HttpResponse:
    """Say why an answer was not taken; beside the offer as it is now, if that is another one."""
    if isinstance(refused, Stale):
        return _show(request, invitation, refused)
    messages.error(request, refused.sentence)
    return redirect("console:invitation-detail")


def _show(request: HttpRequest, invitation: Invitation, stale: Stale | None = None) -> HttpResponse:
    """Show what is offered; to a person who has answered another offer, beside that one."""
    if stale is not None:
        invitation = _current(request)
    context = {
        "invitation": invitation,
        "place": invitation.node,
        "kind": invitation.node._meta.verbose_name,
        "role": invitation.given_role,
        "is_addressed": invitations.is_addressed_to(request.user, invitation),
        "stale": stale,
    }
    status = 409 if stale else 200
    return _private(render(request, "console/invitations/detail.html", context, status=status))


def _current(request: HttpRequest) -> Invitation:
    """Return the invitation whose link this session has opened, if the link is still the one."""
    invitation = invitations.find_by_hash(request.session.get(TOKEN_HASH, ""))
    if invitation is None:
        raise Http404
    return invitation


def _is_open(invitation: Invitation) -> bool:
    return invitation.is_pending and not invitation.node.is_deleted


def _closed(invitation: Invitation) -> dict[str, object]:
    """Return what only the invited person is told of an invitation that is over."""
    return {"invitation": invitation, "place": invitation.node}


def _prepare_sign_up(request: HttpRequest, invitation: Invitation) -> None:
    """Let the visitor sign up with the invited address, proved by the link if it came by mail."""
    request.session[INVITED_EMAIL] = invitation.email
    request.session[AFTER_SIGN_IN] = reverse("console:invitation-detail")
    if invitation.proves_address:
        request.session[VERIFIED_EMAIL] = invitation.email
    else:
        request.session.pop(VERIFIED_EMAIL, None)


def _forget(request: HttpRequest) -> None:
    request.session.pop(TOKEN_HASH, None)
    forget_sign_up(request)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
