"""Pages to see members and change their roles, dates and status."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hierarchy import access, asking, dates, visible
from hierarchy.console import lookup, paging
from hierarchy.console.existence import exist
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import (
    OfButton,
    Request,
    ask_password_for_ownership,
    attempt,
    dialog,
    press,
    render,
)
from hierarchy.members.actions import blocks, memberships, owners, pending
from hierarchy.members.forms.memberships import DatesForm, MemberFilterForm, RoleForm
from hierarchy.members.views.member_rows import (
    MemberRow,
    filtered,
    inherited,
    invitation_rows,
    may_block,
    member_rows,
)
from hierarchy.models import (
    AccessRequest,
    AnyRole,
    Invitation,
    Membership,
    State,
)
from hierarchy.roles import (
    CHANGE_MEMBER,
    REMOVE_MEMBER,
    VIEW,
    VIEW_MEMBER,
    ByLevel,
    Level,
    in_order,
)

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


@require_safe
def index(request: Request, **path: str) -> HttpResponse:
    """List the members of the node, those that it inherits, and who is invited."""
    node = lookup.get_node(request.user, path, to=VIEW_MEMBER)
    filters = MemberFilterForm(request.GET)
    filters.is_valid()
    own = filtered(Membership.objects.at(node), filters).select_related("invited_by")
    members = paging.page(request, own, by=paging.NEWEST)
    invited, requests = _waiting(request, node)
    rows = member_rows(request.user, node, members.rows)
    return render(
        request,
        "console/memberships/index.html",
        node=node,
        section="members",
        filters=filters,
        is_filtered=any(filters.cleaned_data.values()),
        members=members,
        rows=rows,
        may_select=_may_select(request, node, members, rows),
        inherited=[inherited(request.user, above, node, filters) for above in node.path[:-1]],
        requests=requests,
        may_block=may_block(request.user, node),
        invited=invited,
        invitation_rows=invitation_rows(request.user, node, invited.rows),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_role(request: Request, pk: int, **path: str) -> HttpResponse:
    """Give the member another role."""
    membership = _load(request, pk, path, to=CHANGE_MEMBER)
    node = membership.node
    roles = access.roles_to_give(request.user, membership.node)
    initial = {"role": membership.given_role, "version": membership.shown_role}
    form = RoleForm(request.POST or None, roles=roles, initial=initial)
    if form.is_valid():
        role = form.cleaned_data["role"]
        version = form.cleaned_data["version"]
        ask_password_for_owners(request, membership, role)
        changed = attempt(
            form,
            lambda: memberships.change_role(membership, role, by=request.user, version=version),
        )
        if changed:
            words = {"person": membership.user, "role": role.label}
            messages.success(request, _("%(person)s now has the role %(role)s.") % words)
            return redirect(node_url(node, "membership-index"))
    return dialog(
        request,
        "memberships/change_role",
        node,
        title=_("Role of %(person)s") % {"person": membership.user},
        membership=membership,
        form=form,
        differences=[_difference(membership.given_role, role, node.level) for role in roles],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_dates(request: Request, pk: int, **path: str) -> HttpResponse:
    """Let the membership begin later, or end by itself."""
    membership = _load(request, pk, path, to=CHANGE_MEMBER)
    stored = {"starts_at": membership.starts_at, "ends_at": membership.ends_at}
    initial = stored | {"version": membership.shown_dates}
    form = DatesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        ask_password_for_owners(request, membership)
        changed = attempt(
            form,
            lambda: memberships.change_dates(membership, by=request.user, **form.cleaned_data),
        )
        if changed:
            messages.success(request, _told(changed))
            return redirect(node_url(membership.node, "membership-index"))
    title = _("How long %(person)s has access") % {"person": membership.user}
    return dialog(
        request,
        "memberships/change_dates",
        membership.node,
        title=title,
        membership=membership,
        form=form,
    )


@require_POST
def extend(request: Request, pk: int, **path: str) -> HttpResponse:
    """Put the end off by a month, or bring back for a month what has ended."""
    membership = _load(request, pk, path, to=CHANGE_MEMBER)
    ask_password_for_owners(request, membership)
    press(request, memberships.extend, membership, _told)
    return redirect(node_url(membership.node, "membership-index"))


@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: Request, pk: int, **path: str) -> HttpResponse:
    """Take the member's access away until they are reactivated."""
    membership = _load(request, pk, path, to=CHANGE_MEMBER)
    if request.method == "POST":
        ask_password_for_owners(request, membership)
        return _attempt(
            request,
            membership,
            memberships.suspend,
            _("%(person)s is suspended until someone reactivates the membership."),
        )
    title = _("Suspend %(person)s") % {"person": membership.user}
    more = consequences(request.user, membership)
    return dialog(
        request,
        "memberships/suspend",
        membership.node,
        title=title,
        membership=membership,
        **more,
    )


@require_POST
def reactivate(request: Request, pk: int, **path: str) -> HttpResponse:
    """Give a suspended member the access back."""
    membership = _load(request, pk, path, to=CHANGE_MEMBER)
    ask_password_for_owners(request, membership)
    done = _("%(person)s is active again.")
    return _attempt(request, membership, memberships.reactivate, done)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int, **path: str) -> HttpResponse:
    """End the membership and those beneath it."""
    membership = _load(request, pk, path, to=REMOVE_MEMBER)
    if request.method == "POST":
        ask_password_for_owners(request, membership)
        done = _("%(person)s is no longer a member.")
        return _attempt(request, membership, memberships.remove, done)
    title = _("Remove %(person)s") % {"person": membership.user}
    more = consequences_of_removal(request.user, membership)
    return dialog(
        request,
        "memberships/remove",
        membership.node,
        title=title,
        membership=membership,
        **more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: Request, **path: str) -> HttpResponse:
    """End one's own membership."""
    membership = lookup.get_own_membership(request.user, path)
    node = membership.node
    if request.method == "POST":
        done = _("You've left %(node)s.") % {"node": node.name}
        left = press(request, memberships.leave, membership, done)
        return redirect("console:home" if left else _way_back(request, node))
    title = _("Leave %(node)s") % {"node": node.name}
    return dialog(
        request,
        "memberships/leave",
        node,
        title=title,
        back_url=_way_back(request, node),
        membership=membership,
        may_leave=not owners.is_last_owner(membership),
        is_kept_out=blocks.would_gain(membership),
        **consequences(request.user, membership),
    )


def _waiting(
    request: Request, node: AnyNode
) -> tuple[paging.Page[Invitation], paging.Page[AccessRequest]]:
    """Return who is invited to the node, and which requests the person can answer there.

    Mostly there is nothing of either, which one narrow question tells.
    """
    invited = Invitation.objects.at(node).filter(state=State.PENDING)
    asked = AccessRequest.objects.pending().at(node)
    is_invited, may_be_asked = exist(invited, asked)
    invitations = paging.Page[Invitation]([], "")
    requests = paging.Page[AccessRequest]([], "")
    if is_invited:
        rows = invited.select_related("mail")
        invitations = paging.page(request, rows, by=paging.NEWEST, parameter="invited")
    if may_be_asked:
        answerable = asking.requests_to_answer(request.user).at(node)
        requests = paging.page(request, answerable, by=paging.NEWEST, parameter="asked")
    return invitations, requests


# --- Finding -------------------------------------------------------------------------------------


def _load(request: Request, pk: int, path: dict[str, str], *, to: ByLevel) -> Membership:
    """Return the membership of that node, for a person who may do `to` there; 404 otherwise."""
    node = lookup.get_node_with_members(request.user, path, to=to)
    return lookup.load(Membership.objects.select_related("user"), pk, at=node)


def _may_select(
    request: Request, node: AnyNode, members: paging.Page[Membership], rows: list[MemberRow]
) -> bool:
    """Return whether members can be ticked: those of later pages join the first one's form."""
    by_level = (CHANGE_MEMBER[node.level], REMOVE_MEMBER[node.level])
    if node.suspended_by or access.held(request.user, node).isdisjoint(by_level):
        return False
    is_one_of_many = not members.is_all or "after" in request.GET
    return is_one_of_many or sum(row.may_select for row in rows) > 1


# --- Saying what will happen ---------------------------------------------------------------------


def _difference(before: AnyRole, after: AnyRole, level: Level) -> dict[str, object]:
    """Return what a person gains and loses by another role, in the order of the role table."""
    had = before.permissions_on(level)
    has = after.permissions_on(level)
    return {
        "role": after,
        "is_current": before == after,
        "gains": in_order(has - had),
        "loses": in_order(had - has),
    }


class Consequences(TypedDict):
    """Effects of ending or suspending a membership; only a number where they can't be seen."""

    keeps_above: bool
    beneath: list[Membership]
    number: int
    offers: int


class ConsequencesOfRemoval(Consequences):
    is_kept_out: bool


def consequences(viewer: User, membership: Membership) -> Consequences:
    """Return what becomes of what the member has there, as far as `viewer` may look."""
    node = membership.node
    user = membership.user
    beneath = Membership.objects.within(node).filter(user=user).exclude(pk=membership.pk)
    seen = beneath if viewer == user else beneath.filter(visible.paths_for(viewer, VIEW_MEMBER))
    above = access.held(user, node.parent) if node.parent else ()
    return {
        "keeps_above": VIEW[node.level] in above,
        "beneath": list(seen.with_nodes()),
        "number": beneath.count(),
        "offers": pending.count_offers(node, user),
    }


def consequences_of_removal(viewer: User, membership: Membership) -> ConsequencesOfRemoval:
    """Return `consequences`, and whether its person is blocked along with it."""
    is_kept_out = blocks.could_return(membership)
    return {**consequences(viewer, membership), "is_kept_out": is_kept_out}


def ask_password_for_owners(request: Request, membership: Membership, *roles: AnyRole) -> None:
    """Interrupt for the password before an owner is touched, or made by one of `roles`."""
    ask_password_for_ownership(request, membership.level, membership.given_role, *roles)


def _told(membership: Membership) -> str:
    if membership.ends_at is None:
        return _("%(person)s now has access with no end date.") % {"person": membership.user}
    until = dates.in_words(membership.ends_at)
    words = {"person": membership.user, "until": until}
    return _("%(person)s has access until %(until)s.") % words


def _attempt(
    request: Request, membership: Membership, action: OfButton[Membership, object], done: str
) -> HttpResponse:
    press(request, action, membership, done % {"person": membership.user})
    return redirect(node_url(membership.node, "membership-index"))


def _way_back(request: Request, node: AnyNode) -> str:
    """Return the address of what the person sees of the node, whose access may be at rest."""
    held = access.held(request.user, node)
    if VIEW[node.level] not in held:
        return reverse("console:home")
    return node_url(node, "membership-index" if VIEW_MEMBER[node.level] in held else "detail")
