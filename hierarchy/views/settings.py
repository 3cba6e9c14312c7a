"""The settings of a node in three groups: what holds, where it comes from, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hierarchy import access, addressing, remedies
from hierarchy.actions import settings
from hierarchy.effective_settings import effective_settings, own_values
from hierarchy.forms.settings import SettingsForm
from hierarchy.ids import version_of
from hierarchy.navigation import node_url
from hierarchy.refusals import Stale
from hierarchy.roles import CHANGE, VIEW_SETTINGS, Level, Permission
from hierarchy.setting_definitions import SETTINGS, Group, Json, settings_of
from hierarchy.views.pages import Request, attempt, rebase, render

if TYPE_CHECKING:
    from hierarchy.models.node import AnyNode


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, group: str, **path: str) -> HttpResponse:
    """Show a group of settings; set some of them here, let others be inherited again."""
    if group not in Group:
        raise Http404
    to = CHANGE if request.method == "POST" else VIEW_SETTINGS
    node = addressing.get_node(request.user, path, to=to)
    form = _form(request, node, Group(group))
    if form.is_valid():
        try:
            changes = attempt(form, lambda: _save(node, Group(group), form, request.user))
        except Stale as stale:
            return _page(request, node, Group(group), form, stale)
        if changes is not None:
            messages.success(request, _told(node, changes))
            return redirect(node_url(node, "settings", group=group))
    return _page(request, node, Group(group), form)


def changing(
    request: Request, node: AnyNode, permission: Permission | None = None
) -> dict[str, Any]:
    """Return whether the person may change the node as it stands, and what they lack for it.

    It takes `permission`, the one to change the node unless another is given, and its guards.
    """
    held = access.held(request.user, node)
    needed = [permission or CHANGE[node.level], *access.guards(node)]
    lacking = [each for each in needed if each not in held]
    if node.suspended_by is not None or not lacking:
        return {"may_edit": not lacking and node.suspended_by is None}
    return {"may_edit": False, "missing": remedies.missing(request, lacking[0], node)}


def tabs(node: AnyNode, current: str) -> list[tuple[str, str, bool]]:
    """Return the tabs of all settings pages: what describes the node, then the groups."""
    groups = [
        (str(group.label), node_url(node, "settings", group=group.value), group.value == current)
        for group in Group
    ]
    found = [(_("General"), node_url(node, "edit"), current == "edit"), *groups]
    if node.level is Level.ORGANIZATION:
        found.append((_("Joining"), node_url(node, "joining"), current == "joining"))
    return found


def _form(request: Request, node: AnyNode, group: Group) -> SettingsForm:
    held = access.held(request.user, node)
    locked = {
        setting.key
        for setting in settings_of(group)
        if setting.permission is not None and setting.permission not in held
    }
    return SettingsForm(
        request.POST or None,
        group=group,
        effective=effective_settings(node),
        locked=frozenset(locked),
        is_top=node.parent is None,
        initial={"version": version_of(own_values(node, group))},
    )


def _save(node: AnyNode, group: Group, form: SettingsForm, by: Any) -> dict[str, list[Any]]:
    version = form.cleaned_data["version"]
    return settings.change(node, group, form.values(), by=by, version=version)


def _told(node: AnyNode, changes: dict[str, list[Any]]) -> str:
    """Return in words what has been changed, with the values that hold now."""
    effective = effective_settings(node)
    sentences = []
    for key, (_before, after) in changes.items():
        words = {"setting": SETTINGS[key].label, "value": effective[key].display}
        if after is None:
            sentences.append(_("%(setting)s is inherited again: %(value)s.") % words)
        else:
            sentences.append(_("%(setting)s changed to %(value)s.") % words)
    return " ".join(sentences) or _("Nothing was different, so nothing has changed.")


def _page(
    request: Request,
    node: AnyNode,
    group: Group,
    form: SettingsForm,
    stale: Stale | None = None,
) -> HttpResponse:
    """Show the form; after somebody else's save, with both versions, and theirs as its base."""
    versions = []
    if stale is not None:
        rebase(form, version_of(stale.current))
        versions = _versions(form.values(), stale.current)
    return render(
        request,
        "console/settings/change.html",
        node=node,
        section="settings",
        status=409 if stale else 200,
        form=form,
        stale=stale,
        versions=versions,
        group=group,
        tabs=tabs(node, group.value),
        **changing(request, node),
    )


def _versions(mine: dict[str, Json | None], stored: dict[str, Json]) -> list[tuple[Any, str, str]]:
    """Return (label, mine, stored) of the settings on which the two disagree."""
    return [
        (SETTINGS[key].label, _display(key, value), _display(key, stored.get(key)))
        for key, value in mine.items()
        if value != stored.get(key)
    ]


def _display(key: str, value: Json | None) -> str:
    return _("Inherited") if value is None else SETTINGS[key].display(value)
