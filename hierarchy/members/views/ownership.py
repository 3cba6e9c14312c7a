"""Handing an organization over, and what the member says to whom it is offered."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hierarchy.console import lookup
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import (
    Request,
    ask_password_again,
    attempt,
    press,
    render,
    shown_offer,
    tell_closed,
)
from hierarchy.console.views.sent_once import once
from hierarchy.members.actions import ownership, ownership_recoveries
from hierarchy.members.forms.ownership import OfferForm, SuccessorForm
from hierarchy.models import Membership, Organization, OwnershipOffer
from hierarchy.refusals import Refused
from hierarchy.roles import TRANSFER

MOST_OWNERS = 50


@require_safe
def index(request: Request, organization: str) -> HttpResponse:
    """Show who owns the organization, who comes next, and what is offered to whom."""
    return _page(request, _load(request, organization))


@require_POST
@once
def offer(request: Request, organization: str) -> HttpResponse:
    """Offer ownership to a member."""
    node = _load(request, organization)
    ask_password_again(request)
    form = OfferForm(request.POST, prefix="offer")
    if form.is_valid():
        email = form.cleaned_data["email"]
        becomes = form.cleaned_data["becomes"]
        made = attempt(form, lambda: _offer(request, node, email, becomes))
        if made is not None:
            done = _(
                "%(person)s has been asked to become an owner. Nothing changes until they accept."
            )
            messages.success(request, done % {"person": made.user})
            return redirect(node_url(node, "ownership"))
    return _page(request, node, offer_form=form)


@require_POST
def withdraw(request: Request, organization: str) -> HttpResponse:
    """Take the open offer back."""
    node = _load(request, organization)
    offer = shown_offer(request, OwnershipOffer.objects.filter(organization=node))
    done = _("The offer has been withdrawn.")
    press(request, ownership.withdraw, offer, done)
    return redirect(node_url(node, "ownership"))


@require_POST
def name_successor(request: Request, organization: str) -> HttpResponse:
    """Say who comes next."""
    node = _load(request, organization)
    form = SuccessorForm(request.POST, prefix="successor")
    if form.is_valid():
        email = form.cleaned_data["email"]
        version = form.cleaned_data["version"]
        named = attempt(form, lambda: _name(request, node, email, version))
        if named is not None:
            words = {"person": named.successor}
            done = (
                _("%(person)s is now the successor.")
                if named.successor
                else _("There is no successor now.")
            )
            messages.success(request, done % words)
            return redirect(node_url(node, "ownership"))
    return _page(request, node, successor_form=form)


@require_POST
def cancel_recovery(request: Request, organization: str) -> HttpResponse:
    """Object, as an owner who is back, to what staff have announced."""
    node = _load(request, organization)
    recovery = ownership_recoveries.running(node)
    if recovery is None:
        raise Http404
    done = _("The recovery has been cancelled. Nothing else has changed.")
    press(request, ownership_recoveries.cancel, recovery, done)
    return redirect(node_url(node, "ownership"))


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """Show the member what is offered to them."""
    own = _load_own(request, pk)
    if not own.is_pending:
        return tell_closed(request, own)
    return render(request, "console/ownership/detail.html", offer=own)


@require_POST
def accept(request: Request, pk: int) -> HttpResponse:
    """Become an owner."""
    own = _load_own(request, pk)
    ask_password_again(request)
    done = _("You're now an owner of %(node)s.") % {"node": own.organization.name}
    press(request, ownership.accept, own, done)
    return redirect("console:home")


@require_POST
def decline(request: Request, pk: int) -> HttpResponse:
    """Stay what one is."""
    own = _load_own(request, pk)
    done = _("You've declined. Nothing has changed.")
    press(request, ownership.decline, own, done)
    return redirect("console:home")


def _load(request: Request, organization: str) -> Organization:
    """Return the organization, for who may hand it over, and sees among whom to choose."""
    path = {"organization": organization}
    return cast("Organization", lookup.get_node_with_members(request.user, path, to=TRANSFER))


def _load_own(request: Request, pk: int) -> OwnershipOffer:
    """Return an offer to the person, open or not; it doesn't exist for anyone else."""
    return get_object_or_404(ownership.offered_to(request.user), pk=pk)


def _offer(request: Request, node: Organization, email: str, becomes: object) -> OwnershipOffer:
    member = _candidate(node, email)
    return ownership.offer(node, member.user, by=request.user, becomes=becomes)  # type: ignore[arg-type]


def _name(request: Request, node: Organization, email: str, version: str) -> Organization:
    user = _candidate(node, email).user if email else None
    return ownership.name_successor(node, user, by=request.user, version=version)


def _candidate(node: Organization, email: str) -> Membership:
    rows = ownership.candidates(node).select_related("user")
    found: Membership | None = rows.filter(user__email=email).first()
    if found is None:
        sentence = _("No member here has that address, or they're already an owner.")
        raise Refused("no_candidate", sentence, field="email")
    return found


def _page(
    request: Request,
    node: Organization,
    *,
    offer_form: OfferForm | None = None,
    successor_form: SuccessorForm | None = None,
    **context: Any,
) -> HttpResponse:
    owners = Membership.objects.effective_owners().filter(organization=node)
    successor = ownership.successor(node)
    named = {"email": successor.email if successor else "", "version": node.shown_successor}
    return render(
        request,
        "console/ownership/index.html",
        node=node,
        section="settings",
        successor=successor,
        owners=[row.user for row in owners.select_related("user").order_by("id")[:MOST_OWNERS]],
        open_offer=OwnershipOffer.objects.pending()
        .filter(organization=node)
        .select_related("user", "offered_by")
        .first(),
        recovery=ownership_recoveries.running(node),
        offer_form=offer_form or OfferForm(prefix="offer"),
        successor_form=successor_form or SuccessorForm(prefix="successor", initial=named),
        **context,
    )
