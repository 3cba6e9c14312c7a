"""Pages where members send invitations, send them again, copy the link and revoke them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.emails import in_full, searched
from config.versions import sent
from hierarchy import access, dates
from hierarchy.console import lookup, paging
from hierarchy.console.limits import limit
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import (
    Request,
    ask_password_for_ownership,
    attempt,
    dialog,
    press,
    render,
)
from hierarchy.console.views.sent_once import once
from hierarchy.joining.actions import invitation_batches, invitation_limits, invitations
from hierarchy.joining.forms import addresses
from hierarchy.joining.forms.invitations import (
    ExtensionForm,
    InvitationBatchForm,
    InvitationFilterForm,
    InvitationForm,
)
from hierarchy.members.forms.memberships import RoleForm
from hierarchy.members.views.member_rows import invitation_rows
from hierarchy.models import CustomRole, Invitation, State
from hierarchy.refusals import NotAllowed, Refused, Stale
from hierarchy.roles import BUILT_IN, INVITE_MEMBER, VIEW_MEMBER

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

# How often one person can send. How many mails an organization may cause is for the action to say.
SENDING = {"invitation_send": "50/h/user"}


@require_http_methods(["GET", "HEAD", "POST"])
@once
def send(request: Request, **path: str) -> HttpResponse:
    """Offer a role on the node to an e-mail address."""
    node = lookup.get_node(request.user, path, to=INVITE_MEMBER)
    roles = access.roles_to_give(request.user, node)
    initial = {"email": request.GET.get("email", "")}
    form = InvitationForm(request.POST or None, roles=roles, initial=initial)
    if form.is_valid():
        ask_password_for_ownership(request, node.level, form.cleaned_data["role"])
        if limited := limit(request, SENDING):
            return limited
        sent = attempt(form, lambda: invitations.send(node, by=request.user, **form.cleaned_data))
        if sent:
            done = _("%(email)s has been invited as %(role)s.")
            words = {"email": in_full(sent.email), "role": sent.role_label.lower()}
            messages.success(request, done % words)
            return redirect(_page_of(request, node, "membership-index"))
    title = _("Invite to %(node)s") % {"node": node.name}
    return dialog(
        request,
        "invitations/send",
        node,
        title=title,
        back_url=_back(request, node, "membership-index"),
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@once
def send_many(request: Request, **path: str) -> HttpResponse:
    """Invite many people: show what would become of each address, and then send to all of them."""
    node = lookup.get_node(request.user, path, to=INVITE_MEMBER)
    roles = access.roles_to_give(request.user, node)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    custom = CustomRole.objects.in_use().filter(organization=node.organization)
    form = InvitationBatchForm(*data, roles=roles, known=[*BUILT_IN, *custom])
    if not form.is_valid():
        return _board(request, "send_many", node, form=form)
    offers = form.cleaned_data["offers"]
    if "confirmed" in request.POST and form.is_as_shown:
        offered = [offer.role for offer in offers if offer.role is not None]
        ask_password_for_ownership(request, node.level, *offered)
        if limited := limit(request, SENDING):
            return limited
        facts = {name: form.cleaned_data[name] for name in ("ends_at", "message", "days")}
        sent = attempt(
            form, lambda: invitation_batches.send(node, offers, by=request.user, **facts)
        )
        if sent is not None:
            done = ngettext(
                "%(number)d person has been invited.",
                "%(number)d people have been invited.",
                len(sent),
            )
            messages.success(request, done % {"number": len(sent)})
            return redirect(_page_of(request, node, "invitation-index"))
    judged = invitation_batches.judge(node, offers, by=request.user)
    fine = [each for each in judged if each.is_fine]
    left = invitation_limits.left_today(node.organization)
    return _board(
        request,
        "preview",
        node,
        form=form,
        fine=fine,
        others=[each for each in judged if not each.is_fine],
        addresses=addresses.write(each.offer for each in fine),
        left=left,
        is_beyond_limit=len(fine) > left,
    )


@require_safe
def index(request: Request, **path: str) -> HttpResponse:
    """List the invitations to the node in every state."""
    node = lookup.get_node(request.user, path, to=VIEW_MEMBER)
    filters = InvitationFilterForm(request.GET)
    filters.is_valid()
    rows = Invitation.objects.at(node).select_related("mail", "invited_by")
    page = paging.page(request, _filtered(rows, filters), by=paging.NEWEST)
    return _board(
        request,
        "index",
        node,
        filters=filters,
        is_filtered=any(filters.cleaned_data.values()),
        page=page,
        rows=invitation_rows(request.user, node, page.rows),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: Request, pk: int, **path: str) -> HttpResponse:
    """Let the link be valid for longer."""
    invitation = _load(request, pk, path)
    initial = {"version": invitation.shown}
    form = ExtensionForm(request.POST or None, ends_at=invitation.expires_at, initial=initial)
    if form.is_valid():
        _ask_password(request, invitation)
        extended = attempt(
            form, lambda: invitations.extend(invitation, by=request.user, **form.cleaned_data)
        )
        if extended is not None:
            until = dates.in_words(extended.expires_at)
            words = {"email": extended.email, "until": until}
            messages.success(request, _("%(email)s can answer until %(until)s.") % words)
            return redirect(_back(request, invitation.node, "invitation-index"))
    title = _("Extend the invitation for %(email)s") % {"email": invitation.email}
    return _dialog(request, "extend", invitation, title=title, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def change_role(request: Request, pk: int, **path: str) -> HttpResponse:
    """Offer another role by the same link."""
    invitation = _load(request, pk, path)
    node = invitation.node
    roles = access.roles_to_give(request.user, node)
    initial = {"role": invitation.given_role, "version": invitation.shown_role}
    form = RoleForm(request.POST or None, roles=roles, initial=initial)
    if form.is_valid():
        role = form.cleaned_data["role"]
        version = form.cleaned_data["version"]
        ask_password_for_ownership(request, node.level, role)
        changed = attempt(
            form,
            lambda: invitations.change_role(invitation, role, by=request.user, version=version),
        )
        if changed:
            words = {"email": changed.email, "role": changed.role_label.lower()}
            messages.success(request, _("%(email)s is now invited as %(role)s.") % words)
            return redirect(_back(request, node, "invitation-index"))
    title = _("Role offered to %(email)s") % {"email": invitation.email}
    return _dialog(request, "change_role", invitation, title=title, form=form)


@require_POST
def resend(request: Request, pk: int, **path: str) -> HttpResponse:
    """Send a new link; the old one is dead."""
    invitation = _load(request, pk, path)
    _ask_password(request, invitation)
    if limited := limit(request, SENDING):
        return limited
    done = _("A new link is on its way to %(email)s. The old one no longer works.") % {
        "email": invitation.email
    }
    press(request, invitations.resend, invitation, done)
    return redirect(_back(request, invitation.node, "membership-index"))


@require_POST
def copy_link(request: Request, pk: int, **path: str) -> HttpResponse:
    """Show a new link, this once; the old one is dead."""
    invitation = _load(request, pk, path)
    _ask_password(request, invitation)
    node = invitation.node
    try:
        link = invitations.copy_link(invitation, by=request.user, version=sent(request.POST))
    except (NotAllowed, Stale):
        raise
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect(_back(request, node, "membership-index"))
    invitation.refresh_from_db(fields=["proves_address", "expires_at"])
    title = _("Link for %(email)s") % {"email": invitation.email}
    return _dialog(request, "copy_link", invitation, title=title, link=link)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: Request, pk: int, **path: str) -> HttpResponse:
    """Take an open invitation back."""
    invitation = _load(request, pk, path)
    node = invitation.node
    if request.method == "POST":
        done = _("The invitation for %(email)s has been revoked.") % {"email": invitation.email}
        press(request, invitations.revoke, invitation, done)
        return redirect(_back(request, node, "membership-index"))
    title = _("Revoke the invitation for %(email)s") % {"email": invitation.email}
    return _dialog(request, "revoke", invitation, title=title)


def _dialog(
    request: Request, verb: str, invitation: Invitation, *, title: str, **context: Any
) -> HttpResponse:
    """Render the dialog of a verb about an invitation."""
    return dialog(
        request,
        f"invitations/{verb}",
        invitation.node,
        title=title,
        back_url=_back(request, invitation.node, "membership-index"),
        invitation=invitation,
        **context,
    )


def _load(request: Request, pk: int, path: dict[str, str]) -> Invitation:
    """Return the invitation of that node, for a person who may invite there; 404 otherwise.

    A person who may not list members finds only their own: the list has others' addresses.
    """
    node = lookup.get_node(request.user, path, to=INVITE_MEMBER)
    rows = Invitation.objects.select_related("mail")
    if not _sees_members(request, node):
        rows = rows.filter(invited_by=request.user)
    return lookup.load(rows, pk, at=node)


def _ask_password(request: Request, invitation: Invitation) -> None:
    """Interrupt for the password before an offer of ownership is renewed, by who could make it."""
    if invitation.permissions <= access.held(request.user, invitation.node):
        ask_password_for_ownership(request, invitation.level, invitation.given_role)


def _back(request: Request, node: AnyNode, name: str) -> str:
    """Return the page that the person came from, with its filters, or else that of the node."""
    path = request.GET.get("next", "")
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return path
    return _page_of(request, node, name)


def _page_of(request: Request, node: AnyNode, name: str) -> str:
    """Return the page of that name, which lists people; for who may not see them the overview."""
    return node_url(node, name if _sees_members(request, node) else "detail")


def _sees_members(request: Request, node: AnyNode) -> bool:
    return VIEW_MEMBER[node.level] in access.held(request.user, node)


def _board(request: Request, name: str, node: AnyNode, **context: Any) -> HttpResponse:
    return render(
        request, f"console/invitations/{name}.html", node=node, section="members", **context
    )


def _filtered(rows: QuerySet[Invitation], filters: InvitationFilterForm) -> QuerySet[Invitation]:
    """Narrow `rows` to what is searched for; a pending one whose time is over has expired."""
    query = filters.cleaned_data.get("q", "")
    state = filters.cleaned_data.get("state")
    if query:
        rows = rows.filter(email__startswith=searched(query))
    now = timezone.now()
    if state == State.PENDING:
        rows = rows.filter(state=State.PENDING, expires_at__gt=now)
    elif state == State.EXPIRED:
        over = Q(state=State.PENDING, expires_at__lte=now)
        rows = rows.filter(Q(state=State.EXPIRED) | over)
    elif state:
        rows = rows.filter(state=state)
    return rows
