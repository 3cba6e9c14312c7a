"""Joining an organization without an invitation, and its settings for that."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hierarchy import access, asking
from hierarchy.console import lookup, paging
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, attempt, press, render
from hierarchy.joining.actions import access_requests, email_domains
from hierarchy.joining.forms.access_requests import JoinForm
from hierarchy.joining.forms.joining import JoiningForm
from hierarchy.joining.views.access_requests import limit_asking
from hierarchy.members.actions import blocks, rules
from hierarchy.models import BlockedPerson, EmailDomain, JoinMode, Membership, Organization
from hierarchy.nodes.actions import nodes
from hierarchy.roles import Permission
from hierarchy.settings.views.settings import changing, tabs


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request, organization: str) -> HttpResponse:
    """Let a person who isn't a member join, or ask to, through a door that is open to them."""
    node = _open_organization(request, organization)
    if Permission.VIEW_ORGANIZATION in access.held(request.user, node):
        return redirect(node_url(node))
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if limited := limit_asking(request, node):
            return limited
        message = form.cleaned_data["message"]
        if attempt(form, lambda: access_requests.ask(node, by=request.user, message=message)):
            messages.success(
                request, _("Your request has been sent. You'll get an e-mail with the answer.")
            )
            return redirect("console:home")
    own = Membership.objects.at(node).filter(user=request.user).first()
    return render(
        request,
        "console/joining/join.html",
        organization=node,
        own=own,
        standing=rules.reason_already_member(own, node)[1]
        if own
        else _("You aren't a member yet."),
        may_ask=own is None or (own.has_ended and own.is_active),
        form=form,
        has_asked=asking.has_asked(request.user, node),
        domain=_ways_in(request, organization).first(),
    )


@require_POST
def join_now(request: Request, organization: str) -> HttpResponse:
    """Come in by one's verified address."""
    domain = _ways_in(request, organization).first()
    if domain is None:
        raise Http404
    node = domain.organization
    role = domain.role_label.lower()
    done = _("Welcome to %(node)s: your role here is %(role)s.") % {"node": node, "role": role}
    if press(request, email_domains.join, domain, done):
        return redirect(node_url(node))
    return redirect("console:home")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, organization: str) -> HttpResponse:
    """Say whether people may ask to join; list who is blocked from asking."""
    changes = request.method == "POST"
    to = Permission.CHANGE_ORGANIZATION if changes else Permission.VIEW_ORGANIZATION_SETTINGS
    node = lookup.get_organization(request.user, organization, to=to)
    shown = nodes.shown_to_edit(node, nodes.JOINING)
    form = JoiningForm(request.POST if changes else None, initial=shown.values | {"version": shown})
    if form.is_valid():
        edited = attempt(form, lambda: nodes.edit(node, by=request.user, **form.cleaned_data))
        if edited is not None:
            messages.success(request, _told(node, edited))
            return redirect(node_url(edited, "joining"))
    blocked = BlockedPerson.objects.none()  # they were members, or wanted to be
    if Permission.VIEW_ORGANIZATION_MEMBER in access.held(request.user, node):
        blocked = BlockedPerson.objects.filter(organization=node)
        blocked = blocked.select_related("user", "blocked_by")
    domains = EmailDomain.objects.filter(organization=node)
    return render(
        request,
        "console/joining/edit.html",
        node=node,
        section="settings",
        tabs=tabs(node, "joining"),
        form=form,
        **changing(request, node),
        join_url=settings.BASE_URL + node_url(node, "join"),
        domains=paging.page(request, domains, by=("domain", "id"), parameter="domains"),
        is_owner=not access.lacking_to_own(request.user, node),
        blocked=paging.page(request, blocked, by=paging.NEWEST, parameter="blocked"),
    )


@require_POST
def unblock(request: Request, pk: int, organization: str) -> HttpResponse:
    """Let a person ask again."""
    to = Permission.INVITE_ORGANIZATION_MEMBER
    node = lookup.get_organization(request.user, organization, to=to)
    rows = BlockedPerson.objects.filter(organization=node).select_related("user", "organization")
    blocked = get_object_or_404(rows, pk=pk)
    done = _("%(person)s can ask again.") % {"person": blocked.user}
    press(request, blocks.unblock, blocked, done)
    return redirect(node_url(node, "joining"))


def _open_organization(request: Request, slug: str) -> Organization:
    """Return the organization for members, or for anyone while its door is open.

    Otherwise 404, as for one that does not exist; Moved when the slug is a former one. Someone
    blocked is told so when they ask.
    """
    node = Organization.objects.alive().filter(slug=slug).first()
    found = node or lookup.formerly(slug)
    if found is None:
        raise Http404
    is_member = Permission.VIEW_ORGANIZATION in access.held(request.user, found)
    if not (is_member or access_requests.is_open_to(request.user, found)):
        raise Http404
    if node is None:
        raise lookup.Moved(found)
    return node


def _ways_in(request: Request, slug: str) -> QuerySet[EmailDomain]:
    """Return the domains by which the person may join the organization without being asked for."""
    rows = EmailDomain.objects.open_to(request.user).filter(mode=JoinMode.AUTOMATIC)
    found = rows.filter(organization__slug=slug, organization__deleted_at=None)
    return found.select_related("organization")


def _told(before: Organization, after: Organization) -> str:
    """Return in words what a saved form has changed."""
    sentences = []
    if before.may_ask_to_join != after.may_ask_to_join:
        opened = _("People can now ask to join.")
        closed = _("People can no longer ask to join.")
        sentences.append(opened if after.may_ask_to_join else closed)
    if before.allowed_domains != after.allowed_domains:
        domains = ", ".join(after.allowed_domains)
        only = _("Only addresses at these domains can be invited now: %(domains)s.")
        anybody = _("Addresses at any domain can be invited now.")
        sentences.append(only % {"domains": domains} if domains else anybody)
    return " ".join(sentences) or _("There were no changes to save.")
