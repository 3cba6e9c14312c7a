"""Handing a workspace or an application over, and taking one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hierarchy import access, fates, visible
from hierarchy.console import lookup
from hierarchy.console.forms.nodes import ConfirmationForm
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
from hierarchy.models import Organization, Transfer, Workspace
from hierarchy.nodes import transfer_effects
from hierarchy.nodes.actions import slugs, transfers
from hierarchy.nodes.forms.transfers import AcceptForm, OfferForm
from hierarchy.refusals import NotAllowed
from hierarchy.roles import TRANSFER, VIEW, VIEW_MEMBER, Level, Permission

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models import Application
    from hierarchy.models.node import AnyNode


MOST_NEAR = 100
OFFER = ("to_organization", "to_workspace__organization", "offered_by")

# --- The side that offers ------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@once
def transfer(request: Request, **path: str) -> HttpResponse:
    """Offer the node to another place, after showing what that ends."""
    node = cast("Workspace | Application", lookup.get_node(request.user, path, to=TRANSFER))
    ask_password_again(request)
    form = OfferForm(request.POST or None, level=node.level, workspaces=_near(request, node))
    place = _place(request, form) if form.is_valid() else None
    if place is not None:
        if not isinstance(place, str):
            attempt(form, lambda: transfers.refuse_place(node, place))
        if form.is_valid():
            return _confirm(request, node, place)
    offer = Transfer.objects.at(node).pending().select_related(*OFFER).with_nodes().first()
    may_accept = offer and transfers.open_for(request.user).filter(pk=offer.pk).exists()
    if offer and offer.offered_by == request.user:
        may_accept = may_accept and transfers.may_accept_own(offer, request.user)
    return render(
        request,
        "console/transfers/index.html",
        node=node,
        section="settings",
        form=form,
        offer=offer,
        lapsed=transfers.reason_it_lapsed(offer) if offer else "",
        may_accept=may_accept,
        **_effects(
            request,
            node,
            None if offer is None or offer.leads_nowhere else offer.place,
            leaves=offer is not None and offer.leaves,
        ),
    )


def _confirm(
    request: Request, node: Workspace | Application, place: Organization | Workspace | str
) -> HttpResponse:
    """Offer the node once its name was typed, beside what the offer would lead to.

    Who doesn't see the place reads the address that they gave, and not how it is called, nor
    whether there is one.
    """
    there = None if isinstance(place, str) else place
    address = place if isinstance(place, str) else "/".join(place.slugs.values())
    called = address
    if there is not None and VIEW[there.level] in access.held(request.user, there):
        called = there.name
    typed = request.POST if "confirmation" in request.POST else None
    shown = transfers.shown_to_offer(node, place)
    form = ConfirmationForm(typed, name=node.name, initial={"version": shown})
    if form.is_valid():
        version = form.cleaned_data["version"]
        made = attempt(form, lambda: _offer(node, place, request.user, version))
        if made is not None:
            done = _(
                "%(node)s has been offered to %(place)s. Nothing changes until the offer is"
                " accepted."
            )
            messages.success(request, done % {"node": node.name, "place": called})
            return redirect(node_url(node, "transfer"))
    return render(
        request,
        "console/transfers/confirm.html",
        node=node,
        section="settings",
        form=form,
        called=called,
        address=address,
        **_effects(request, node, there, leaves=there is None),
    )


def _offer(
    node: Workspace | Application,
    place: Organization | Workspace | str,
    by: User,
    version: str,
) -> Transfer:
    if isinstance(place, str):
        return transfers.offer_to_nobody(node, place, by=by, version=version)
    return transfers.offer(node, place, by=by, version=version)


def _near(request: Request, node: AnyNode) -> list[Workspace]:
    """Return the other workspaces of the organization, where an application may go at once."""
    if node.level is not Level.APPLICATION:
        return []
    seen = visible.workspaces_for(request.user).filter(organization=node.organization.pk)
    others = seen.exclude(pk=node.path[1].pk).select_related("organization")
    return list(others.order_by("name", "pk")[:MOST_NEAR])


def _effects(
    request: Request, node: AnyNode, place: AnyNode | None, *, leaves: bool
) -> dict[str, Any]:
    """Return what an offer would lead to; whether it leaves is open while nothing is chosen."""
    leaves = leaves or node.level is Level.WORKSPACE
    if place is not None:
        leaves = leaves or place.organization != node.organization
    return {
        "leaves": leaves if leaves or place is not None else None,
        "losing": transfer_effects.losing(node, place),
        "may_see_members": VIEW_MEMBER[node.level] in access.held(request.user, node),
        "ending": fates.foretold(node),
    }


@require_POST
def withdraw(request: Request, **path: str) -> HttpResponse:
    """Take the open offer back."""
    node = lookup.get_node(request.user, path, to=TRANSFER)
    offer = shown_offer(request, Transfer.objects.at(node))
    done = _("The offer has been withdrawn.")
    press(request, transfers.withdraw, offer, done)
    return redirect(node_url(node, "transfer"))


def _place(request: Request, form: OfferForm) -> Organization | Workspace | str | None:
    """Return what the address names, or the address of an organization that can't be offered to.

    Whether there is one, or a workspace, is only told to who sees it.
    """
    names = dict(zip(Level, form.cleaned_data["place"], strict=False))
    if Level.WORKSPACE not in names:
        slug = names[Level.ORGANIZATION]
        found = Organization.objects.alive().filter(slug=slug).first()
        is_seen = found and VIEW[found.level] in access.held(request.user, found)
        if found is None or (found.suspended_at and not is_seen):
            return str(slug)
        return found
    try:
        place = lookup.get_node(request.user, names, to=VIEW)
    except (Http404, NotAllowed, lookup.Moved):
        sentence = _(
            "You can't see a workspace at that address. Enter only the organization's"
            " address: the person who accepts then chooses the workspace."
        )
        form.add_error("place", sentence)
        return None
    return place  # type: ignore[return-value]


# --- The side that takes -------------------------------------------------------------------------


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """Show what is offered, and what taking it over changes."""
    offer = _load(request, pk)
    if not offer.is_pending:
        return tell_closed(request, offer)
    place, problem = _destination(request, offer, request.GET.get("workspace", ""))
    return _page(request, offer, place, problem=problem)


@require_POST
def accept(request: Request, pk: int) -> HttpResponse:
    """Take the node over."""
    offer = _load(request, pk)
    if not offer.is_pending:
        return tell_closed(request, offer)
    ask_password_again(request)
    place, problem = _destination(request, offer, request.POST.get("workspace", ""))
    if place is None:
        return _page(request, offer, None, problem=problem)
    form = _form(request, offer, place)
    if form.is_valid():
        chosen = place if isinstance(place, Workspace) else None
        moved = attempt(
            form,
            lambda: transfers.accept(
                offer,
                by=request.user,
                keep=form.keep,
                slug=form.cleaned_data["slug"],
                version=form.cleaned_data["version"],
                workspace=chosen,
            ),
        )
        if moved is not None:
            done = _("%(node)s now belongs to %(place)s.")
            messages.success(request, done % {"node": moved.name, "place": place.name})
            return redirect(node_url(moved))
    form.look_again(transfers.shown_to_accept(offer, place))
    return _page(request, offer, place, form=form)


@require_POST
def decline(request: Request, pk: int) -> HttpResponse:
    """Leave the node where it is."""
    offer = _load(request, pk)
    done = _("You've declined. Nothing has changed.")
    press(request, transfers.decline, offer, done)
    return redirect("console:home")


def _load(request: Request, pk: int) -> Transfer:
    return get_object_or_404(transfers.offered_to(request.user), pk=pk)


def _destination(request: Request, offer: Transfer, slug: str) -> tuple[AnyNode | None, str]:
    """Return where the node would go, None while that is to be chosen, and what was wrong."""
    if offer.level is Level.WORKSPACE or offer.to_workspace is not None:
        return offer.place, ""
    if not slug:
        return None, ""
    seen = visible.workspaces_for(request.user, to=Permission.ADD_APPLICATION)
    found = seen.filter(organization=offer.to_organization, slug=slug.strip().lower()).first()
    return found, "" if found else _(
        "There's no workspace with that slug that you can add applications to."
    )


def _form(request: Request, offer: Transfer, place: AnyNode) -> AcceptForm:
    node = offer.node
    scope = slugs.scope_under(node, place)
    initial = {
        "slug": slugs.suggest(node.slug, scope, besides=node),
        "version": transfers.shown_to_accept(offer, place),
        "workspace": place.slug,
    }
    may_keep = transfer_effects.may_keep(request.user, place)
    return AcceptForm(
        request.POST or None,
        initial=initial,
        members=transfer_effects.to_choose(node, place, request.user),
        refusal="" if may_keep else transfers.reason_to_keep_nobody(place),
    )


def _page(
    request: Request,
    offer: Transfer,
    place: AnyNode | None,
    *,
    form: AcceptForm | None = None,
    problem: str = "",
) -> HttpResponse:
    node = offer.node
    may_see_members = False
    may_keep = False
    if place is not None:
        form = form or _form(request, offer, place)
        may_see_members = VIEW_MEMBER[place.level] in access.held(request.user, place)
        may_keep = transfer_effects.may_keep(request.user, place)
    return render(
        request,
        "console/transfers/detail.html",
        offer=offer,
        moving=node,
        home=node.parent if offer.organization == offer.to_organization else offer.organization,
        place=place,
        problem=problem,
        form=form,
        lapsed=transfers.reason_it_lapsed(offer),
        own_offer=transfers.reason_not_to_accept_own(offer, request.user),
        gaining=transfer_effects.gaining(node, place) if place and may_see_members else None,
        blocked=transfer_effects.blocked(node, place) if place and may_keep else None,
        staying=transfer_effects.staying_behind(node, place) if place and may_keep else 0,
        changed=transfer_effects.changed_settings(node, place) if place else [],
    )
