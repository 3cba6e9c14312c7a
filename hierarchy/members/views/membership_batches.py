"""Doing the same to all members that a person has selected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hierarchy import access
from hierarchy.console import lookup
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import Request, ask_password_for_ownership, render
from hierarchy.ids import read_versions
from hierarchy.members.actions import membership_batches
from hierarchy.members.actions.membership_batches import MOST_AT_ONCE, Verb
from hierarchy.members.forms.memberships import RoleForm
from hierarchy.models import AnyRole, EmailDomain, Membership
from hierarchy.roles import VIEW_MEMBER

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


@require_POST
def selected(request: Request, **path: str) -> HttpResponse:
    """Show what would become of each member who is ticked; then do it to all, or to nobody."""
    verb = _verb(request)
    needed = verb.permissions if verb else VIEW_MEMBER
    node = lookup.get_node_with_members(request.user, path, to=needed)
    versions = read_versions(request.POST.getlist("member"))
    members = _members(node, versions)
    if verb is None or not members:
        messages.error(request, _("Select the members first."))
        return redirect(node_url(node, "membership-index"))
    if len(members) > MOST_AT_ONCE:
        sentence = _("Select at most %(most)s members at once.")
        messages.error(request, sentence % {"most": MOST_AT_ONCE})
        return redirect(node_url(node, "membership-index"))
    ask_password_for_ownership(request, node.level, *(member.given_role for member in members))
    is_confirmed = "confirmed" in request.POST
    role = None
    form = None
    if verb is Verb.CHANGE_ROLE:
        roles = access.roles_to_give(request.user, node)
        form = RoleForm(request.POST if is_confirmed else None, roles=roles)
        role = form.cleaned_data["role"] if is_confirmed and form.is_valid() else None
    if role is not None:
        ask_password_for_ownership(request, node.level, role)
    if is_confirmed and (role is not None or verb is not Verb.CHANGE_ROLE):
        outcomes = membership_batches.perform(
            members, verb, by=request.user, versions=versions, role=role
        )
        if not any(outcome.problem for outcome in outcomes):
            messages.success(request, _done(verb, len(outcomes), role))
            return redirect(node_url(node, "membership-index"))
    else:
        outcomes = membership_batches.judge(members, verb, by=request.user)
    beneath = _beneath(node, members)
    return render(
        request,
        "console/memberships/selected.html",
        node=node,
        section="members",
        status=409 if any(outcome.is_stale for outcome in outcomes) else 200,
        verb=verb,
        form=form,
        rows=[(outcome, beneath[outcome.membership.user_id]) for outcome in outcomes],
        fine=[outcome.membership for outcome in outcomes if not outcome.problem],
        keeps_out=verb is Verb.REMOVE and EmailDomain.objects.at(node).automatic().exists(),
        refused=sum(1 for outcome in outcomes if outcome.problem),
        is_undone=is_confirmed and not (form and form.errors),
    )


def _verb(request: Request) -> Verb | None:
    chosen = request.POST.get("verb", "")
    return Verb(chosen) if chosen in Verb.values else None


def _members(node: AnyNode, ids: Collection[int]) -> list[Membership]:
    """Return the members who are selected; 404 if one isn't a member of this node."""
    rows = Membership.objects.at(node).with_nodes().select_related("user")
    members = list(rows.filter(pk__in=ids).order_by("-created_at", "-id"))
    if len(members) != len(ids):
        raise Http404
    return members


def _beneath(node: AnyNode, members: list[Membership]) -> Counter[int]:
    """Return how many memberships beneath the node each person has."""
    people = [member.user_id for member in members]
    rows = Membership.objects.within(node).filter(user__in=people)
    beneath = rows.exclude(pk__in=[member.pk for member in members])
    return Counter(beneath.values_list("user", flat=True))


def _done(verb: Verb, number: int, role: AnyRole | None) -> str:
    sentences = {
        Verb.CHANGE_ROLE: ngettext(
            "%(number)d member now has the role %(role)s.",
            "%(number)d members now have the role %(role)s.",
            number,
        ),
        Verb.SUSPEND: ngettext(
            "%(number)d member has been suspended.",
            "%(number)d members have been suspended.",
            number,
        ),
        Verb.REACTIVATE: ngettext(
            "%(number)d member is active again.", "%(number)d members are active again.", number
        ),
        Verb.REMOVE: ngettext(
            "%(number)d person is no longer a member.",
            "%(number)d people are no longer members.",
            number,
        ),
    }
    return sentences[verb] % {"number": number, "role": role.label if role else ""}
