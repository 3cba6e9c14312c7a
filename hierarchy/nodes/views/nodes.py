"""Pages that organizations, workspaces and applications share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from hierarchy import access, audit
from hierarchy.console import lookup, paging
from hierarchy.console.forms.nodes import ConfirmationForm, EditNodeForm
from hierarchy.console.navigation import node_url
from hierarchy.console.views.pages import (
    Request,
    ask_password_again,
    attempt,
    press,
    render,
)
from hierarchy.models import (
    Application,
    AuditEvent,
    Invitation,
    Membership,
    Organization,
    Pin,
    TrustedOrigin,
    Workspace,
)
from hierarchy.nodes.actions import nodes, pins
from hierarchy.nodes.forms.applications import EditApplicationForm
from hierarchy.nodes.forms.organizations import EditOrganizationForm
from hierarchy.nodes.forms.workspaces import EditWorkspaceForm
from hierarchy.nodes.views.slugs import limit_asking
from hierarchy.roles import CHANGE, DELETE, VIEW, VIEW_MEMBER, VIEW_SETTINGS, Level, Permission
from hierarchy.settings.views.settings import changing, tabs

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode

EDIT_FORMS: Final[dict[Level, type[EditNodeForm]]] = {
    Level.ORGANIZATION: EditOrganizationForm,
    Level.WORKSPACE: EditWorkspaceForm,
    Level.APPLICATION: EditApplicationForm,
}
LATEST_EVENTS = 5


# --- The overview --------------------------------------------------------------------------------


def overview(request: Request, node: AnyNode) -> dict[str, Any]:
    """Return what every overview shows, as far as the person may see it."""
    held = access.held(request.user, node)
    people = Membership.objects.within(node).values("user").distinct()
    return {
        "people": paging.count_up_to(people) if VIEW_MEMBER[node.level] in held else "",
        "events": latest_events(node) if Permission.VIEW_AUDIT_LOG in held else [],
        "is_pinned": Pin.objects.at(node).filter(user=request.user).exists(),
    }


def latest_events(node: AnyNode) -> list[tuple[audit.Told, str, User | None]]:
    """Return what happened recently: the event as it is told, its sentence, and who did it.

    What was only tried is for the page of the activity.
    """
    happened = AuditEvent.objects.within(node).exclude(action=audit.REFUSED)
    events = audit.tell(happened.with_people().order_by("-id")[:LATEST_EVENTS])
    people = User.objects.in_bulk({told.actor_id for told in events if told.actor_id})
    return [(told, told.sentence, people.get(told.actor_id or 0)) for told in events]


@require_POST
def pin(request: Request, **path: str) -> HttpResponse:
    """Keep the node at the top of one's switcher."""
    node = lookup.get_node(request.user, path, to=VIEW)
    pins.pin(node, by=request.user)
    messages.success(request, _("%(node)s is pinned.") % {"node": node.name})
    return redirect(node_url(node))


@require_POST
def unpin(request: Request, **path: str) -> HttpResponse:
    """Let the node stand among the others again."""
    node = lookup.get_node(request.user, path, to=VIEW)
    pins.unpin(node, by=request.user)
    messages.success(request, _("%(node)s is no longer pinned.") % {"node": node.name})
    return redirect(node_url(node))


# --- General settings ----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, **path: str) -> HttpResponse:
    """Change name, slug, and whatever else describes the node."""
    to = CHANGE if request.method == "POST" else VIEW_SETTINGS
    node = lookup.get_node(request.user, path, to=to)
    form = EDIT_FORMS[node.level](
        request.POST or None, request.FILES or None, place=node.slugs, initial=_initial(node)
    )
    if form.is_valid():
        if node.level is Level.ORGANIZATION and (limited := limit_asking(request)):
            return limited
        edited = attempt(form, lambda: _save(node, form, request.user))
        if edited is not None:
            messages.success(request, _told(form, node, edited))
            return redirect(node_url(edited, "edit"))
    return _edit_page(request, node, form)


def _initial(node: AnyNode) -> dict[str, Any]:
    shown = nodes.shown_to_edit(node)
    return shown.values | {"version": shown}


def _save(node: AnyNode, form: EditNodeForm, by: User) -> AnyNode:
    return nodes.edit(node, by=by, version=form.cleaned_data["version"], **form.changes())


def _told(form: EditNodeForm, before: AnyNode, after: AnyNode) -> str:
    """Return in words what a saved form has changed."""
    sentences = []
    for name in form.changes():
        if getattr(before, name) != getattr(after, name):
            value = _shown(after, name, getattr(after, name))
            sentence = _("%(field)s changed to %(value)s.") if value else _("%(field)s removed.")
            sentences.append(sentence % {"field": form.fields[name].label, "value": value})
    return " ".join(sentences) or _("There were no changes to save.")


def _shown(node: AnyNode, name: str, value: object) -> str:
    """Return a value of the field as people read it."""
    if name == "logo":
        return _("a new picture") if value else ""
    choices = node._meta.get_field(name).flatchoices  # type: ignore[union-attr]
    return str(dict(choices).get(value, value))


def _edit_page(request: Request, node: AnyNode, form: EditNodeForm) -> HttpResponse:
    return render(
        request,
        "console/nodes/edit.html",
        node=node,
        section="settings",
        form=form,
        tabs=tabs(node, "edit"),
        **changing(request, node),
        losses=losses(node) if DELETE[node.level] in access.held(request.user, node) else [],
    )


# --- Danger zone ---------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: Request, **path: str) -> HttpResponse:
    """Stop the node and everything beneath it, after the name was typed."""
    node = lookup.get_node(request.user, path, to=DELETE)
    ask_password_again(request)
    form = ConfirmationForm(request.POST or None, name=node.name, initial={"version": node.shown})
    if form.is_valid() and _attempt(request, form, node, nodes.suspend):
        messages.success(request, _("%(node)s has been suspended.") % {"node": node.name})
        return redirect(node_url(node))
    return _danger_page(request, "console/nodes/suspend.html", node, form)


@require_POST
def resume(request: Request, **path: str) -> HttpResponse:
    """Undo a suspension."""
    node = lookup.get_node(request.user, path, to=DELETE)
    done = _("%(node)s has been resumed.") % {"node": node.name}
    press(request, nodes.resume, node, done)
    return redirect(node_url(node, "edit"))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, **path: str) -> HttpResponse:
    """Put the node into the trash, after the name was typed."""
    node = lookup.get_node(request.user, path, to=DELETE)
    ask_password_again(request)
    form = ConfirmationForm(request.POST or None, name=node.name, initial={"version": node.shown})
    if form.is_valid() and _attempt(request, form, node, nodes.delete):
        done = _("%(node)s has been deleted. It can be restored from the trash for %(days)s days.")
        messages.success(request, done % {"node": node.name, "days": settings.TRASH_DAYS})
        return _to_parent(request, node)
    return _danger_page(request, "console/nodes/delete.html", node, form)


def _attempt(
    request: Request, form: ConfirmationForm, node: AnyNode, action: Callable[..., AnyNode]
) -> bool:
    version = form.cleaned_data["version"]
    done = attempt(form, lambda: action(node, by=request.user, version=version))
    return done is not None


def losses(node: AnyNode) -> list[str]:
    """Return in numbers what becomes unreachable with the node, and who loses access."""
    rows: list[tuple[Any, Any]] = []
    if isinstance(node, Organization):
        rows.append((WORKSPACES, Workspace.objects.alive().filter(organization=node)))
    if not isinstance(node, Application):
        beneath = {node.level.value: node}
        rows.append((APPLICATIONS, Application.objects.alive().filter(**beneath)))
    rows.append((MEMBERS, Membership.objects.within(node).values("user").distinct()))
    rows.append((INVITATIONS, Invitation.objects.within(node).pending()))
    rows.append((ORIGINS, TrustedOrigin.objects.within(node)))
    counted = [(words, paging.number_up_to(found)) for words, found in rows]
    return [_said(words, count) for words, count in counted if count]


WORKSPACES = ngettext_lazy("%(number)s workspace", "%(number)s workspaces", "count")
APPLICATIONS = ngettext_lazy("%(number)s application", "%(number)s applications", "count")
MEMBERS = ngettext_lazy("%(number)s member", "%(number)s members", "count")
INVITATIONS = ngettext_lazy("%(number)s invitation", "%(number)s invitations", "count")
ORIGINS = ngettext_lazy("%(number)s trusted origin", "%(number)s trusted origins", "count")


def _said(words: Any, count: int) -> str:
    return str(words % {"count": count, "number": paging.in_words(count)})


def _danger_page(
    request: Request, template: str, node: AnyNode, form: ConfirmationForm
) -> HttpResponse:
    return render(request, template, node=node, section="settings", form=form, losses=losses(node))


def _to_parent(request: Request, node: AnyNode) -> HttpResponse:
    parent = node.parent
    if parent is not None and VIEW[parent.level] in access.held(request.user, parent):
        return redirect(node_url(parent))
    return redirect("console:home")
